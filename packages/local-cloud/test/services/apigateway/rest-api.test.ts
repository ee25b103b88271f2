import { request as httpRequest, type IncomingMessage, type RequestOptions, type Server } from 'node:http';
import { text } from 'node:stream/consumers';
import * as z from 'zod/mini';
import { resourceTypes } from '../../../src/cloud/resource-types.ts';
import { seededChance } from '../../../src/core/chance.ts';
import { Fault, Faults } from '../../../src/core/faults.ts';
import { Recorder } from '../../../src/core/recorder.ts';
import { AwsError } from '../../../src/core/service.ts';
import { Tracer } from '../../../src/core/trace.ts';
import { listen, portOf, serve } from '../../../src/http/http-server.ts';
import type { ApiServices } from '../../../src/services/apigateway/lambda-integration.ts';
import { RestApi } from '../../../src/services/apigateway/rest-api.ts';
import { MethodResource } from '../../../src/services/apigateway/rest-resources.ts';
import type { InvocationResult } from '../../../src/services/lambda/execution-environment.ts';
import { Template } from '../../../src/template/template.ts';
import { account, functionResource, writeAssembly } from '../../fixtures/assembly.ts';
import { eventually } from '../../fixtures/eventually.ts';
import { ManualClock } from '../../fixtures/manual-clock.ts';
import { RecordedLog } from '../../fixtures/recorded-log.ts';
import { temporaryFolder } from '../../fixtures/temporary-folder.ts';

const TRACE = ['Error: secret', '    at act (handlers/act.ts:1:2)', '    at next (b.ts:3:4)'];

const invocations: Parameters<ApiServices['lambda']['invoke']>[] = [];

/** Returns the event, or the response that its body describes. */
const lambda = {
  async invoke(...invocation: Parameters<ApiServices['lambda']['invoke']>): Promise<InvocationResult> {
    invocations.push(invocation);
    const { body } = z.object({ body: z.nullable(z.string()) }).parse(invocation[1]);
    const answer = (payload: string) => ({ ok: true as const, payload });
    if (body === 'throw') return { ok: false, errorType: 'Error', errorMessage: 'secret', trace: TRACE };
    if (body === 'hang') return new Promise(() => {});
    const [, code, status] = /^refuse (\w+) (\d+)$/.exec(body ?? '') ?? [];
    if (code) throw new AwsError(code, 'secret', Number(status));
    if (body?.startsWith('{')) return answer(body);
    const size = body?.length ?? 0;
    return answer(
      JSON.stringify({ statusCode: 200, body: JSON.stringify(size > 100 ? size : invocation[1]) }),
    );
  },
};

const root = { 'Fn::GetAtt': ['Api', 'RootResourceId'] };
const RestApiId = { Ref: 'Api' };
const path = (ParentId: unknown, PathPart: string) => ({
  Type: 'AWS::ApiGateway::Resource',
  Properties: { ParentId, PathPart, RestApiId },
});
const method = (HttpMethod: string, ResourceId: unknown, settings: object = {}) => ({
  Type: 'AWS::ApiGateway::Method',
  Properties: {
    HttpMethod,
    ResourceId,
    RestApiId,
    AuthorizationType: 'NONE',
    Integration: {
      Type: 'AWS_PROXY',
      IntegrationHttpMethod: 'POST',
      Uri: {
        'Fn::Sub': `arn:aws:apigateway:$\{AWS::Region}:lambda:path/2015-03-31/functions/$\{Echo.Arn}/invocations`,
      },
      ...settings,
    },
  },
});
const resources = {
  Echo: functionResource('echo'),
  Api: {
    Type: 'AWS::ApiGateway::RestApi',
    Properties: { Name: 'api', BinaryMediaTypes: ['application/octet-stream', 'image/*'] },
  },
  Deployment: { Type: 'AWS::ApiGateway::Deployment', Properties: { RestApiId } },
  Stage: {
    Type: 'AWS::ApiGateway::Stage',
    Properties: {
      StageName: 'prod',
      RestApiId,
      DeploymentId: { Ref: 'Deployment' },
      MethodSettings: [
        { HttpMethod: '*', ResourcePath: '/*', ThrottlingRateLimit: 1, ThrottlingBurstLimit: 3 },
        { HttpMethod: 'GET', ResourcePath: '/~1posts~1latest', ThrottlingBurstLimit: 1 },
      ],
    },
  },
  NotFound: {
    Type: 'AWS::ApiGateway::GatewayResponse',
    Properties: { ResponseType: 'MISSING_AUTHENTICATION_TOKEN', RestApiId, StatusCode: '404' },
  },
  Posts: path(root, 'posts'),
  Post: path({ Ref: 'Posts' }, '{id}'),
  Latest: path({ Ref: 'Posts' }, 'latest'),
  CreatePost: method('POST', { Ref: 'Posts' }),
  ReplacePosts: method('PUT', { Ref: 'Posts' }, { TimeoutInMillis: 50 }),
  GetPost: method('GET', { Ref: 'Post' }),
  GetLatest: method('GET', { Ref: 'Latest' }),
  GetRoot: method('GET', root),
  PostsOptions: {
    Type: 'AWS::ApiGateway::Method',
    Properties: {
      HttpMethod: 'OPTIONS',
      ResourceId: { Ref: 'Posts' },
      RestApiId,
      AuthorizationType: 'NONE',
      Integration: {
        Type: 'MOCK',
        IntegrationResponses: [
          { StatusCode: '204', ResponseParameters: { 'method.response.header.Vary': "'Origin'" } },
        ],
      },
    },
  },
};

