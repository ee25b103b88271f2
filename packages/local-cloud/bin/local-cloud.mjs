#!/usr/bin/env node
import { dirname, join } from 'node:path';
import { setFlagsFromString } from 'node:v8';

// Before any other import: an older Node.js cannot parse the dependencies.
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 12)) {
  console.error(
    `The local cloud needs Node.js 20.12 or later, not ${process.version}. Install a newer version.`,
  );
  process.exit(1);
}
// Before any function has run often: docs/decisions/worker-threads.md has what it saves.
setFlagsFromString('--no-lazy-feedback-allocation');
const { importTypeScript } = await import('../src/cli/import-typescript.mjs');

// The SDK otherwise warns about Node.js 20.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';
// The package is TypeScript, which Node.js 20 does not run by itself.
const folder = dirname(import.meta.dirname);
await importTypeScript(join(folder, 'src', 'cli', 'main.ts'), join(folder, '.local', 'compiled'));
