import { once } from 'node:events';
import { type IncomingMessage, request, type Server } from 'node:http';
import { text } from 'node:stream/consumers';
import { type InvokeCommandInput, Lambda } from '@aws-sdk/client-lambda';
import { AwsPort } from '../../src/cloud/aws-port.ts';
import { resourceTypes } from '../../src/cloud/resource-types.ts';
import { seededChance } from '../../src/core/chance.ts';
import { realClock } from '../../src/core/clock.ts';
import { Fault, Faults } from '../../src/core/faults.ts';
import { Recorder } from '../../src/core/recorder.ts';
import { AwsError } from '../../src/core/service.ts';
import { type Cause, Tracer } from '../../src/core/trace.ts';
import { listen, portOf, serve } from '../../src/http/http-server.ts';
import { WebSocketApi } from '../../src/services/apigateway/websocket-api.ts';
import type { Invocation } from '../../src/services/lambda/invocation.ts';
import { Template } from '../../src/template/template.ts';
import { account, writeAssembly } from '../fixtures/assembly.ts';
import { RecordedLog } from '../fixtures/recorded-log.ts';
import { temporaryFolder } from '../fixtures/temporary-folder.ts';

const template = new Template(
  writeAssembly(temporaryFolder(), {
    Resources: {
      Api: {
        Type: 'AWS::ApiGatewayV2::Api',
        Properties: {
          Name: 'api',
          ProtocolType: 'WEBSOCKET',
          RouteSelectionExpression: '$request.body.action',
        },
      },
      Stage: {
        Type: 'AWS::ApiGatewayV2::Stage',
        Properties: { ApiId: { Ref: 'Api' }, StageName: 'prod', AutoDeploy: true },
      },
    },
  }),
  account,
  resourceTypes,
);

/** Records the caller and the operation of each call. */
class CallerLog extends RecordedLog {
  readonly hops: string[] = [];
  override trace(hop?: string): void {
    this.hops.push(hop ?? '');
  }
}
const log = new CallerLog();

/** Returns a service that answers with its name, the call and the trace of its cause. */
const service = (name: string) => ({
  async call(operation: string, input: unknown, cause?: Cause) {
    if (operation === 'Refuse') throw new AwsError('NoSuchThing', 'There is no "thing".', 404);
    if (operation === 'Break') throw new TypeError('secret');
    return { name, operation, input, trace: cause?.trace };
  },
});

/** An hour ahead of the machine. */
const clock = { ...realClock, now: () => Date.now() + 3_600_000 };
const recorder = new Recorder(realClock);
const faults = new Faults({ chance: seededChance('test'), clock: realClock, log });
afterEach(() => faults.clear());

/** The invocation of a function for a batch of two. */
const invocation: Invocation = {
  id: '0123456789abcdef',
  cause: { trace: 'whole', members: new Map(['one', 'two'].map((trace) => [`key-${trace}`, { trace }])) },
  crash: jest.fn(),
  crashesAtCall: false,
  hold: () => () => {},
  waits: async () => false,
};
afterEach(() => {
  jest.mocked(invocation.crash).mockClear();
  invocation.crashesAtCall = false;
});
const running = { 'x-amzn-trace-id': `Root=1-0-0;Parent=${invocation.id};Sampled=1` };

