#!/usr/bin/env node
import { dirname, join } from 'node:path';
import { importTypeScript } from '../src/cli/import-typescript.mjs';

// The SDK otherwise warns about Node.js 20.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';
// The package is TypeScript, which Node.js 20 does not run by itself.
const folder = dirname(import.meta.dirname);
await importTypeScript(join(folder, 'src', 'cli', 'main.ts'), join(folder, '.local', 'compiled'));
