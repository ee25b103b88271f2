import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { brokenRules, type Sources } from './imports/import-rules.ts';

/** Reads the source files below a folder, and the `package.json` files. */
function readSources(folder: string): Sources {
  const entries = readdirSync(folder, { withFileTypes: true }).filter(
    ({ name }) => !name.startsWith('.') && !['node_modules', 'cdk.out'].includes(name),
  );
  const sources = entries.map((entry) => {
    const file = path.join(folder, entry.name);
    if (entry.isDirectory()) return readSources(file);
    const isSource = /\.([cm]?[jt]s|tsx)$|^package\.json$/.test(entry.name);
    return isSource ? { [file]: readFileSync(file, 'utf8') } : {};
  });
  return Object.assign({}, ...sources);
}

it('the files of this repository import each other as the rules allow', () => {
  expect(brokenRules(readSources('.'))).toEqual([]);
});

const packages = {
  'package.json': JSON.stringify({
    dependencies: { zod: '1.0.0' },
    devDependencies: { '@types/aws-lambda': '1.0.0', jest: '1.0.0', 'local-cloud': '1.0.0' },
  }),
  'packages/local-cloud/package.json': JSON.stringify({
    exports: { '.': './src/cloud/cloud.ts', './fixtures/*': './test/fixtures/*.ts' },
    dependencies: { ws: '1.0.0' },
    devDependencies: { '@types/ws': '1.0.0' },
  }),
};

