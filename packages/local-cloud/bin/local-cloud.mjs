#!/usr/bin/env node
import { register } from 'tsx/esm/api';

// The SDK otherwise warns about Node.js 20.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';
// The package and the app's configuration are TypeScript, which Node.js 20 does not run by itself.
register();
await import('../src/cli/main.ts');
