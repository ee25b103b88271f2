import { writeFileSync } from 'node:fs';
import type { Server } from 'node:http';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import * as fc from 'fast-check';
import * as z from 'zod/mini';
import { AwsPort } from '../../src/cloud/aws-port.ts';
import { seededChance } from '../../src/core/chance.ts';
import { realClock } from '../../src/core/clock.ts';
import { Fault, Faults } from '../../src/core/faults.ts';
import { Recorder } from '../../src/core/recorder.ts';
import { AwsError } from '../../src/core/service.ts';
import { Tracer } from '../../src/core/trace.ts';
import { listen, portOf, serve } from '../../src/http/http-server.ts';
import { ExecutionEnvironment } from '../../src/services/lambda/execution-environment.ts';
import { RecordedLog } from '../fixtures/recorded-log.ts';
import { temporaryFolder } from '../fixtures/temporary-folder.ts';

const folder = temporaryFolder();
writeFileSync(
  join(folder, 'acts.mjs'),
  `import { AsyncLocalStorage } from 'node:async_hooks';
  import * as http from 'node:http';
  import { Readable } from 'node:stream';
  import { pipeline } from 'node:stream/promises';
  import { setTimeout as sleep } from 'node:timers/promises';
  import { DynamoDBClient, GetItemCommand } from ${JSON.stringify(
    pathToFileURL(require.resolve('@aws-sdk/client-dynamodb')).href,
  )};
  const { hostname: host, port } = new URL(process.env.AWS_ENDPOINT_URL);
  const get = new GetItemCommand({ TableName: 'Table', Key: {} });
  const context = new AsyncLocalStorage();
  const atLoad = await new DynamoDBClient({}).send(get).then(({ $metadata }) => $metadata.httpStatusCode);

  /** Sends a request and describes what happens to it. */
  function describe({ options, body, encoding = 'utf8', act }) {
    const agent = new http.Agent({ keepAlive: true });
    const events = [];
    const result = { events };
    return context.run('kept', () => new Promise((resolve) => {
      const request = http.request({ host, port, agent, ...options });
      result.kind = [request instanceof http.ClientRequest, request.path, request.method, request.getHeader('Host')];
      request.once('close', () => setTimeout(() => resolve(result), 1));
      for (const name of ['socket', 'finish', 'response', 'abort', 'timeout', 'close'])
        request.on(name, () => events.push(name));
      request.on('error', ({ name, code, message }) => events.push([name, code, message]));
      request.on('response', (response) => {
        const { connection, date, 'keep-alive': _, 'x-amzn-requestid': __, ...headers } = response.headers;
        const { statusCode, statusMessage, httpVersion } = response;
        Object.assign(result, { statusCode, statusMessage, httpVersion, headers, body: '' });
        result.distinct = response.headersDistinct['content-type'];
        result.raw = response.rawHeaders.includes('Content-Type');
        result.context = context.getStore();
        response.on('data', (chunk) => { result.body += chunk.toString('latin1'); });
        response.on('end', () => events.push(['end', response.complete, response.aborted]));
        if (act === 'discard') response.removeAllListeners('data').resume();
        if (act === 'destroyResponse') response.destroy(new Error('of the response'));
      });
      if (act === 'destroy') request.destroy();
      if (act === 'destroyWith') request.destroy(new TypeError('on purpose'));
      if (act === 'abort') request.abort();
      if (act === 'abortLater') request.once('finish', () => setTimeout(() => request.abort(), 5));
      if (act === 'destroyLater') request.once('finish', () => setTimeout(() => request.destroy(), 5));
      if (act === 'timeout') request.setTimeout(5, () => { events.push('told'); request.destroy(); });
      if (act === 'socketTimeout')
        request.once('socket', (socket) => socket.setTimeout(5, () => request.destroy(new Error('inactive'))));
      if (act === 'pipe') return pipeline(Readable.from([body, Buffer.from('é')]), request).catch(() => {});
      if (act === 'parts') {
        const half = Math.ceil(body.length / 2);
        request.write(body.slice(0, half), () => events.push('written'));
        request.write(Buffer.from(body.slice(half)));
        request.end();
        return;
      }
      request.end(typeof body === 'string' ? Buffer.from(body, encoding) : undefined);
      result.sent = [request.writableEnded, request.finished];
      if (act === 'writeLate') request.write('more');
      if (act === 'endAgain') request.end((error) => events.push(error?.code));
      if (act === 'setLate') {
        request.once('finish', () => { try { request.setHeader('a', 'b'); } catch ({ code }) { events.push(code); } });
      }
    }));
  }

  /** Calls DynamoDB and describes the outcome. */
  async function call({ settings, abortAfter, calls = 1, destroyAfter }) {
    const client = new DynamoDBClient({ maxAttempts: 1, ...settings });
    const abort = new AbortController();
    if (abortAfter !== undefined) setTimeout(() => abort.abort(), abortAfter);
    if (destroyAfter !== undefined) setTimeout(() => client.destroy(), destroyAfter);
    const outcomes = Array.from({ length: calls }, () => client.send(get, { abortSignal: abort.signal }).then(
      ({ $metadata: { attempts, httpStatusCode }, Item }) => ({ attempts, httpStatusCode, Item }),
      ({ name, code, message, $metadata, $fault }) =>
        ({ name, code, message, fault: $fault, status: $metadata?.httpStatusCode, attempts: $metadata?.attempts }),
    ));
    return Promise.all(outcomes);
  }

  /** Sends requests at once by one agent, whose connections close after a response. */
  async function share({ requests }) {
    const agent = new http.Agent({ maxSockets: 1 });
    const send = (options) => new Promise((resolve, reject) => {
      const request = http.request({ host, port, agent, ...options }, (response) => {
        response.resume().once('close', () => resolve(response.statusCode));
      });
      request.once('error', reject).end();
    });
    const statuses = await Promise.all(requests.map(send));
    await sleep(10);
    return { statuses, kept: [agent.sockets, agent.requests].flatMap(Object.keys) };
  }

  const acts = {
    describe,
    share,
    call,
    atLoad: () => atLoad,
    headers: ({ headers }) => {
      try {
        http.request({ host, port, agent: new http.Agent(), headers }).destroy().on('error', () => {});
      } catch ({ code }) { return code; }
    },
  };
  export const handler = (event) => acts[event.name](event);`,
);

