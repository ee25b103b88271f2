import { request as httpRequest, type IncomingMessage, type RequestOptions, type Server } from 'node:http';
import { text } from 'node:stream/consumers';
import { RestApi } from '../../../local/apigateway/rest-api.ts';
import { realClock } from '../../../local/clock.ts';
import { listen, portOf, serve } from '../../../local/http-server.ts';
import { Lambda } from '../../../local/lambda/lambda.ts';
import { resourceTypes } from '../../../local/resource-types.ts';
import { Template } from '../../../local/template/template.ts';
import { eventually } from '../../e2e/eventually.ts';
import { account, functionResource, writeAssembly } from '../assembly.ts';
import { ManualClock } from '../manual-clock.ts';
import { RecordedLog } from '../recorded-log.ts';
import { temporaryFolder } from '../temporary-folder.ts';

/** Answers with the event, or with what its body says. */
const echo = `
  export async function handler(event) {
    if (event.body === 'throw') throw new Error('secret');
    if (event.body === 'hang') await new Promise(() => {});
    if (event.body?.startsWith('{')) return JSON.parse(event.body);
    return { statusCode: 200, body: JSON.stringify(event.body?.length > 100 ? event.body.length : event) };
  }`;

const root = { 'Fn::GetAtt': ['Api', 'RootResourceId'] };
const RestApiId = { Ref: 'Api' };
const path = (ParentId: unknown, PathPart: string) => ({
  Type: 'AWS::ApiGateway::Resource',
  Properties: { ParentId, PathPart, RestApiId },
});
const method = (HttpMethod: string, ResourceId: unknown) => ({
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
    },
  },
});
const resources = {
  Echo: functionResource('echo'),
  Api: { Type: 'AWS::ApiGateway::RestApi', Properties: { Name: 'api' } },
  Deployment: { Type: 'AWS::ApiGateway::Deployment', Properties: { RestApiId } },
  Stage: {
    Type: 'AWS::ApiGateway::Stage',
    Properties: {
      StageName: 'prod',
      RestApiId,
      DeploymentId: { Ref: 'Deployment' },
      MethodSettings: [
        { HttpMethod: '*', ResourcePath: '/*', ThrottlingRateLimit: 1, ThrottlingBurstLimit: 3 },
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
let template: Template;
let lambda: Lambda;
let server: Server;
let api: RestApi;
let clock: ManualClock;
beforeAll(async () => {
  template = new Template(writeAssembly(folder, { Resources: resources }, { echo }), account, resourceTypes);
  lambda = new Lambda(template, {
    account,
    clock: realClock,
    log,
    sendDeadLetter: async () => {},
    localize: (value) => value,
    awsUrl: 'http://127.0.0.1:1',
  });
  server = await listen(0);
  serve(server, (request, response) => api.handle(request, response));
});
beforeEach(() => {
  clock = new ManualClock();
  api = new RestApi(template, { account, lambda, clock, log });
});
afterAll(async () => {
  server.closeAllConnections();
  server.close();
  await lambda.close();
});

/** Sends a request as it is, unlike `fetch`, which mends paths. */
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
    const headers = ['Host', 'blog.example.com', 'X-Twice', '1', 'X-Twice', '2', 'User-Agent', 'test'];
    const event = await eventOf({ path: '/posts/a%20b?t=1&t=2&u=%C3%A9', headers });
    expect(event).toEqual({
      resource: '/posts/{id}',
      path: '/posts/a%20b',
      httpMethod: 'GET',
      headers: expect.objectContaining({
        Host: 'blog.example.com',
        'X-Twice': '2',
        'X-Forwarded-Proto': 'http',
      }),
      multiValueHeaders: expect.objectContaining({ 'X-Twice': ['1', '2'], 'X-Forwarded-For': ['127.0.0.1'] }),
      queryStringParameters: { t: '2', u: 'é' },
      multiValueQueryStringParameters: { t: ['1', '2'], u: ['é'] },
      pathParameters: { id: 'a%20b' },
      stageVariables: null,
      requestContext: {
        accountId: account.id,
        apiId: expect.stringMatching(/^[a-z0-9]{10}$/),
        domainName: 'blog.example.com',
        domainPrefix: 'blog',
        extendedRequestId: event.requestContext.requestId,
        httpMethod: 'GET',
        identity: { sourceIp: '127.0.0.1', userAgent: 'test' },
        path: '/posts/a%20b',
        protocol: 'HTTP/1.1',
        requestId: expect.any(String),
        requestTime: '31/Jan/2026:09:30:00 +0000',
        requestTimeEpoch: clock.now(),
        resourceId: expect.any(String),
        resourcePath: '/posts/{id}',
        stage: 'prod',
      },
      body: null,
      isBase64Encoded: false,
    });
  });

  it('has null for what is empty', async () => {
    expect(await eventOf({ path: '/' })).toMatchObject({
      resource: '/',
      queryStringParameters: null,
      multiValueQueryStringParameters: null,
      pathParameters: null,
    });
  });

  it.each([
    ['text as it is', 'é "', 'é "', false],
    ['other bytes in base64', Buffer.from([0xff, 0x00]), '/wA=', true],
  ])('has a body of %s', async (_name, sent, body, isBase64Encoded) => {
    expect(await eventOf({ method: 'POST', path: '/posts' }, sent)).toMatchObject({ body, isBase64Encoded });
  });

  it('takes any name of a parameter or a header', async () => {
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
  ])('of %s %s is none', async (name, url) => {
    const { status, body } = await send({ method: name, path: url });
    expect({ status, body }).toEqual({ status: 404, body: '{"message":"Missing Authentication Token"}' });
  });

  it('does not depend on a host that makes sense', async () => {
    expect(await eventOf({ path: '/', headers: { host: '[' } })).toMatchObject({ resource: '/' });
  });

  it('may be a mock integration', async () => {
    const { status, headers, body } = await send({ method: 'OPTIONS', path: '/posts' });
    expect({ status, vary: headers.vary, body }).toEqual({ status: 204, vary: 'Origin', body: '' });
  });
});