let server: Server;
let url: string;
beforeAll(async () => {
  const lambda = { invoke: () => Promise.reject(new Error('There is no function.')) };
  const webSocketApi = new WebSocketApi(template, {
    account,
    clock: realClock,
    faults,
    recorder,
    lambda,
    log,
    tracer: new Tracer('test'),
  });
  const port = new AwsPort({
    journal: { written: async () => {} },
    services: {
      cloudFormation: service('cloudFormation'),
      comprehend: service('comprehend'),
      dynamodb: service('dynamodb'),
      dynamodbStreams: service('dynamodbStreams'),
      events: service('events'),
      lambda: {
        async invoke({ FunctionName, InvocationType, Payload }) {
          if (FunctionName === 'gone') throw new AwsError('ResourceNotFoundException', 'It is gone.', 404);
          if (InvocationType === 'Event') return { StatusCode: 202, Payload: '' };
          return { StatusCode: 200, Payload, FunctionError: 'Unhandled' };
        },
      },
      secretsManager: service('secretsManager'),
      sns: service('sns'),
      sqs: service('sqs'),
      webSocketApi,
    },
    callers: new Map([
      ['AKIAFUNCTION', { functionName: 'CreatePost', label: 'create-post' }],
      ['AKIAFORBIDDEN', { functionName: 'Forbidden', label: 'forbidden' }],
    ]),
    callerArn: (name = 'user/administrator') => `arn:aws:iam::123456789012:${name}`,
    invocation: (header) => (header?.includes(invocation.id) ? invocation : undefined),
    skippedIn: (_service, input) =>
      JSON.stringify(input).includes('skipped') ? 'It is skipped.' : undefined,
    authorize(functionName, name, operation) {
      if (functionName === 'Forbidden')
        throw new AwsError('AccessDeniedException', `${functionName} may not ${name}:${operation}`, 403);
      return [];
    },
    clock,
    faults,
    recorder,
    log,
    tracer: new Tracer('test'),
  });
  server = await listen(0);
  url = `http://127.0.0.1:${portOf(server)}`;
  serve(server, (request, response) => port.handle(request, response));
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

const signed = (accessKeyId: string, service = 'sns') => ({
  authorization: `AWS4-HMAC-SHA256 Credential=${accessKeyId}/20260131/eu-west-1/${service}/aws4_request, SignedHeaders=host, Signature=0`,
});

async function ask(headers: Record<string, string>, body: string, path = '/') {
  const response = await fetch(`${url}${path}`, { method: 'POST', headers, body });
  return {
    status: response.status,
    type: response.headers.get('content-type'),
    requestId: response.headers.get('x-amzn-requestid'),
    body: await response.text(),
  };
}

describe('a request without a signature is refused before its body arrives', () => {
  it.each([
    ['/', { 'x-amz-target': 'DynamoDB_20120810.Scan' }],
    ['/', { 'content-type': 'application/x-www-form-urlencoded' }],
    ['/2015-03-31/functions/act/invocations', {}],
    ['/prod/@connections/abcdefghijklmno=', {}],
    ['/bucket/key', { authorization: 'Bearer token' }],
  ])('%s %j', async (path, headers) => {
    const { port } = new URL(url);
    const sent = request({ host: '127.0.0.1', port, path, method: 'POST', headers });
    // The body never ends.
    sent.write('a.'.repeat(10));
    const [answer]: IncomingMessage[] = await once(sent, 'response');
    expect(answer?.statusCode).toBe(403);
    expect(answer && (await text(answer))).toContain('MissingAuthenticationToken');
    sent.destroy();
  });
});

describe('hostile input is refused as invalid', () => {
  const deep = '['.repeat(100_000) + ']'.repeat(100_000);
  const target = { 'x-amz-target': 'DynamoDB_20120810.Scan' };

  it.each([
    ['deep JSON', target, deep, 'SerializationException'],
    ['a deep query', {}, `Action=Publish&${'a.'.repeat(100_000)}=1`, 'MalformedQueryString'],
    ['a long query', {}, `Action=Publish${'&a'.repeat(100_000)}`, 'MalformedQueryString'],
  ])('%s', async (_what, headers, body, code) => {
    const answer = await ask({ ...signed('AKIATEST'), ...headers }, body);
    expect(answer.status).toBeGreaterThanOrEqual(400);
    expect(answer.status).toBeLessThan(500);
    expect(answer.body).toContain(code);
  });
});

describe('the JSON protocols', () => {
  const json = (target: string, body = '{"a":1}', headers: Record<string, string> = signed('AKIATEST')) =>
    ask({ 'x-amz-target': target, 'content-type': 'application/x-amz-json-1.0', ...headers }, body);

  it.each([
    ['AWSEvents.PutEvents', 'events'],
    ['AmazonSQS.SendMessage', 'sqs'],
    ['Comprehend_20171127.DetectEntities', 'comprehend'],
    ['DynamoDB_20120810.GetItem', 'dynamodb'],
    ['DynamoDBStreams_20120810.GetRecords', 'dynamodbStreams'],
    ['secretsmanager.GetSecretValue', 'secretsManager'],
  ])('%s reaches its service', async (target, name) => {
    const { body, ...answer } = await json(target);
    expect(answer).toEqual({
      status: 200,
      type: 'application/x-amz-json-1.0',
      requestId: expect.stringMatching(/^[0-9a-f-]{36}$/),
    });
    expect(JSON.parse(body)).toEqual({ name, operation: target.split('.')[1], input: { a: 1 } });
  });

  it.each([
    ['an error of the service', 'AmazonSQS.Refuse', '{}', 404, 'NoSuchThing', 'There is no "thing".'],
    ['a body that is not JSON', 'AmazonSQS.SendMessage', '{', 400, 'SerializationException'],
    ['a list', 'AWSEvents.PutEvents', '[]', 400, 'SerializationException', 'The input must be an object.'],
    [
      'null',
      'secretsmanager.GetSecretValue',
      'null',
      400,
      'SerializationException',
      'The input must be an object.',
    ],
    ['text', 'AmazonSQS.SendMessage', '"a"', 400, 'SerializationException', 'The input must be an object.'],
  ])('answer %s', async (_name, target, sent, status, __type, message = expect.any(String)) => {
    const { body, ...answer } = await json(target, sent);
    expect(answer).toMatchObject({ status, type: 'application/x-amz-json-1.0' });
    expect(JSON.parse(body)).toEqual({ __type, message });
  });

  it('refuse a call without a signature', async () => {
    const { status, body } = await json('AmazonSQS.SendMessage', '{}', {});
    expect({ status, ...JSON.parse(body) }).toMatchObject({
      status: 403,
      __type: 'MissingAuthenticationToken',
    });
  });

  it('hide the details of an internal failure', async () => {
    const told = jest.spyOn(console, 'error').mockImplementation(() => {});
    const { status, body } = await json('AmazonSQS.Break');
    expect({ status, ...JSON.parse(body) }).toMatchObject({ status: 500, __type: 'InternalFailure' });
    expect(body).not.toContain('secret');
    expect(told).toHaveBeenCalledTimes(1);
    told.mockRestore();
  });

  it('identify the caller by the access key', async () => {
    await json('AmazonSQS.SendMessage', '{}', signed('AKIAFUNCTION'));
    expect(log.hops.at(-1)).toBe('create-post → sqs:SendMessage');
    await json('AmazonSQS.SendMessage', '{}', signed('AKIAOTHER'));
    expect(log.hops.at(-1)).toBe('administrator → sqs:SendMessage');
  });

  it('check the permissions of the caller', async () => {
    const { status, body } = await json('AmazonSQS.SendMessage', '{}', signed('AKIAFORBIDDEN'));
    expect({ status, ...JSON.parse(body) }).toEqual({
      status: 403,
      __type: 'AccessDeniedException',
      message: 'Forbidden may not sqs:SendMessage',
    });
  });

  it.each([
    ['{"Id":"key-two"}', 'two'],
    ['{}', 'whole'],
  ])('pass to the service the cause of a call with %s during an invocation', async (text, trace) => {
    const { body } = await json('AmazonSQS.SendMessage', text, { ...signed('AKIAFUNCTION'), ...running });
    expect(JSON.parse(body)).toMatchObject({ trace });
  });
});

describe('the query protocol', () => {
  const query = (text: string, headers: Record<string, string> = signed('AKIATEST'), path = '/') =>
    ask({ 'content-type': 'application/x-www-form-urlencoded', ...headers }, text, path);

  it.each([
    ['in the body', 'Action=Publish&Message=a%20b', '/'],
    ['in the URL', '', '/?Action=Publish&Message=a%20b'],
  ])('reaches SNS with parameters %s', async (_name, text, path) => {
    const { status, type, body } = await query(text, undefined, path);
    expect({ status, type }).toEqual({ status: 200, type: 'text/xml' });
    expect(body).toContain('<PublishResponse');
    expect(body).toContain('<Message>a b</Message>');
  });

  it('begins a trace with a Publish of the administrator, and with no other call', async () => {
    const before = recorder.traces.newest(1_000).length;
    await query('Action=ListTopics');
    await query('Action=Publish&Message=traced', signed('AKIAFUNCTION'));
    const { body } = await query('Action=Publish&Message=traced');
    expect(recorder.traces.newest(1_000)).toHaveLength(before + 1);
    const [begun] = recorder.traces.newest(1);
    expect(begun?.steps).toMatchObject([
      { kind: 'request', hop: { from: 'administrator', to: 'sns', operation: 'Publish' } },
    ]);
    expect(body).toContain(`<trace>${begun?.trace}</trace>`);
  });

  it('returns an error of the service', async () => {
    const { status, body, requestId } = await query('Action=Refuse');
    expect(status).toBe(404);
    expect(body).toContain('<Code>NoSuchThing</Code>');
    expect(body).toContain(`<RequestId>${requestId}</RequestId>`);
  });

  it('refuses a call without a signature', async () => {
    const { status, body } = await query('Action=Publish', {});
    expect(status).toBe(403);
    expect(body).toContain('<Code>MissingAuthenticationToken</Code>');
  });

  it.each(['', 'Message=a'])('refuses %j, which has no operation', async (text) => {
    expect(await query(text)).toMatchObject({ status: 400, type: 'text/xml' });
  });

  it('accepts any path', async () => {
    expect((await query('Action=Publish', undefined, '//')).status).toBe(200);
  });
});

it('answers STS, with the caller', async () => {
  const form = { 'content-type': 'application/x-www-form-urlencoded', ...signed('AKIATEST', 'sts') };
  const { status, body } = await ask(form, 'Action=GetCallerIdentity&Version=2011-06-15');
  expect(status).toBe(200);
  expect(body).toContain('<Arn>arn:aws:iam::123456789012:user/administrator</Arn>');
  expect((await ask(form, 'Action=AssumeRole')).body).toContain(
    '<Message>The local cloud does not emulate AssumeRole of sts.</Message>',
  );
});

it('passes calls of CloudFormation on', async () => {
  const { status, body } = await ask(signed('AKIATEST', 'cloudformation'), 'Action=DescribeStacks');
  expect({ status, body }).toEqual({ status: 200, body: expect.stringContaining('<DescribeStacksResponse') });
});

describe('a call that is not emulated names itself', () => {
  const call = (service: string, headers: Record<string, string>, body = '', path = '/') =>
    ask({ ...headers, ...signed('AKIATEST', service) }, body, path);
  const message = (operation: string, service: string) =>
    `The local cloud does not emulate ${operation} of ${service}.`;

  it.each([
    ['kinesis', 'Kinesis_20131202.ListStreams', 'ListStreams'],
    ['logs', 'Logs_20140328.DescribeLogGroups', 'DescribeLogGroups'],
    ['states', 'AWSStepFunctions.ListStateMachines', 'ListStateMachines'],
    ['any', 'webSocketApi.close', 'close'],
  ])('in JSON: %s', async (service, target, operation) => {
    const type = 'application/x-amz-json-1.0';
    const answer = await call(service, { 'x-amz-target': target, 'content-type': type }, '{}');
    expect(answer).toMatchObject({ status: 400, type });
    expect(JSON.parse(answer.body)).toEqual({
      __type: 'UnknownOperationException',
      message: message(operation, service),
    });
  });

  it.each([
    ['iam', 'GetUser', 400, 'ErrorResponse><Error><Type>Sender</Type><Code>InvalidAction'],
    ['ec2', 'DescribeInstances', 400, 'Response><Errors><Error><Code>InvalidAction'],
    ['monitoring', 'ListMetrics', 400, 'ErrorResponse><Error><Type>Sender</Type><Code>InvalidAction'],
    ['sqs', 'ListQueues', 400, 'ErrorResponse><Error><Type>Sender</Type><Code>InvalidAction'],
  ])('in a query: %s', async (service, operation, status, start) => {
    const answer = await call(service, {}, `Action=${operation}&Version=2010-05-08`);
    expect(answer).toMatchObject({ status, type: 'text/xml' });
    expect(answer.body.startsWith(`<${start}</Code><Message>${message(operation, service)}<`)).toBe(true);
  });

  it.each([
    ['s3', '/bucket', 501, '<Error><Code>NotImplemented', 'POST /bucket'],
    ['s3', '/bucket/key?x-id=PutObject', 501, '<Error><Code>NotImplemented', 'PutObject'],
    [
      'cloudfront',
      '/2020-05-31/distribution',
      400,
      '<ErrorResponse><Error><Type>Sender</Type><Code>UnknownOperationException',
      'POST /2020-05-31/distribution',
    ],
  ])('in XML: %s %s', async (service, path, status, start, operation) => {
    const answer = await call(service, {}, '', path);
    expect(answer).toMatchObject({ status, type: 'text/xml' });
    expect(answer.body.startsWith(`${start}</Code><Message>${message(operation, service)}<`)).toBe(true);
  });

  it.each([
    ['lambda', '/2015-03-31/functions/', 'CreateFunction'],
    ['scheduler', '/schedules/nightly', 'POST /schedules/nightly'],
    ['apigateway', '/restapis', 'POST /restapis'],
  ])('in JSON by the path: %s %s', async (service, path, operation) => {
    const answer = await call(service, { 'content-type': 'application/json' }, '{}', path);
    expect(answer).toMatchObject({ status: 400, type: 'application/json' });
    expect(JSON.parse(answer.body)).toMatchObject({ message: message(operation, service) });
  });

  it('in CBOR', async () => {
    const path = '/service/GraniteServiceVersion20100801/operation/ListMetrics';
    const headers = { 'smithy-protocol': 'rpc-v2-cbor', 'content-type': 'application/cbor' };
    const answer = await call('monitoring', headers, '', path);
    expect(answer).toMatchObject({ status: 400, type: 'application/cbor' });
    expect(answer.body).toContain(message('ListMetrics', 'monitoring'));
  });
});

describe('the management API', () => {
  const connection = (headers: Record<string, string>, stage = 'prod') =>
    ask(headers, 'text', `/${stage}/@connections/abcdefghijklmno=`);

  it('refuses with its own status codes', async () => {
    expect((await connection(signed('AKIATEST'))).status).toBe(410);
    expect((await connection(signed('AKIATEST'), 'other')).status).toBe(403);
    expect((await connection(signed('AKIAFORBIDDEN'))).body).toContain('execute-api:PostToConnection');
    expect((await connection({})).status).toBe(403);
  });
});

describe("Lambda's Invoke", () => {
  const client = () =>
    new Lambda({
      endpoint: url,
      credentials: { accessKeyId: 'AKIATEST', secretAccessKey: 'x' },
      maxAttempts: 1,
    });
  const invoke = (input: Partial<InvokeCommandInput> = {}) =>
    client().invoke({ FunctionName: 'act', Payload: '{"a":1}', ...input });

  it('accepts an event', async () => {
    expect(await invoke({ InvocationType: 'Event' })).toMatchObject({ StatusCode: 202 });
    expect(log.hops.at(-1)).toBe('administrator → lambda:Invoke');
  });

  it('returns the answer of the function, and whether it failed', async () => {
    const { Payload, ...answer } = await invoke();
    expect(answer).toMatchObject({ StatusCode: 200, FunctionError: 'Unhandled' });
    expect(Payload?.transformToString()).toBe('{"a":1}');
  });

  it('refuses with the names of its errors', async () => {
    await expect(invoke({ FunctionName: 'gone' })).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
      message: 'It is gone.',
    });
    const path = '/2015-03-31/functions/act/invocations';
    expect((await ask({}, '{}', path)).status).toBe(403);
    expect((await ask(signed('AKIAFORBIDDEN'), '{}', path)).body).toContain('may not lambda:Invoke');
  });
});