const AUTHORIZATION =
  'AWS4-HMAC-SHA256 Credential=AKIATEST/20260131/eu-west-1/dynamodb/aws4_request, SignedHeaders=host, Signature=0';
const signed = { authorization: AUTHORIZATION, 'x-amz-target': 'DynamoDB_20120810.GetItem' };

const log = new RecordedLog();
const recorder = new Recorder(realClock);
const faults = new Faults({ chance: seededChance('test'), clock: realClock, log });
afterEach(() => faults.clear());

let running = 0;
let mostRunning = 0;
/** Answers with the call. */
const service = {
  async call(operation: string, input: unknown) {
    mostRunning = Math.max(mostRunning, ++running);
    await new Promise((resolve) => setTimeout(resolve, 1));
    running--;
    if (operation === 'Refuse') throw new AwsError('NoSuchThing', 'There is no "é".', 404);
    return { operation, input, Item: { id: { S: 'é' } } };
  },
};
const port = new AwsPort({
  journal: { written: async () => {} },
  services: {
    cloudFormation: service,
    comprehend: service,
    dynamodb: service,
    dynamodbStreams: service,
    events: service,
    lambda: { invoke: async ({ Payload }) => ({ StatusCode: 200, Payload, FunctionError: 'Unhandled' }) },
    secretsManager: service,
    sns: service,
    sqs: service,
    webSocketApi: undefined,
  },
  callers: new Map([['AKIATEST', { functionName: 'Act', label: 'act' }]]),
  callerArn: () => 'arn',
  invocation: () => undefined,
  authorize: () => [],
  skippedIn: () => undefined,
  clock: realClock,
  faults,
  recorder,
  log,
  tracer: new Tracer('test'),
});

let server: Server;
let url: string;
let network: ExecutionEnvironment;
let channel: ExecutionEnvironment;
let carried = 0;
let served = 0;
beforeAll(async () => {
  server = await listen(0);
  serve(server, (request, response) => {
    served++;
    return port.handle(request, response);
  });
  url = `http://127.0.0.1:${portOf(server)}`;
  network = open(undefined);
  channel = open({
    url,
    answer(call) {
      carried++;
      return port.answer(call);
    },
  });
});
afterAll(async () => {
  await Promise.all([network, channel].map((environment) => environment.terminate()));
  server.closeAllConnections();
  server.close();
});

function open(aws: ConstructorParameters<typeof ExecutionEnvironment>[2]['aws']): ExecutionEnvironment {
  const environment = {
    AWS_ACCESS_KEY_ID: 'AKIATEST',
    AWS_ENDPOINT_URL: url,
    AWS_REGION: 'eu-west-1',
    AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
    AWS_SECRET_ACCESS_KEY: 'local',
  };
  const functionArn = 'arn:aws:lambda:eu-west-1:123456789012:function:act';
  const settings = { functionName: 'act', functionArn, handler: 'acts.handler', environment };
  return new ExecutionEnvironment(
    folder,
    { ...settings, timeoutMs: 60_000, memoryMb: 256 },
    { aws, clock: realClock, print: () => {} },
  );
}

