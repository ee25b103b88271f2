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
 * Modules that the SDK imports when it needs them, which it never does here. They would be a third
 * of a bundle. The first six read credentials from elsewhere than the environment variables, in
 * which Lambda provides them (AWS Lambda Developer Guide, "Defined runtime environment variables").
 * No operation that a handler calls has an event stream.
 */
const neverImported = [
  '@aws-sdk/credential-provider-http',
  '@aws-sdk/credential-provider-ini',
  '@aws-sdk/credential-provider-process',
  '@aws-sdk/credential-provider-sso',
  '@aws-sdk/credential-provider-web-identity',
  '@smithy/credential-provider-imds',
  '@smithy/core/event-streams',
];

/**
 * Bundles each handler into `<outDir>/<name>/<name>.mjs`, with its source map beside it. Runs in
 * the repository's top folder, as `cdk` and `npm start` do.
 * @throws if a handler does not compile; the message says why
 */
export async function bundleHandlers(outDir: string): Promise<void> {
  await build({
    ...bundling,
    external: neverImported,
    entryPoints: handlerNames().map((name) => path.join('lambdas', `${name}.ts`)),
    outdir: outDir,
    entryNames: '[name]/[name]',
    outExtension: { '.js': '.mjs' },
  });
}
