import { realClock } from '../../../local/clock.ts';
import { accessKeyId, Lambda } from '../../../local/lambda/lambda.ts';
import { resourceTypes } from '../../../local/resource-types.ts';
import { Template } from '../../../local/template/template.ts';
import { eventually } from '../../e2e/eventually.ts';
import { account, functionResource, writeAssembly } from '../assembly.ts';
import { RecordedLog } from '../recorded-log.ts';
import { temporaryFolder } from '../temporary-folder.ts';

const folder = temporaryFolder();
const code = `
  export async function handler(event) {
    console.log(JSON.stringify({ level: 'WARN', message: 'ran' }));
    if (event.fail) throw new Error('broken');
    return { event, environment: process.env };
  }`;
const queue = 'arn:aws:sqs:eu-west-1:123456789012:failures';
const Environment = {
  Variables: { TABLE_NAME: { 'Fn::Sub': `$\{AWS::StackName}-posts` }, URL: 'https://aws' },
};
const template = new Template(
  writeAssembly(
    folder,
    {
      Resources: {
        Act: functionResource('act', {
          Environment,
          LoggingConfig: { LogFormat: 'JSON', ApplicationLogLevel: 'WARN' },
          Timeout: 7,
          MemorySize: 256,
        }),
        ActInvokeConfig: {
          Type: 'AWS::Lambda::EventInvokeConfig',
          Properties: {
            FunctionName: { Ref: 'Act' },
            Qualifier: '$LATEST',
            MaximumRetryAttempts: 0,
            DestinationConfig: { OnFailure: { Destination: queue } },
          },
        },
      },
    },
    { act: code },
  ),
  account,
  resourceTypes,
);
const log = new RecordedLog();
const deadLetters: [string, unknown][] = [];
const lambda = new Lambda(template, {
  account,
  clock: realClock,
  log,
  sendDeadLetter: async (arn, body) => void deadLetters.push([arn, JSON.parse(body)]),
  localize: (value) => value.replace('https://aws', 'http://localhost'),
  awsUrl: 'http://127.0.0.1:4566',
});
afterAll(() => lambda.close());

const arn = 'arn:aws:lambda:eu-west-1:123456789012:function:act';

it('runs the code of the asset with the environment of the template and of Lambda', async () => {
  const result = await lambda.invoke(arn, { a: 1 });
  const answer = JSON.parse(result.ok ? result.payload : '');
  expect(answer.event).toEqual({ a: 1 });
  expect(answer.environment).toEqual({
    TABLE_NAME: 'Stack-posts',
    URL: 'http://localhost',
    AWS_ACCESS_KEY_ID: accessKeyId('act'),
    AWS_DEFAULT_REGION: 'eu-west-1',
    AWS_ENDPOINT_URL: 'http://127.0.0.1:4566',
    AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '256',
    AWS_LAMBDA_FUNCTION_NAME: 'act',
    AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
    AWS_LAMBDA_LOG_FORMAT: 'JSON',
    AWS_LAMBDA_LOG_LEVEL: 'WARN',
    AWS_REGION: 'eu-west-1',
    AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
    AWS_SECRET_ACCESS_KEY: 'local',
    LANG: 'en_US.UTF-8',
    TZ: ':UTC',
    _HANDLER: 'act.handler',
  });
  await eventually(() => expect(log.warnings).toContain('act: ran'));
});

it('gives each function an access key of its own, of the form of AWS', () => {
  expect(accessKeyId('act')).toMatch(/^AKIA[0-9A-Z]{16}$/);
  expect(accessKeyId('act')).not.toBe(accessKeyId('other'));
});

it('retries and dead-letters asynchronous invocations as the template says', async () => {
  lambda.invokeAsynchronously(arn, '{"fail":true}');
  await eventually(() => expect(deadLetters).toHaveLength(1));
  expect(deadLetters).toMatchObject([
    [queue, { requestContext: { approximateInvokeCount: 1 }, responsePayload: { errorMessage: 'broken' } }],
  ]);
});

it.each([
  ['its name', 'act'],
  ['its ARN', arn],
])('finds a function by %s', (_name, nameOrArn) => {
  expect(lambda.function(nameOrArn).arn).toBe(arn);
});

it('does not know other functions', () => {
  expect(() => lambda.function('other')).toThrow(
    expect.objectContaining({ code: 'ResourceNotFoundException', status: 404 }),
  );
});