async function run(environment: ExecutionEnvironment, event: object): Promise<unknown> {
  const request = {
    requestId: 'one',
    payload: JSON.stringify(event),
    traceHeader: 'Root=1',
    now: Date.now(),
  };
  const result = await environment.invoke(request);
  if (!result.ok) throw new Error(result.errorMessage);
  // The ID of a request is in its response in XML.
  return JSON.parse(result.payload.replace(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, 'id'));
}

/** Expects the same outcome on both ways, and returns it. */
async function same(event: object): Promise<unknown> {
  const overNetwork = await run(network, event);
  const overChannel = await run(channel, event);
  expect(overChannel).toEqual(overNetwork);
  return overChannel;
}

/** Counts the requests of both kinds that the channel's environment makes during a task. */
async function counted(task: () => Promise<unknown>): Promise<{ carried: number; served: number }> {
  const before = { carried, served };
  await task();
  return { carried: carried - before.carried, served: served - before.served };
}

const post = (headers: object = {}, more: object = {}) => ({
  name: 'describe',
  options: { method: 'POST', path: '/', headers: { ...signed, ...headers }, ...more },
});

it('carries the calls of the SDK, even while the code is loaded', async () => {
  expect(await same({ name: 'atLoad' })).toBe(200);
  const counts = await counted(() => run(channel, { name: 'call' }));
  expect(counts).toEqual({ carried: 1, served: 0 });
});

it.each([
  ['an unsigned request', { authorization: undefined }, {}],
  ['a request for another host name', { host: 'example.com' }, {}],
  ['headers that a server refuses', { long: 'a'.repeat(9_000) }, {}],
  ['a header that HTTP trims', { padded: ' a ' }, {}],
  ['a header with several values', { several: ['a', 'b'] }, {}],
  ['a request that waits for the server', { expect: '100-continue' }, {}],
  ['a request with a time limit', {}, { timeout: 1_000 }],
  ['a request without a body in its response', {}, { method: 'HEAD' }],
  ['a request with a password', {}, { auth: 'a:b' }],
])('leaves %s to the network', async (_what, headers, more) => {
  expect(await counted(() => run(channel, post(headers, more)))).toEqual({
    carried: 0,
    served: expect.any(Number),
  });
});

describe('a response over the channel is that over the network', () => {
  it.each([
    ['of a call', {}, '{"a":"é"}', '/'],
    ['of an error', { 'x-amz-target': 'DynamoDB_20120810.Refuse' }, '{}', '/'],
    ['of a call that is not JSON', {}, '{', '/'],
    ['of an operation that is not emulated', { 'x-amz-target': 'Kinesis.ListStreams' }, '{}', '/'],
    ['in CBOR', { 'x-amz-target': undefined, 'content-type': 'application/cbor' }, '', '/'],
    ['of an SQS error', { 'x-amz-target': 'AmazonSQS.Refuse' }, '{}', '/'],
    ['in XML', { 'x-amz-target': undefined }, 'Action=Publish&Message=%C3%A9', '/?x=1'],
    ['of a function', { 'x-amz-target': undefined }, '{"a":1}', '/2015-03-31/functions/act/invocations'],
    ['to a page of another origin', { origin: 'http://example.com' }, '{}', '/'],
  ])('%s', async (_what, headers, body, path) => {
    const answer = await same({ ...post(headers, { path }), body });
    expect(answer).toMatchObject({ events: expect.arrayContaining([['end', true, false], 'close']) });
  });

  it('to a body that is too long', async () => {
    const event = { ...post(), body: 'a'.repeat(16 * 1024 ** 2 + 1) };
    // Over the network, the response can arrive before the body is sent.
    const [overNetwork, overChannel] = [await run(network, event), await run(channel, event)].map(
      (result) => {
        const { events, ...rest } = z.looseObject({ events: z.array(z.unknown()) }).parse(result);
        return { ...rest, events: new Set(events) };
      },
    );
    expect(overChannel).toEqual(overNetwork);
    expect(overChannel).toMatchObject({
      statusCode: 413,
      events: new Set(['socket', 'response', ['end', true, false], 'finish', 'close']),
    });
  });

  it('for any signed call', async () => {
    const call = fc.record({
      headers: fc.record(
        {
          'x-amz-target': fc.constantFrom(
            'AmazonSQS.SendMessage',
            'AWSEvents.PutEvents',
            'DynamoDB_20120810',
            '',
          ),
          'content-type': fc.constantFrom('application/x-amz-json-1.0', 'text/plain', 'application/cbor'),
          'X-Mixed-Case': fc.string({ unit: 'grapheme-ascii' }),
          'amz-sdk-request': fc.constantFrom('attempt=1', 'attempt=2; max=3'),
        },
        { requiredKeys: [] },
      ),
      path: fc.oneof(
        fc.constantFrom('/', '/?Action=ListTopics', '/a/@connections/b'),
        fc.webPath().map((path) => `/${path}`),
      ),
      method: fc.constantFrom('POST', 'PUT', 'PATCH', 'GET'),
      body: fc.oneof(fc.json(), fc.string({ unit: 'binary' }), fc.base64String()),
      encoding: fc.constantFrom('utf8', 'latin1', 'base64'),
      act: fc.constantFrom('none', 'parts', 'pipe'),
    });
    await fc.assert(
      fc.asyncProperty(call, async ({ headers, path, method, ...given }) => {
        const options = { path, method, headers: { authorization: AUTHORIZATION, ...headers } };
        await same({ name: 'describe', options, ...given });
      }),
      { numRuns: 40 },
    );
  });
});