describe('a fault', () => {
  const call = () =>
    ask({ 'x-amz-target': 'DynamoDB_20120810.GetItem', ...signed('AKIAFUNCTION'), ...running }, '{}');
  const switchOn = (fault: object) =>
    faults.add(Fault.parse({ hop: 'create-post → dynamodb:GetItem', ...fault }));

  it('becomes an error of the service', async () => {
    switchOn({ fault: 'throttle' });
    expect(await call()).toMatchObject({ status: 400, body: expect.stringContaining('ThrottlingException') });
  });

  it('ends the connection', async () => {
    switchOn({ fault: 'drop' });
    await expect(call()).rejects.toThrow('fetch failed');
  });

  it('crashes the calling worker', async () => {
    switchOn({ fault: 'crash' });
    await expect(call()).rejects.toThrow('fetch failed');
    expect(invocation.crash).toHaveBeenCalledTimes(1);
  });
});

it('crashes a worker after its first call if a fault asks for that', async () => {
  invocation.crashesAtCall = true;
  const calling = ask({ 'x-amz-target': 'AWSEvents.PutEvents', ...signed('AKIAFUNCTION'), ...running }, '{}');
  await expect(calling).rejects.toThrow('fetch failed');
  expect(log.hops.at(-1)).toBe('create-post → events:PutEvents');
  expect(invocation.crash).toHaveBeenCalledTimes(1);
});

it('says of a call that is not emulated why the template lacks its resource', async () => {
  const headers = {
    'x-amz-target': 'TrentService.DescribeKey',
    ...signed('AKIATEST', 'kms'),
  };
  const { body, status } = await ask(headers, '{"KeyId":"skipped"}');
  expect(status).toBe(400);
  expect(JSON.parse(body)).toMatchObject({
    message: expect.stringMatching(/does not emulate .*\. It is skipped\.$/),
  });
});

it('refuses more than 16 MB', async () => {
  expect((await ask(signed('AKIATEST'), 'a'.repeat(16 * 1024 * 1024 + 1))).status).toBe(413);
});

it('returns the time of the services', async () => {
  const response = await fetch(url, { method: 'POST', headers: signed('AKIATEST'), body: 'Action=Publish' });
  const date = Date.parse(response.headers.get('date') ?? '');
  expect(Math.abs(date - clock.now())).toBeLessThan(60_000);
});