const folder = temporaryFolder();
const log = new RecordedLog();
const read = (more: object = {}) =>
  new Template(writeAssembly(folder, { Resources: { ...resources, ...more } }), account, resourceTypes);
const template = read();
const clock = new ManualClock();
const faults = new Faults({ chance: seededChance('test'), clock, log });
const recorder = new Recorder(clock, false);
let server: Server;
let api: RestApi;
beforeAll(async () => {
  server = await listen(0);
  serve(server, (request, response) => api.handle(request, response));
});
beforeEach(() => {
  invocations.length = 0;
  faults.clear();
  api = new RestApi(template, { account, lambda, clock, log, tracer: new Tracer('seed'), faults, recorder });
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

/** Sends a request unchanged, unlike `fetch`, which normalizes paths. */
async function send(options: RequestOptions, body?: string | Buffer) {
  const request = httpRequest({ host: '127.0.0.1', port: portOf(server), agent: false, ...options });
  request.end(body);
  const [response]: [IncomingMessage] = await new Promise((resolve, reject) => {
    request.on('response', (answer) => resolve([answer]));
    request.on('error', reject);
  });
  return { status: response.statusCode, headers: response.headers, body: await text(response) };
}

async function eventOf(options: RequestOptions, body?: string | Buffer) {
  return JSON.parse((await send(options, body)).body);
}

describe('the event', () => {
  it('is that of a proxy integration behind a custom domain name', async () => {
    const headers = ['Host', 'blog.localhost', 'X-Twice', '1', 'X-Twice', '2', 'User-Agent', 'test'];
    const { status, ...answer } = await send({ path: '/posts/a%20b?t=1&t=2&u=%C3%A9', headers });
    const event = JSON.parse(answer.body);
    expect(event).toEqual({
      resource: '/posts/{id}',
      path: '/posts/a%20b',
      httpMethod: 'GET',
      headers: {
        Host: 'blog.localhost',
        'X-Twice': '2',
        'User-Agent': 'test',
        'X-Amzn-Trace-Id': expect.stringMatching(/^Root=1-697dcb98-[0-9a-f]{24}$/),
        'X-Forwarded-For': '127.0.0.1',
        'X-Forwarded-Port': String(portOf(server)),
        'X-Forwarded-Proto': 'http',
      },
      multiValueHeaders: expect.objectContaining({ 'X-Twice': ['1', '2'], 'X-Forwarded-For': ['127.0.0.1'] }),
      queryStringParameters: { t: '2', u: 'é' },
      multiValueQueryStringParameters: { t: ['1', '2'], u: ['é'] },
      pathParameters: { id: 'a%20b' },
      stageVariables: null,
      requestContext: {
        accountId: account.id,
        apiId: expect.stringMatching(/^[a-z0-9]{10}$/),
        deploymentId: expect.stringMatching(/^[a-z0-9]{10}$/),
        domainName: 'blog.localhost',
        domainPrefix: 'blog',
        extendedRequestId: answer.headers['x-amz-apigw-id'],
        httpMethod: 'GET',
        identity: {
          accessKey: null,
          accountId: null,
          caller: null,
          cognitoAuthenticationProvider: null,
          cognitoAuthenticationType: null,
          cognitoIdentityId: null,
          cognitoIdentityPoolId: null,
          principalOrgId: null,
          sourceIp: '127.0.0.1',
          user: null,
          userAgent: 'test',
          userArn: null,
        },
        path: '/posts/a%20b',
        protocol: 'HTTP/1.1',
        requestId: answer.headers['x-amzn-requestid'],
        requestTime: '31/Jan/2026:09:30:00 +0000',
        requestTimeEpoch: clock.now(),
        resourceId: expect.any(String),
        resourcePath: '/posts/{id}',
        stage: 'prod',
      },
      body: null,
      isBase64Encoded: false,
    });
    expect(status).toBe(200);
    expect(answer.headers['x-amz-apigw-id']).toMatch(/^[\w-]{15}=$/);
    expect(answer.headers['x-amzn-requestid']).toMatch(/^[0-9a-f-]{36}$/);
  });

  it("has the stage only in the context's path if the client names the stage", async () => {
    expect(await eventOf({ path: '/prod/posts/7' })).toMatchObject({
      resource: '/posts/{id}',
      path: '/posts/7',
      pathParameters: { id: '7' },
      requestContext: { path: '/prod/posts/7', resourcePath: '/posts/{id}', stage: 'prod' },
    });
  });

  it('has no hop-by-hop headers, and the values of API Gateway in place of those of the client', async () => {
    const headers = {
      connection: 'x',
      te: 'trailers',
      'x-forwarded-for': '203.0.113.1',
      'x-forwarded-proto': 'gopher',
      'x-amzn-trace-id': 'mine',
    };
    const event = await eventOf({ path: '/', headers });
    expect(Object.keys(event.headers)).toEqual([
      'Host',
      'X-Amzn-Trace-Id',
      'X-Forwarded-For',
      'X-Forwarded-Port',
      'X-Forwarded-Proto',
    ]);
    expect(event.headers).toMatchObject({
      'X-Forwarded-For': '203.0.113.1, 127.0.0.1',
      'X-Forwarded-Proto': 'http',
    });
  });

  it('is sent to the function on behalf of the method, as in its permission', async () => {
    const { headers, requestContext } = await eventOf({ path: '/posts/7' });
    const sourceArn = `arn:aws:execute-api:eu-west-1:123456789012:${requestContext.apiId}/prod/GET/posts/{id}`;
    expect(invocations).toEqual([
      [
        'arn:aws:lambda:eu-west-1:123456789012:function:echo',
        expect.anything(),
        {
          name: 'GET /posts/{id}',
          cause: { trace: headers['X-Amzn-Trace-Id'].slice(-24) },
          service: { principal: 'apigateway.amazonaws.com', sourceArn },
        },
      ],
    ]);
  });

  it('has null for empty parts', async () => {
    expect(await eventOf({ path: '/' })).toMatchObject({
      resource: '/',
      queryStringParameters: null,
      multiValueQueryStringParameters: null,
      pathParameters: null,
    });
  });

  it.each([
    ['no media type', {}, 'é "', 'é "', false],
    ['a type that is not binary to the API', { 'content-type': 'text/plain' }, [0xff], '\ufffd', false],
    ['one that is', { 'content-type': 'application/octet-stream; a=b' }, [0xff, 0x00], '/wA=', true],
    ['one of a range that is', { 'content-type': 'Image/PNG' }, 'a', 'YQ==', true],
  ])('has the body of a request with %s', async (_name, headers, sent, body, isBase64Encoded) => {
    const options = { method: 'POST', path: '/posts', headers };
    expect(await eventOf(options, Buffer.from(sent))).toMatchObject({ body, isBase64Encoded });
  });

  it('accepts any name of a parameter or a header', async () => {
    const query = 'constructor=1&toString=2&__proto__=3';
    const event = await eventOf({ path: `/?${query}`, headers: { constructor: 'x' } });
    expect(Object.entries(event.queryStringParameters)).toEqual([
      ['constructor', '1'],
      ['toString', '2'],
      ['__proto__', '3'],
    ]);
    expect(event.multiValueHeaders.constructor).toEqual(['x']);
  });
});

describe('the route', () => {
  it.each([
    ['POST', '/posts', '/posts', null],
    ['POST', '/posts/', '/posts', null],
    ['GET', '/posts/7', '/posts/{id}', { id: '7' }],
    ['GET', '/posts/latest', '/posts/latest', null],
    ['POST', '/prod//posts', '/posts', null],
    ['GET', '/prod///posts/7', '/posts/{id}', { id: '7' }],
    ['GET', '/prod//', '/', null],
  ])('of %s %s is %s', async (name, url, resource, pathParameters) => {
    expect(await eventOf({ method: name, path: url })).toMatchObject({ resource, pathParameters });
  });

  it.each([
    ['GET', '/nowhere'],
    ['GET', '/posts'],
    ['DELETE', '/posts'],
    ['GET', '/posts/7/more'],
    ['GET', '/Posts/7'],
    ['POST', '//posts'],
    ['POST', '//evil.example.com/posts'],
    ['GET', '//'],
    ['GET', '/posts//'],
    ['GET', '/prod/posts//7'],
  ])('of %s %s does not exist', async (name, url) => {
    const { status, body } = await send({ method: name, path: url });
    expect({ status, body }).toEqual({ status: 404, body: '{"message":"Missing Authentication Token"}' });
  });

  it('does not depend on a valid host', async () => {
    expect(await eventOf({ path: '/', headers: { host: 'localhost:99999' } })).toMatchObject({
      resource: '/',
    });
  });

  it('does not exist if the host is empty', async () => {
    expect((await send({ path: '/', headers: ['Host', ''] })).status).toBe(404);
  });

  it('may be a mock integration', async () => {
    const { status, headers, body } = await send({ method: 'OPTIONS', path: '/posts' });
    expect({ status, vary: headers.vary, body }).toEqual({ status: 204, vary: 'Origin', body: '' });
  });
});

describe('the response', () => {
  const post = (body: unknown) =>
    send({ method: 'POST', path: '/posts' }, typeof body === 'string' ? body : JSON.stringify(body));

  it('is that of the function, whose header names may have any case', async () => {
    const answer = {
      statusCode: 201,
      headers: { 'content-type': 'text/plain', location: '/posts/1' },
      body: 'é',
    };
    const { status, headers, body } = await post(answer);
    expect({ status, body }).toEqual({ status: 201, body: 'é' });
    expect(headers).toMatchObject({
      'content-type': 'text/plain',
      location: '/posts/1',
      'x-amzn-requestid': expect.stringMatching(/^[0-9a-f-]{36}$/),
    });
  });

  it('has no body if its status allows none', async () => {
    const { status, headers, body } = await post({ statusCode: 304, headers: { ETag: '"2"' }, body: 'more' });
    expect({ status, etag: headers.etag, body }).toEqual({ status: 304, etag: '"2"', body: '' });
    expect(headers).not.toHaveProperty('content-length');
  });

  it.each([
    ['a function that throws', 'throw'],
    ['an interim status', { statusCode: 103 }],
    ['a body that is not text', { statusCode: 200, body: {} }],
  ])('is 502 for %s', async (_name, body) => {
    const { status, ...answer } = await post(body);
    expect([status, answer.body]).toEqual([502, '{"message":"Internal server error"}']);
  });

  it('is explained in the terminal if the function fails', async () => {
    await post('throw');
    expect(log.errors.at(-1)).toBe(
      'POST /posts: The function failed, so the client receives a 502. Error: secret at act (handlers/act.ts:1:2)',
    );
  });

  it('is 504 if the function exceeds the timeout of the integration', async () => {
    const sent = send({ method: 'PUT', path: '/posts' }, 'hang');
    await eventually(() => expect(clock.pending).toBe(1));
    clock.advance(50);
    const { status, body } = await sent;
    expect([status, body]).toEqual([504, '{"message":"Endpoint request timed out"}']);
    expect(log.errors.at(-1)).toBe('PUT /posts: No response within 0.05 s, so the client receives a 504.');
  });

  it.each([
    [
      'lacks the permission to invoke the function',
      'AccessDeniedException 403',
      500,
      'Internal server error',
    ],
    ['is throttled by Lambda', 'TooManyRequestsException 429', 500, 'Internal server error'],
    ['has an event that is too large for Lambda', 'RequestTooLargeException 413', 413, 'Request Too Long'],
  ])('is an error of API Gateway for an API that %s', async (_name, refusal, status, message) => {
    const answer = await post(`refuse ${refusal}`);
    expect([answer.status, answer.body]).toEqual([status, JSON.stringify({ message })]);
  });

  it.each([
    ['image/png, */*', Buffer.from([0xff])],
    ['*/*, image/png', Buffer.from('/w==')],
    ['text/plain', Buffer.from('/w==')],
  ])(
    'to a client that accepts %s is decoded if that type is binary for the API',
    async (accept, expected) => {
      const url = `http://127.0.0.1:${portOf(server)}/posts`;
      const body = JSON.stringify({ statusCode: 200, isBase64Encoded: true, body: '/w==' });
      const answer = await fetch(url, { method: 'POST', headers: { accept }, body });
      expect(Buffer.from(await answer.arrayBuffer())).toEqual(expected);
    },
  );

  it('repeats a header as often as the function does', async () => {
    const { headers } = await post({
      statusCode: 200,
      headers: { 'set-cookie': 'a=1' },
      multiValueHeaders: { 'Set-Cookie': ['b=2', 'c=3'] },
    });
    expect(headers['set-cookie']).toEqual(['b=2', 'c=3', 'a=1']);
  });

  it('is 429 over the throttle of the method until tokens are refilled', async () => {
    const statuses = async (count: number) => {
      const found = [];
      for (let sent = 0; sent < count; sent++) found.push((await post('a')).status);
      return found;
    };
    expect(await statuses(5)).toEqual([200, 200, 200, 429, 429]);
    expect((await send({ path: '/' })).status).toBe(200);
    clock.advance(2_000);
    expect(await statuses(3)).toEqual([200, 200, 429]);
  });

  it('is 429 over the throttle that the stage sets for one method', async () => {
    const get = async () => (await send({ path: '/posts/latest' })).status;
    expect([await get(), await get()]).toEqual([200, 429]);
    clock.advance(1_000);
    expect([await get(), await get()]).toEqual([200, 429]);
  });

  it('is 413 for a request over 10 MB', async () => {
    const limit = 10 * 1024 * 1024;
    expect((await post('a'.repeat(limit))).body).toBe(String(limit));
    expect((await post('a'.repeat(limit + 1))).status).toBe(413);
  });
});

it.each([
  [
    'settings of all methods of a path',
    {
      Other: {
        Type: 'AWS::ApiGateway::Stage',
        Properties: {
          ...resources.Stage.Properties,
          MethodSettings: [{ HttpMethod: '*', ResourcePath: '/~1posts' }],
        },
      },
    },
    'must name one method, or all with HttpMethod * and ResourcePath /*',
  ],
  [
    'a greedy path',
    { Proxy: path(root, '{proxy+}') },
    'PathPart "{proxy+}": greedy path variables are not supported.',
  ],
  [
    'an interim status of a gateway response',
    {
      Early: {
        Type: 'AWS::ApiGateway::GatewayResponse',
        Properties: { ResponseType: 'DEFAULT_5XX', RestApiId, StatusCode: '103' },
      },
    },
    'StatusCode "103": ',
  ],
  ['a method for all', { Any: method('ANY', root) }, 'HttpMethod "ANY": ANY is not supported.'],
])('does not start with %s, which it does not support', (_name, more, message) => {
  expect(() => read(more)).toThrow(message);
});

it('has an integration timeout of 29 seconds by default', () => {
  const { Properties } = method('GET', 'root');
  const Integration = { ...Properties.Integration, Uri: '' };
  expect(
    MethodResource.properties.parse({ ...Properties, RestApiId: 'api', Integration }).Integration,
  ).toMatchObject({ TimeoutInMillis: 29_000 });
});

it('drops the connection of a client after the function has run if that fault is switched on', async () => {
  faults.add(Fault.parse({ hop: 'client → POST /posts', fault: 'drop', when: 'after' }));
  await expect(send({ method: 'POST', path: '/posts' }, '{}')).rejects.toThrow('socket hang up');
  expect(invocations).toHaveLength(1);
});

it.each([
  ['throttle', 429],
  ['error', 500],
])('refuses a client with a gateway response if the fault %s is switched on', async (fault, status) => {
  faults.add(Fault.parse({ hop: 'client → POST /posts', fault }));
  expect((await send({ method: 'POST', path: '/posts' }, '{}')).status).toBe(status);
  expect(invocations).toEqual([]);
});
