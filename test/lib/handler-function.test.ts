import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { handlerNames } from '../../bin/bundle-handlers.ts';
import { handlerFunctions, properties, textOf } from './stage-template.ts';

const functions = Object.entries(handlerFunctions());

it('runs each handler of lambdas/ in one function', () => {
  const run = functions.map(([, { Properties }]) => Properties.Handler.replace(/\.handler$/, ''));
  expect(run.sort()).toEqual(handlerNames());
});

describe('each function', () => {
  it.each(functions)('%s', (_, { Properties }) => {
    expect(Properties).toMatchObject({
      Runtime: 'nodejs24.x',
      Architectures: ['arm64'],
      MemorySize: 512,
      Timeout: expect.any(Number),
      TracingConfig: { Mode: 'Active' },
      LoggingConfig: { LogFormat: 'JSON', ApplicationLogLevel: 'INFO', SystemLogLevel: 'WARN' },
      Environment: {
        Variables: { NODE_OPTIONS: '--enable-source-maps', POWERTOOLS_SERVICE_NAME: 'Blog-dev' },
      },
    });
    expect(Properties).not.toHaveProperty('ReservedConcurrentExecutions');
    const logGroup = textOf(Properties.LoggingConfig.LogGroup).slice(1, -1);
    expect(properties('AWS::Logs::LogGroup', logGroup)).toEqual({ RetentionInDays: 30 });
  });

  it.each(handlerNames())('%s has permissions that a test of its construct states', (handler) => {
    const tests = readdirSync('test/lib').map((file) => readFileSync(path.join('test/lib', file), 'utf8'));
    expect(tests.some((test) => test.includes(`permissionsOf('${handler}')`))).toBe(true);
  });
});
