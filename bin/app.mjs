import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';

// `cdk` runs this file. esbuild compiles the app in a tenth of the time that a TypeScript loader
// takes, and packages stay outside. It is written in Go, whose garbage collector takes a fifth of the
// time of all bundles and is not needed in a process that soon ends.
process.env.GOGC ??= 'off';
process.setSourceMapsEnabled(true);
mkdirSync('.local', { recursive: true });
// In the project, so that Node.js finds the packages.
// `npm start` deletes it if this process, whose ID it names, is killed.
const folder = mkdtempSync(path.join('.local', `app.${process.pid}.`));
process.once('exit', () => rmSync(folder, { recursive: true }));
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, () => process.exit(1));
await build({
  entryPoints: ['bin/app.ts'],
  bundle: true,
  splitting: true,
  packages: 'external',
  platform: 'node',
  target: 'node20',
  format: 'esm',
  sourcemap: 'inline',
  sourcesContent: false,
  outdir: folder,
  outExtension: { '.js': '.mjs' },
  logLevel: 'silent',
}).catch((error) => {
  // A stack trace would hide the reason.
  console.error(error.message);
  process.exit(1);
});
await import(pathToFileURL(path.resolve(folder, 'app.mjs')).href);
