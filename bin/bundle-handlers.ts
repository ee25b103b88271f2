import path from 'node:path';
import { buildSync } from 'esbuild';

const handlers = [
  'create-post',
  'recognize-entities',
  'publish-post-updates',
  'push-post-update',
  'manage-connections',
];

/**
 * Bundles every handler of `lambdas/` into `<outDir>/<name>/<name>.mjs`, an ES module with all it needs inside
 * (the AWS SDK too, so that the laptop and AWS run the same one), beside its source map. Runs in the repository's
 * top folder, as `cdk` and `npm start` do.
 * @throws when a handler does not compile
 */
export function bundleHandlers(outDir: string): void {
  buildSync({
    entryPoints: handlers.map((name) => path.join('lambdas', `${name}.ts`)),
    outdir: outDir,
    entryNames: '[name]/[name]',
    outExtension: { '.js': '.mjs' },
    bundle: true,
    minify: true,
    sourcemap: true,
    // A stack trace needs names and lines; the sources would make the map ten times the size of the code.
    sourcesContent: false,
    platform: 'node',
    target: 'node20',
    format: 'esm',
    mainFields: ['module', 'main'],
    // Some dependencies are CommonJS, and `require` does not exist in an ES module.
    banner: {
      js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
    },
  });
}
