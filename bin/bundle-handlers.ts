import { readdirSync } from 'node:fs';
import path from 'node:path';
import { type BuildOptions, build } from 'esbuild';

/** Returns the names of the handlers: each TypeScript file at the top of `lambdas/` is one. */
export function handlerNames(): string[] {
  const files = readdirSync('lambdas').filter((file) => file.endsWith('.ts'));
  return files.map((file) => path.parse(file).name).sort();
}

/**
 * The options of a bundle: an ES module with all its dependencies. These include the AWS SDK, so
 * that the local cloud and AWS run the same version.
 */
export const bundling: BuildOptions = {
  bundle: true,
  minify: true,
  sourcemap: true,
  // A stack trace needs names and lines. With the sources, the map would be ten times the size of
  // the code.
  sourcesContent: false,
  logLevel: 'silent',
  platform: 'node',
  target: 'node20',
  format: 'esm',
  mainFields: ['module', 'main'],
  // Some dependencies are CommonJS, and `require` does not exist in an ES module.
  banner: {
    js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
  },
};

/**
 * Bundles each handler into `<outDir>/<name>/<name>.mjs`, with its source map beside it. Runs in
 * the repository's top folder, as `cdk` and `npm start` do.
 * @throws if a handler does not compile; the message says why
 */
export async function bundleHandlers(outDir: string): Promise<void> {
  await build({
    ...bundling,
    entryPoints: handlerNames().map((name) => path.join('lambdas', `${name}.ts`)),
    outdir: outDir,
    entryNames: '[name]/[name]',
    outExtension: { '.js': '.mjs' },
  });
}
