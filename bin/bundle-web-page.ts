import { cp, rm } from 'node:fs/promises';
import path from 'node:path';
import { build } from 'esbuild';

/**
 * Bundles the web page of `web/` into `outDir`: `index.html`, and the `main.js` and `main.css` that
 * it refers to. The folder holds nothing else, because all of it is deployed. Runs in the
 * repository's top folder, as `cdk` and `npm start` do.
 * @throws if the page does not compile; the message says why
 */
export async function bundleWebPage(outDir: string): Promise<void> {
  await rm(outDir, { recursive: true, force: true });
  await build({
    bundle: true,
    minify: true,
    logLevel: 'silent',
    platform: 'browser',
    target: 'es2022',
    format: 'esm',
    jsx: 'automatic',
    jsxImportSource: 'preact',
    entryPoints: [
      { in: path.join('web', 'main.tsx'), out: 'main' },
      { in: path.join('web', 'style.css'), out: 'main' },
    ],
    outdir: outDir,
  });
  await cp(path.join('web', 'index.html'), path.join(outDir, 'index.html'));
}