describe('an import', () => {
  it.each([
    ['lib/a.ts', "import { A } from '../lambdas/runtime/environment.ts';"],
    ['lambdas/a.ts', "import type { Context } from 'aws-lambda';\nexport const handler = 1;"],
    ['model/a.ts', "import * as z from 'zod/mini'; import { readFile } from 'node:fs/promises';"],
    ['checks/a.ts', "import { handler } from '../lambdas/create-post.ts';"],
    ['testing/a.ts', "import { startCloud } from 'local-cloud';"],
    ['test/a.ts', "import { f } from 'local-cloud/fixtures/f'; import type { Config } from 'jest';"],
    ['packages/local-cloud/src/flow/a.ts', "new URL('../../flow-view/', import.meta.url);"],
    ['packages/local-cloud/test/a.ts', "import { a } from '../src/cli/a.ts';"],
  ])('of %s is allowed: %s', (file, source) => {
    expect(brokenRules({ ...packages, [file]: source })).toEqual([]);
  });

  it.each([
    ['lib/a.ts', "import { App } from '../bin/app.ts';", 'lib may not import bin'],
    ['lambdas/http/a.ts', "import type { A } from '../../lib/a.ts';", 'lambdas may not import lib'],
    ['model/a.ts', "export * from '../lambdas/http/a.ts';", 'model may not import lambdas'],
    ['web/a.tsx', "const a = <p>{await import('../contracts/a.ts')}</p>;", 'web may not import contracts'],
    ['contracts/a.ts', "export { a } from '../web/a.ts';", 'contracts may not import web'],
    ['operations/a.ts', "type A = import('../lib/a.ts').A;", 'operations may not import lib'],
    ['testing/a.ts', "jest.mock('../lambdas/http/a.ts');", 'testing may not import lambdas'],
    ['checks/a.ts', "import '../test/a.ts';", 'checks may not import test'],
    ['jest.config.js', "const a = require('./lib/a.ts');", 'the top folder may not import lib'],
    ['model/a.ts', "new URL('../web/a.html', import.meta.url);", 'model may not import web'],
    ['model/a.ts', `await import(\`../web/views/\${name}.ts\`);`, 'model may not import web'],
    [
      'bin/a.ts',
      "import { handler } from '../lambdas/create-post.ts';",
      'only its construct, tests and checks import a handler',
    ],
    [
      'lambdas/posts/a.ts',
      "import { handler } from '../create-post.ts';",
      'only its construct, tests and checks import a handler',
    ],
    ['web/a.ts', "import { startCloud } from 'local-cloud';", 'web may not import packages/local-cloud'],
    [
      'test/a.ts',
      "import { AwsError } from '../packages/local-cloud/src/core/service.ts';",
      'the local cloud is imported as local-cloud or local-cloud/<export>',
    ],
    [
      'test/a.ts',
      "import { AwsError } from 'local-cloud/src/core/service';",
      'packages/local-cloud/package.json does not export it',
    ],
    [
      'packages/local-cloud/test/a.ts',
      "import { eventually } from '../../../testing/eventually.ts';",
      'no import leaves packages/local-cloud',
    ],
    [
      'packages/local-cloud/src/http/a.ts',
      "import { z } from 'zod/mini';",
      'packages/local-cloud/package.json must declare zod in its dependencies',
    ],
    ['lib/a.ts', "import 'jest';", 'package.json must declare jest in its dependencies'],
    [
      'web/a.ts',
      "import { WebSocket } from 'aws-lambda';",
      'package.json must declare aws-lambda in its dependencies',
    ],
    ['test/a.ts', "import '@aws-sdk/client-sqs';", 'package.json must declare @aws-sdk/client-sqs'],
    [
      'packages/local-cloud/src/core/a.ts',
      "import { a } from '../http/a.ts';",
      'packages/local-cloud/src/core may not import packages/local-cloud/src/http',
    ],
    [
      'packages/local-cloud/src/cloud/a.ts',
      "import { a } from '../cli/a.ts';",
      'packages/local-cloud/src/cloud may not import packages/local-cloud/src/cli',
    ],
    [
      'packages/local-cloud/flow-view/a.tsx',
      "import { a } from '../src/http/a.ts';",
      'packages/local-cloud/flow-view may not import packages/local-cloud/src/http',
    ],
  ])('of %s is forbidden: %s', (file, source, rule) => {
    const specifier = /'(\S+)'|`(.*)\$/.exec(source)?.slice(1).join('');
    expect(brokenRules({ ...packages, [file]: source })).toEqual([`${file} imports ${specifier}: ${rule}`]);
  });

  it('closes no cycle of files, and none of folders', () => {
    const sources = {
      'web/a.ts': "import type { B } from './b.ts';",
      'web/b.ts': "import { c } from './views/c.ts';",
      'web/views/c.ts': "import { a } from '../a.ts';",
      'test/web/d.ts': "import { e } from '../model/e.ts';",
      'test/model/e.ts': '',
      'test/model/f.ts': "import { d } from '../web/d.ts';",
    };
    expect(brokenRules({ ...packages, ...sources })).toEqual([
      'web/a.ts -> web/b.ts -> web/views/c.ts -> web/a.ts: files must not import each other in a cycle',
      'test/web -> test/model -> test/web: folders must not import each other in a cycle',
    ]);
  });
});

it('a construct loads no SDK by a file that handlers share', () => {
  const sdk = JSON.stringify({ dependencies: { '@aws-sdk/client-sns': '1.0.0' } });
  const slow = "import { SNSClient } from '@aws-sdk/client-sns';";
  const sources = {
    'lib/a.ts': "import { b } from '../lambdas/c/b.ts'; import type { D } from '../lambdas/c/d.ts';",
    'lib/e.ts': "import { name } from '../lambdas/e.ts';",
    'lambdas/e.ts': `${slow}\nexport const handler = 1;`,
    'lambdas/c/b.ts': slow,
    'lambdas/c/d.ts': slow,
  };
  expect(brokenRules({ ...packages, ...sources, 'package.json': sdk })).toEqual([
    'lambdas/c/b.ts imports @aws-sdk/client-sns: a synthesis must not load the AWS SDK or Powertools',
  ]);
});

it('a file of lambdas/ that is no handler is in a folder', () => {
  const sources = {
    'lambdas/a.ts': 'export async function handler() {}',
    'lambdas/b.ts': 'export const b = 1;',
  };
  expect(brokenRules({ ...packages, ...sources })).toEqual([
    'lambdas/b.ts exports no handler: what handlers share is in a folder of lambdas/',
  ]);
});
