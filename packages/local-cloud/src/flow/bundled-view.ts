import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

/** A file of the flow view, as a browser receives it. */
export interface ViewFile {
  type: string;
  content: string;
}

/** The paths of the page's files. */
export const VIEW_FILES = ['/_local/', '/_local/flow/main.js', '/_local/flow/main.css'] as const;

const folder = new URL('../../flow-view/', import.meta.url);

/**
 * Bundles the page of `flow-view/`.
 * @returns its files by their paths
 * @throws {Error} if the page does not compile; the message contains the reasons
 */
export async function bundleView(): Promise<ReadonlyMap<string, ViewFile>> {
  // Loaded here, so that a start does not wait for the bundler.
  const { build } = await import('esbuild');
  const { outputFiles } = await build({
    bundle: true,
    minify: true,
    write: false,
    logLevel: 'silent',
    platform: 'browser',
    target: 'es2022',
    format: 'esm',
    jsx: 'automatic',
    jsxImportSource: 'preact',
    entryPoints: [fileURLToPath(new URL('main.tsx', folder))],
    outdir: 'flow',
  });
  const text = (extension: string): string =>
    outputFiles.find(({ path }) => path.endsWith(extension))?.text ?? '';
  const [page, script, style] = VIEW_FILES;
  return new Map([
    [page, { type: 'text/html', content: await readFile(new URL('index.html', folder), 'utf8') }],
    [script, { type: 'text/javascript', content: text('.js') }],
    [style, { type: 'text/css', content: text('.css') }],
  ]);
}
