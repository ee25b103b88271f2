import { openTemplate } from '../../../src/cloud/open-template.ts';
import { Metrics } from '../../../src/services/cloudwatch/metrics.ts';
import type { Invoker } from '../../../src/services/lambda/invocation.ts';
import { Lambda } from '../../../src/services/lambda/lambda.ts';
import { functionResource, writeAssembly } from '../../fixtures/assembly.ts';
import { eventually } from '../../fixtures/eventually.ts';
import { ManualClock } from '../../fixtures/manual-clock.ts';
import { RecordedLog } from '../../fixtures/recorded-log.ts';
import { temporaryFolder } from '../../fixtures/temporary-folder.ts';
import { temporaryJournals } from '../../fixtures/temporary-journals.ts';
import { functionServices } from './function-services.ts';

const folder = temporaryFolder();
const code = `
  export async function handler(event, context) {
    if (event.fail) throw new Error('broken');
    return [context.invokedFunctionArn, context.functionVersion, process.env.AWS_LAMBDA_FUNCTION_VERSION];
  }`;

const queue = (name: string) => `arn:aws:sqs:us-east-1:000000000000:${name}`;
const invokeConfig = (Qualifier: unknown, name: string) => ({
  Type: 'AWS::Lambda::EventInvokeConfig',
  Properties: {
    FunctionName: { Ref: 'Act' },
    Qualifier,
    MaximumRetryAttempts: 0,
    DestinationConfig: { OnFailure: { Destination: queue(name) } },
  },
});
const role = {
  Type: 'AWS::IAM::Role',
  Properties: {
    RoleName: 'role',
    AssumeRolePolicyDocument: {
      Statement: [
        { Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service: 'lambda.amazonaws.com' } },
      ],
    },
  },
};
const version = { Type: 'AWS::Lambda::Version', Properties: { FunctionName: { Ref: 'Act' } } };
const alias = (properties: object = {}) => ({
  Type: 'AWS::Lambda::Alias',
  Properties: {
    FunctionName: { Ref: 'Act' },
    FunctionVersion: { 'Fn::GetAtt': ['Version', 'Version'] },
    Name: 'live',
    ...properties,
  },
  // As CodeDeploy needs it. It has no effect here.
  UpdatePolicy: { CodeDeployLambdaAliasUpdate: { ApplicationName: 'a', DeploymentGroupName: 'g' } },
});
const act = functionResource('act', { Role: { 'Fn::GetAtt': ['Role', 'Arn'] } });

function read(more: object = {}, skipUnsupported = false) {
  const Resources = { Role: role, Act: act, Version: version, Live: alias(), ...more };
  return openTemplate(writeAssembly(folder, { Resources }, { act: code }), skipUnsupported);
}

const openJournal = temporaryJournals();
const opened: Lambda[] = [];
afterAll(() => Promise.all(opened.map((lambda) => lambda.close())));

function open(more: object = {}, journal = openJournal()) {
  const deadLetters: { queue: string; body: unknown }[] = [];
  const asked: string[] = [];
  const lambda = new Lambda(read(more), {
    account: { id: '000000000000', region: 'us-east-1' },
    authorizeRole: () => {},
    authorizeService: (_principal, _action, resource) => void asked.push(resource),
    clock: new ManualClock(),
    faults: functionServices().faults,
    journal,
    recorder: functionServices().recorder,
    log: new RecordedLog(),
    metrics: new Metrics({ clock: new ManualClock(), log: new RecordedLog() }),
    sendDeadLetter: async ({ queueArn, body }) =>
      void deadLetters.push({ queue: queueArn, body: JSON.parse(body) }),
    localize: String,
    awsUrl: 'http://127.0.0.1:4566',
  });
  opened.push(lambda);
  return { lambda, asked, deadLetters };
}

const arn = 'arn:aws:lambda:us-east-1:000000000000:function:act';
const invoker: Invoker = { name: 'a test', cause: { trace: 'c'.repeat(24) } };

it.each([
  [arn, arn, '$LATEST'],
  ['act', arn, '$LATEST'],
  [`${arn}:$LATEST`, `${arn}:$LATEST`, '$LATEST'],
  [`${arn}:1`, `${arn}:1`, '1'],
  [`${arn}:live`, `${arn}:live`, '1'],
  ['act:live', `${arn}:live`, '1'],
])('runs %s with the invoked ARN and the version in its context', async (reference, invoked, ran) => {
  const { lambda } = open();
  const result = await lambda.invoke(reference, {}, invoker);
  expect(result).toEqual({ ok: true, payload: JSON.stringify([invoked, ran, ran]) });
});

it.each(['2', 'dead', 'live:live', 'LIVE', ''])('has no qualifier "%s"', async (qualifier) => {
  const { lambda } = open();
  await expect(lambda.invoke(`${arn}:${qualifier}`, {}, invoker)).rejects.toMatchObject({
    code: 'ResourceNotFoundException',
    message: `Function not found: ${arn}:${qualifier}`,
    status: 404,
  });
});

