import path from 'node:path';
import { type BuildOptions, build } from 'esbuild';

/** The handlers, by the names of their files in `lambdas/`. */
export const handlers = [
  'create-post',
  'get-post',
  'list-posts',
  'relay-announcements',
  'recognize-entities',
  'publish-post-updates',
  'push-post-update',
  'push-to-connections',
  'send-post-state',
  'manage-connections',
  'subscribe-by-mail',
];

/** How a handler is bundled: an ES module with all it needs inside, the AWS SDK too, so that the laptop and AWS run the same. */
export const bundling: BuildOptions = {
  bundle: true,
  minify: true,
  sourcemap: true,
  // A stack trace needs names and lines; the sources would make the map ten times the size of the code.
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
 * Bundles every handler of `lambdas/` into `<outDir>/<name>/<name>.mjs`, beside its source map. Runs in the repository's
 * top folder, as `cdk` and `npm start` do.
 * @throws when a handler does not compile; what is wrong is in the message
 */
export async function bundleHandlers(outDir: string): Promise<void> {
  await build({
    ...bundling,
    entryPoints: handlers.map((name) => path.join('lambdas', `${name}.ts`)),
    outdir: outDir,
    entryNames: '[name]/[name]',
    outExtension: { '.js': '.mjs' },
  });
}