/** Delays the response until long after the user has given up, however slow the machine is. */
const tooLate = { fault: 'delay', ms: 60_000 };

it.each([
  'destroy',
  'destroyWith',
  'abort',
  'abortLater',
  'destroyLater',
  'timeout',
  'socketTimeout',
  'writeLate',
  'endAgain',
  'setLate',
  'discard',
  'destroyResponse',
])('a request that its user handles thus behaves as over the network: %s', async (act) => {
  if (/Later|imeout/.test(act)) faults.add(Fault.parse({ service: 'dynamodb', ...tooLate }));
  await same({ ...post(), body: '{}', act });
});

it('throws for a header that HTTP does not allow', async () => {
  expect(await same({ name: 'headers', headers: { ...signed, bad: 'a\nb' } })).toBe('ERR_INVALID_CHAR');
});

describe('the SDK has the same outcome of', () => {
  const on = (fault: object) =>
    faults.add(Fault.parse({ service: 'dynamodb', operation: 'GetItem', ...fault }));

  it.each([
    ['a dropped connection', { fault: 'drop' }, {}, { name: 'TimeoutError', code: 'ECONNRESET' }],
    ['a throttle', { fault: 'throttle' }, {}, { name: 'ThrottlingException', status: 400 }],
    ['an error', { fault: 'error', code: 'Broken', status: 503 }, {}, { name: 'Broken', status: 503 }],
    [
      'a response that takes too long',
      tooLate,
      { settings: { requestHandler: { requestTimeout: 20, throwOnRequestTimeout: true } } },
      { name: 'TimeoutError', code: 'ETIMEDOUT' },
    ],
    [
      'a connection that is silent for too long',
      tooLate,
      { settings: { requestHandler: { socketTimeout: 20 } } },
      { name: 'TimeoutError' },
    ],
    ['an aborted call', tooLate, { abortAfter: 20 }, { name: 'AbortError' }],
    ['a client that is destroyed', tooLate, { destroyAfter: 20 }, { code: 'ECONNRESET' }],
  ])('%s', async (_what, fault, event, outcome) => {
    on(fault);
    expect(await same({ name: 'call', ...event })).toEqual([expect.objectContaining(outcome)]);
  });

  it.each([{ fault: 'drop' }, { fault: 'throttle' }])('retries after %j', async (fault) => {
    for (const environment of [network, channel]) {
      // Without a trace, the fault counts the calls of both.
      faults.clear();
      on({ ...fault, times: 2 });
      expect(await run(environment, { name: 'call', settings: { maxAttempts: 3 } })).toEqual([
        { attempts: 3, httpStatusCode: 200, Item: { id: { S: 'é' } } },
      ]);
    }
  });

  it('more calls than its connections', async () => {
    for (const environment of [network, channel]) {
      mostRunning = 0;
      const settings = { requestHandler: { httpAgent: { maxSockets: 2 } } };
      expect(await run(environment, { name: 'call', calls: 9, settings })).toHaveLength(9);
      expect(mostRunning).toBe(2);
    }
  });

  it('calls of both ways by one agent', async () => {
    const [signedPost, remove] = ['POST', 'DELETE'].map((method) => ({ method, path: '/', headers: signed }));
    const requests = [signedPost, remove, signedPost, remove, signedPost];
    const counts = await counted(() => run(channel, { name: 'share', requests }));
    expect(counts).toEqual({ carried: 3, served: 2 });
    expect(await same({ name: 'share', requests })).toEqual({
      statuses: [200, 200, 200, 200, 200],
      kept: [],
    });
  });

  it('calls that wait too long for a connection', async () => {
    // Far apart, because a slow machine takes a while to connect over the network.
    on({ fault: 'delay', ms: 1_500 });
    const requestHandler = { connectionTimeout: 500, httpAgent: { maxSockets: 1 } };
    const outcomes = await same({ name: 'call', calls: 2, settings: { requestHandler } });
    expect(outcomes).toContainEqual(expect.objectContaining({ httpStatusCode: 200 }));
    expect(outcomes).toContainEqual(expect.objectContaining({ name: 'TimeoutError' }));
  });
});