it('asks for the permission of the alias, and for that of the function without one and for $LATEST', async () => {
  const { lambda, asked } = open();
  const service = { principal: 'events.amazonaws.com', sourceArn: 'arn:aws:events:us-east-1:0:rule/r' };
  for (const reference of [arn, `${arn}:$LATEST`, `${arn}:1`, `${arn}:live`])
    await lambda.invoke(reference, {}, { ...invoker, service });
  expect(asked).toEqual([arn, arn, `${arn}:1`, `${arn}:live`]);
});

it('gives up an event as its qualifier is configured, and names the qualifier in the record', async () => {
  const configs = {
    Latest: invokeConfig('$LATEST', 'of-latest'),
    OfLive: invokeConfig({ 'Fn::Select': [7, { 'Fn::Split': [':', { Ref: 'Live' }] }] }, 'of-live'),
  };
  for (const [reference, name, functionArn, executedVersion] of [
    [arn, 'of-latest', `${arn}:$LATEST`, '$LATEST'],
    [`${arn}:$LATEST`, 'of-latest', `${arn}:$LATEST`, '$LATEST'],
    [`${arn}:live`, 'of-live', `${arn}:live`, '1'],
  ] as const) {
    const { lambda, deadLetters } = open(configs);
    lambda.invokeAsynchronously(reference, '{"fail":true}', invoker);
    await eventually(() => expect(deadLetters).toHaveLength(1));
    expect(deadLetters[0]).toMatchObject({
      queue: queue(name),
      body: { requestContext: { functionArn }, responseContext: { executedVersion } },
    });
  }
});

it('does not apply the settings of $LATEST to an alias', async () => {
  const { lambda, deadLetters } = open({ Latest: invokeConfig('$LATEST', 'of-latest') });
  lambda.invokeAsynchronously(`${arn}:live`, '{"fail":true}', invoker);
  lambda.invokeAsynchronously(arn, '{"fail":true}', invoker);
  await eventually(() => expect(deadLetters).toHaveLength(1));
  expect(deadLetters).toMatchObject([{ body: { requestContext: { functionArn: `${arn}:$LATEST` } } }]);
});

it('reserves one concurrency for all qualifiers of a function', async () => {
  const { lambda } = open({
    Act: functionResource('act', {
      Role: { 'Fn::GetAtt': ['Role', 'Arn'] },
      ReservedConcurrentExecutions: 1,
    }),
  });
  const results = await Promise.allSettled([
    lambda.invoke(arn, {}, invoker),
    lambda.invoke(`${arn}:live`, {}, invoker),
  ]);
  expect(results).toMatchObject([
    { status: 'fulfilled' },
    { status: 'rejected', reason: { code: 'TooManyRequestsException' } },
  ]);
});

it('has the values of Ref and Fn::GetAtt of AWS', () => {
  const value = (Value: unknown) => ({ Value });
  const outputs = {
    Version: value({ Ref: 'Version' }),
    VersionArn: value({ 'Fn::GetAtt': ['Version', 'FunctionArn'] }),
    Number: value({ 'Fn::GetAtt': ['Version', 'Version'] }),
    Alias: value({ Ref: 'Live' }),
    AliasArn: value({ 'Fn::GetAtt': ['Live', 'AliasArn'] }),
  };
  const Resources = { Role: role, Act: act, Version: version, Live: alias() };
  const template = openTemplate(writeAssembly(folder, { Resources, Outputs: outputs }, { act: code }));
  expect(template.outputs()).toEqual({
    Version: `${arn}:1`,
    VersionArn: `${arn}:1`,
    Number: '1',
    Alias: `${arn}:live`,
    AliasArn: `${arn}:live`,
  });
});

it.each([
  ['a second version', { Other: version }, 'A version for this Lambda function exists ( 1 )'],
  [
    'an alias of an unknown version',
    { Other: alias({ Name: 'next', FunctionVersion: '2' }) },
    `Function not found: ${arn}:2.`,
  ],
  [
    'an alias of an unknown function',
    { Other: alias({ FunctionName: 'none' }) },
    'Function not found: none:1.',
  ],
  ['the same alias twice', { Other: alias() }, `Alias already exists: ${arn}:live.`],
  ['an alias named like a version', { Other: alias({ Name: '12' }) }, 'not only digits'],
  [
    'an alias of two versions',
    { Other: alias({ Name: 'next', RoutingConfig: {} }) },
    'an alias of two versions is not supported',
  ],
  [
    'settings of an unknown qualifier',
    { Other: invokeConfig('next', 'q') },
    `The function ${arn}:next doesn't exist.`,
  ],
])('refuses %s', (_name, more, message) => {
  expect(() => read(more)).toThrow(message);
});

it('skips the version, the alias and the settings of a function that is skipped', () => {
  const python = functionResource('act', { Role: { 'Fn::GetAtt': ['Role', 'Arn'] }, Runtime: 'python3.13' });
  const template = read({ Act: python, Config: invokeConfig('live', 'q') }, true);
  expect(template.skipped.list.flatMap(({ reasons }) => reasons)).toEqual([
    'Runtime "python3.13": only Node.js runtimes are supported.',
  ]);
  expect(template.skipped.lines).toHaveLength(4);
  for (const name of ['act', 'act:live']) expect(template.skipped.sentence(name, 'lambda')).toBeDefined();
});
