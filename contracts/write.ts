import { mkdirSync, writeFileSync } from 'node:fs';
import { asyncApi } from './asyncapi.ts';
import { openApi } from './openapi.ts';

mkdirSync('docs/api', { recursive: true });
for (const [name, document] of Object.entries({ openapi: openApi, asyncapi: asyncApi }))
  writeFileSync(`docs/api/${name}.json`, JSON.stringify(document, undefined, 2));