describe('the answer', () => {
  const post = (body: unknown) =>
    send({ method: 'POST', path: '/posts' }, typeof body === 'string' ? body : JSON.stringify(body));

  it("is the function's, which may name its headers in any case", async () => {
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

  it.each([
    ['a function that throws', 'throw'],
    ['an answer without a status', '{}'],
    ['a body that is no text', { statusCode: 200, body: {} }],
  ])('is 502 for %s', async (_name, body) => {
    const { status, ...answer } = await post(body);
    expect([status, answer.body]).toEqual([502, '{"message":"Internal server error"}']);
  });

  it('is 504 when the function takes longer than the integration may', async () => {
    const answer = post('hang');
    await eventually(() => expect(clock.pending).toBe(1));
    clock.advance(28_999);
    expect(clock.pending).toBe(1);
    clock.advance(1);
    expect((await answer).status).toBe(504);
  });

  it('is 429 over the throttle, until tokens have come back', async () => {
    const statuses = async (count: number) => {
      const found = [];
      for (let sent = 0; sent < count; sent++) found.push((await post('a')).status);
      return found;
    };
    expect(await statuses(5)).toEqual([200, 200, 200, 429, 429]);
    clock.advance(2_000);
    expect(await statuses(3)).toEqual([200, 200, 429]);
  });

  it('is 413 for a request over 10 MB', async () => {
    const limit = 10 * 1024 * 1024;
    expect((await post('a'.repeat(limit))).body).toBe(String(limit));
    expect((await post('a'.repeat(limit + 1))).status).toBe(413);
  });
});

it.each([
  ['a greedy path', { Proxy: path(root, '{proxy+}') }, 'Proxy (AWS::ApiGateway::Resource): PathPart'],
  ['a method for all', { Any: method('ANY', root) }, 'Any (AWS::ApiGateway::Method): HttpMethod'],
])('does not start with %s, which it does not know', (_name, more, message) => {
  const assembly = writeAssembly(folder, { Resources: { ...resources, ...more } }, { echo });
  expect(() => new Template(assembly, account, resourceTypes)).toThrow(message);
});
