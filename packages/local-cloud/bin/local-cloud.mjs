#!/usr/bin/env node
import { register as registerCommonJs } from 'tsx/cjs/api';
import { register } from 'tsx/esm/api';

// The SDK otherwise warns about Node.js 20.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';
// The package and the app's configuration are TypeScript, which Node.js 20 does not run by itself. The configuration may
// be CommonJS, as the `package.json` beside it says.
registerCommonJs();
register();
await import('../src/cli/main.ts');
