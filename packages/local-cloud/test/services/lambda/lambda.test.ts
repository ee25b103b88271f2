import { mkdtempSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import * as z from 'zod/mini';
import { resourceTypes } from '../../../src/cloud/resource-types.ts';
import { AwsError } from '../../../src/core/service.ts';
import { listen, portOf } from '../../../src/http/http-server.ts';
import { Metrics } from '../../../src/services/cloudwatch/metrics.ts';
import type { Invoker } from '../../../src/services/lambda/invocation.ts';
import { Lambda, type LambdaServices } from '../../../src/services/lambda/lambda.ts';
import { accessKeyId } from '../../../src/services/lambda/runtime-environment.ts';
import { Template } from '../../../src/template/template.ts';
import { account, functionResource, writeAssembly } from '../../fixtures/assembly.ts';
import { eventually } from '../../fixtures/eventually.ts';
import { ManualClock } from '../../fixtures/manual-clock.ts';
import { RecordedLog } from '../../fixtures/recorded-log.ts';
import { temporaryFolder } from '../../fixtures/temporary-folder.ts';
import { temporaryJournals } from '../../fixtures/temporary-journals.ts';
import { functionServices } from './function-services.ts';

const folder = temporaryFolder();
const code = `
  export async function handler(event) {
    console.log(JSON.stringify({ level: 'WARN', message: 'ran' }));
    if (event.fail) throw new Error('broken');
    if (event.hang) await new Promise(() => {});
    if (event.sleep) await new Promise((resolve) => setTimeout(resolve, 1000));
    return { event, environment: process.env };
  }`;
/** Calls DynamoDB like a handler. */
const calling = `
  import { DynamoDBClient, ListTablesCommand } from ${JSON.stringify(
    pathToFileURL(require.resolve('@aws-sdk/client-dynamodb')).href,
  )};
  export const handler = () => new DynamoDBClient({ maxAttempts: 1 }).send(new ListTablesCommand({}));`;
const queue = 'arn:aws:sqs:eu-west-1:123456789012:failures';
const deadLetterQueue = 'arn:aws:sqs:eu-west-1:123456789012:dead-letters';
const Environment = {
  Variables: { TABLE_NAME: { 'Fn::Sub': `$\{AWS::StackName}-posts` }, URL: 'https://aws' },
};
const template = new Template(
  writeAssembly(
    folder,
    {
      Resources: {
        Act: functionResource('act', {
          DeadLetterConfig: { TargetArn: deadLetterQueue },
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
        Two: functionResource('act', { FunctionName: 'two', ReservedConcurrentExecutions: 2 }),
        None: functionResource('act', {
          FunctionName: 'none',
          ReservedConcurrentExecutions: 0,
          DeadLetterConfig: { TargetArn: deadLetterQueue },
        }),
        Calling: functionResource('calling', { Timeout: 20 }),
      },
    },
    { act: code, calling },
  ),
  account,
  resourceTypes,
);
const arnOf = (name: string) => `arn:aws:lambda:eu-west-1:123456789012:function:${name}`;
const arn = arnOf('act');
const invoker: Invoker = { name: 'a test', cause: { trace: 'c'.repeat(24) } };

const openJournal = temporaryJournals();
const opened: Lambda[] = [];
afterAll(() => Promise.all(opened.map((lambda) => lambda.close())));

function open(services: Partial<LambdaServices> = {}, from = template) {
  const log = new RecordedLog();
  const deadLetters: { queue: string; body: unknown; attributes: Record<string, string | number> }[] = [];
  const lambda = new Lambda(from, {
    account,
    authorizeRole: () => {},
    authorizeService: () => {},
    clock: new ManualClock(),
    faults: functionServices().faults,
    journal: openJournal(),
    recorder: functionServices().recorder,
    log,
    async sendDeadLetter({ queueArn: queue, body, attributes, authorize }) {
      authorize();
      deadLetters.push({ queue, body: JSON.parse(body), attributes });
    },
    localize: (value) => value.replace('https://aws', 'http://localhost'),
    metrics: new Metrics({ clock: new ManualClock(), log }),
    awsUrl: 'http://127.0.0.1:4566',
    ...services,
  });
  opened.push(lambda);
  return { lambda, log, deadLetters };
}

it('runs the code of the asset with the environment of the template and of Lambda', async () => {
  const { lambda, log } = open();
  const result = await lambda.invoke(arn, { a: 1 }, invoker);
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
    AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
    AWS_LAMBDA_LOG_FORMAT: 'JSON',
    AWS_LAMBDA_LOG_GROUP_NAME: '/aws/lambda/act',
    AWS_LAMBDA_LOG_LEVEL: 'WARN',
    AWS_LAMBDA_LOG_STREAM_NAME: 'local',
    AWS_REGION: 'eu-west-1',
    AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
    AWS_SECRET_ACCESS_KEY: 'local',
    LANG: 'en_US.UTF-8',
    TZ: ':UTC',
    _HANDLER: 'act.handler',
    _X_AMZN_TRACE_ID: expect.stringContaining(invoker.cause.trace),
  });
  await eventually(() => expect(log.warnings).toContain('act: ran'));
});

it('runs inline code and scripts as CommonJS, whatever the package around the assembly says', async () => {
  const script = 'exports.handler = async (event) => ({ script: event, file: __filename });';
  const inline = functionResource('inline', { Handler: 'index.handler', Code: { ZipFile: script } });
  const Resources = {
    Inline: { ...inline, Metadata: { 'aws:cdk:path': 'Stack/Hello/Resource' } },
    Script: functionResource('script'),
  };
  const parent = mkdtempSync(join(folder, 'package-'));
  writeFileSync(join(parent, 'package.json'), '{"type":"module"}');
  const assembly = writeAssembly(parent, { Resources }, { script });
  const [asset = '', ...copy] = ['script.mjs', 'script.js'].map((name) =>
    join(assembly, 'asset.script', name),
  );
  renameSync(asset, copy.join());
  const { lambda } = open({}, new Template(assembly, account, resourceTypes));
  for (const [name, file] of [
    ['inline', join(assembly, 'inline', 'Inline', 'index.js')],
    ['script', copy.join()],
  ] as const) {
    const payload = JSON.stringify({ script: { a: 1 }, file });
    expect(await lambda.invoke(arnOf(name), { a: 1 }, invoker)).toEqual({ ok: true, payload });
  }
  expect([...new Set([...lambda.functions].map(({ label }) => label))]).toEqual(['Hello', 'script']);
});

it('gives each function its own access key in the format of AWS', () => {
  expect(accessKeyId('act')).toMatch(/^AKIA[0-9A-Z]{16}$/);
  expect(accessKeyId('act')).not.toBe(accessKeyId('other'));
});

it('sends the trace header of the invocation with the calls of its handler', async () => {
  const seen: unknown[] = [];
  const server = await listen(0);
  server.on('request', (request, response) => {
    const header = request.headers['x-amzn-trace-id'];
    const caller = lambda.invocation(Array.isArray(header) ? header[0] : header);
    seen.push(caller?.cause);
    response.setHeader('content-type', 'application/x-amz-json-1.0').end('{"TableNames":[]}');
  });
  const { lambda } = open({ awsUrl: `http://127.0.0.1:${portOf(server)}` });
  expect(await lambda.invoke(arnOf('calling'), {}, invoker)).toMatchObject({ ok: true });
  expect(seen).toEqual([invoker.cause]);
  expect(lambda.busy).toBe(false);
  server.close();
  server.closeAllConnections();
});

it('retries and dead-letters asynchronous invocations as the template configures', async () => {
  const roles: string[][] = [];
  const { lambda, deadLetters } = open({ authorizeRole: (...permission) => void roles.push(permission) });
  lambda.invokeAsynchronously(arn, '{"fail":true}', invoker);
  await eventually(() => expect(deadLetters).toHaveLength(2));
  expect(deadLetters).toMatchObject([
    {
      queue,
      body: { requestContext: { approximateInvokeCount: 1 }, responsePayload: { errorMessage: 'broken' } },
    },
    { queue: deadLetterQueue, body: { fail: true }, attributes: { ErrorMessage: 'broken' } },
  ]);
  expect(roles).toEqual([
    ['act', 'sqs:SendMessage', queue],
    ['act', 'sqs:SendMessage', deadLetterQueue],
  ]);
});

describe('a service that invokes', () => {
  const service = { principal: 'events.amazonaws.com', sourceArn: 'arn:aws:events:eu-west-1:1:rule/r' };

  it('needs the permission of the function', async () => {
    const asked: string[][] = [];
    const { lambda } = open({ authorizeService: (...permission) => void asked.push(permission) });
    await lambda.invoke(arn, {}, { ...invoker, service });
    await lambda.invoke(arn, {}, invoker);
    expect(asked).toEqual([[service.principal, 'lambda:InvokeFunction', arn, service.sourceArn]]);
  });

  it('is refused without it, and the function does not run', async () => {
    const refusal = new AwsError('AccessDeniedException', 'not authorized', 403);
    const { lambda, log } = open({
      authorizeService() {
        throw refusal;
      },
    });
    await expect(lambda.invoke(arn, {}, { ...invoker, service })).rejects.toBe(refusal);
    expect(() => lambda.invokeAsynchronously(arn, '{}', { ...invoker, service })).toThrow(refusal);
    expect(lambda.busy).toBe(false);
    expect(log.warnings).toEqual([]);
  });
});

describe('an event', () => {
  const eventOf = (bytes: number) => ({ e: 'é'.repeat((bytes - '{"e":""}'.length) / 2) });
  const tooLarge = expect.objectContaining({ code: 'RequestEntityTooLargeException', status: 413 });

  it('is at most 6 MB for a synchronous invocation', async () => {
    const { lambda } = open();
    await expect(lambda.invoke(arn, eventOf(6 * 1024 ** 2), invoker)).resolves.toBeDefined();
    await expect(lambda.invoke(arn, eventOf(6 * 1024 ** 2 + 2), invoker)).rejects.toEqual(tooLarge);
  });

  it('must be JSON', () => {
    const { lambda } = open();
    expect(() => lambda.invokeAsynchronously(arn, '"New post: "a quote""', invoker)).toThrow(
      expect.objectContaining({ code: 'InvalidRequestContentException', status: 400 }),
    );
  });

  it('is at most 1 MB for an asynchronous one', () => {
    const { lambda } = open({ concurrency: 0 });
    const invoke = (bytes: number) => () =>
      lambda.invokeAsynchronously(arn, JSON.stringify(eventOf(bytes)), invoker);
    expect(invoke(1024 ** 2)).not.toThrow();
    expect(invoke(1024 ** 2 + 2)).toThrow(tooLarge);
  });
});

describe('concurrency', () => {
  it.each([
    [900, undefined],
    [901, /^Act: Specified ReservedConcurrentExecutions .* minimum value of \[100\]\.$/],
  ])('of %i can be reserved only if 100 remain', (ReservedConcurrentExecutions, refusal) => {
    const Resources = { Act: functionResource('act', { ReservedConcurrentExecutions }) };
    const greedy = new Template(writeAssembly(folder, { Resources }, { act: code }), account, resourceTypes);
    const read = () => open({}, greedy);
    if (refusal) expect(read).toThrow(refusal);
    else expect(read).not.toThrow();
  });

  const refusal = (reason: string) => ({ code: 'TooManyRequestsException', reason });

  it('reserved by a function is its own, and the others share the rest', async () => {
    const { lambda } = open({ concurrency: 3 });
    const underWay = ['two', 'two', 'act', 'act', 'act'].map((name) =>
      lambda.invoke(arnOf(name), { hang: true }, invoker),
    );
    await expect(lambda.invoke(arnOf('two'), {}, invoker)).rejects.toMatchObject(
      refusal('ReservedFunctionConcurrentInvocationLimitExceeded'),
    );
    await expect(lambda.invoke(arnOf('calling'), {}, invoker)).rejects.toMatchObject(
      refusal('ConcurrentInvocationLimitExceeded'),
    );
    await lambda.close();
    for (const { ok } of await Promise.all(underWay)) expect(ok).toBe(false);
  });

  it('that is exhausted makes an asynchronous invocation wait in the queue', async () => {
    const clock = new ManualClock();
    const { lambda, log } = open({ clock, concurrency: 1 });
    const underWay = lambda.invoke(arn, {}, invoker);
    lambda.invokeAsynchronously(arn, '{}', invoker);
    await underWay;
    expect(log.warnings).toContain(
      'act: failed (TooManyRequestsException: Rate Exceeded. ConcurrentInvocationLimitExceeded), retry in 1 s',
    );
    clock.advance(1_000);
    await eventually(() => expect(log.warnings.filter((line) => line === 'act: ran')).toHaveLength(2));
  });

  it('of 0 sends every event to the dead-letter queue at once', async () => {
    const { lambda, deadLetters } = open();
    lambda.invokeAsynchronously(arnOf('none'), '{"a":1}', invoker);
    await setImmediate();
    expect(deadLetters).toEqual([
      {
        queue: deadLetterQueue,
        body: { a: 1 },
        attributes: { RequestID: expect.any(String), ErrorCode: 429, ErrorMessage: 'Rate Exceeded.' },
      },
    ]);
  });
});

it.each([
  ['its name', 'act'],
  ['its ARN', arn],
])('finds a function by %s', (_name, nameOrArn) => {
  expect(open().lambda.function(nameOrArn).arn).toBe(arn);
});

it('waits for a clock that jumps only if invocations that begin meanwhile do too', async () => {
  const { lambda } = open();
  const sleeping = lambda.invoke(arn, { sleep: true }, invoker);
  await eventually(async () => expect(await lambda.waits()).toBe(true));
  const waits = lambda.waits();
  const computing = lambda.invoke(arn, { hang: true }, invoker);
  expect(await waits).toBe(false);
  await lambda.close();
  expect(await Promise.all([sleeping, computing])).toMatchObject([{ ok: false }, { ok: false }]);
});

it('refuses other functions', () => {
  expect(() => open().lambda.function('other')).toThrow(
    expect.objectContaining({ code: 'ResourceNotFoundException', status: 404 }),
  );
});

describe('a restart', () => {
  it('continues with the events of the event queues, with their attempts', async () => {
    const clock = new ManualClock();
    const journal = openJournal('events');
    const { lambda, log } = open({ clock, journal });
    lambda.invokeAsynchronously(arnOf('two'), '{"fail":true}', invoker);
    const retriedIn = (seconds: number) =>
      expect.stringMatching(`^act: failed \\(Error: broken at .*\\), retry in ${seconds} s$`);
    await eventually(() => expect(log.warnings).toContainEqual(retriedIn(60)));
    await journal.written();
    journal.close();
    clock.advance(50_000);

    const again = openJournal('events');
    const restarted = open({ clock, journal: again });
    restarted.lambda.resume();
    clock.advance(9_999);
    await setImmediate();
    expect(restarted.lambda.busy).toBe(false);
    clock.advance(1);
    await eventually(() => expect(restarted.log.warnings).toContainEqual(retriedIn(120)));
    clock.advance(120_000);
    const givenUp = /^act: given up after 3 attempts, RetriesExhausted \(Error: broken at .*\)$/;
    await eventually(() => expect(restarted.log.errors).toEqual([expect.stringMatching(givenUp)]));
    await again.written();
    expect(openJournal('events').section('lambda-events', z.unknown()).left).toEqual(new Map());
  });

  it('runs an event that was accepted, and not yet run', async () => {
    const journal = openJournal('accepted');
    const { lambda } = open({ journal });
    lambda.invokeAsynchronously(arn, '{}', invoker);
    await journal.written();
    journal.close();
    const restarted = open({ journal: openJournal('accepted') });
    // This event is new, so that it must not run a second time.
    restarted.lambda.invokeAsynchronously(arn, '{}', invoker);
    restarted.lambda.resume();
    await eventually(() => expect(restarted.log.warnings).toEqual(['act: ran', 'act: ran']));
    await eventually(() => expect(restarted.lambda.busy).toBe(false));
  });

  it('reports an event whose function is gone', () => {
    const journal = openJournal();
    journal.section('lambda-events', z.unknown()).put('id', {
      functionName: 'gone',
      payload: '{}',
      cause: { trace: '', members: [] },
      progress: { acceptedAt: 0, waitsUntil: 0, runs: 0, refusals: 0 },
    });
    const { lambda, log } = open({ journal });
    lambda.resume();
    expect(log.errors).toEqual(['lambda: LOST an event: the function gone no longer exists']);
  });
});
