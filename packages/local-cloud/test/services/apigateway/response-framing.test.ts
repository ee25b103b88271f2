import { once } from 'node:events';
import type { Server } from 'node:http';
import { connect } from 'node:net';
import { buffer } from 'node:stream/consumers';
import fc from 'fast-check';
import { resourceTypes } from '../../../src/cloud/resource-types.ts';
import { seededChance } from '../../../src/core/chance.ts';
import { Faults } from '../../../src/core/faults.ts';
import { Recorder } from '../../../src/core/recorder.ts';
import { Tracer } from '../../../src/core/trace.ts';
import { listen, portOf, serve } from '../../../src/http/http-server.ts';
import { RestApi } from '../../../src/services/apigateway/rest-api.ts';
import { Template } from '../../../src/template/template.ts';
import { account, functionResource, writeAssembly } from '../../fixtures/assembly.ts';
import { ManualClock } from '../../fixtures/manual-clock.ts';
import { RecordedLog } from '../../fixtures/recorded-log.ts';
import { temporaryFolder } from '../../fixtures/temporary-folder.ts';

const RestApiId = { Ref: 'Api' };
const method = (HttpMethod: string, Integration: object) => ({
  Type: 'AWS::ApiGateway::Method',
  Properties: {
    HttpMethod,
    ResourceId: { 'Fn::GetAtt': ['Api', 'RootResourceId'] },
    RestApiId,
    AuthorizationType: 'NONE',
    Integration,
  },
});
const proxy = {
  Type: 'AWS_PROXY',
  IntegrationHttpMethod: 'POST',
  Uri: {
    'Fn::Sub': `arn:aws:apigateway:$\{AWS::Region}:lambda:path/2015-03-31/functions/$\{Answer.Arn}/invocations`,
  },
};
const template = new Template(
  writeAssembly(temporaryFolder(), {
    Resources: {
      Answer: functionResource('answer'),
      Api: { Type: 'AWS::ApiGateway::RestApi', Properties: { Name: 'api', BinaryMediaTypes: ['a/b'] } },
      Deployment: { Type: 'AWS::ApiGateway::Deployment', Properties: { RestApiId } },
      Stage: {
        Type: 'AWS::ApiGateway::Stage',
        Properties: { StageName: 'prod', RestApiId, DeploymentId: { Ref: 'Deployment' } },
      },
      Get: method('GET', proxy),
      Head: method('HEAD', proxy),
      Options: method('OPTIONS', {
        Type: 'MOCK',
        IntegrationResponses: [
          { StatusCode: '200', ResponseParameters: { 'method.response.header.Content-Length': "'300'" } },
        ],
      }),
      NotFound: {
        Type: 'AWS::ApiGateway::GatewayResponse',
        Properties: {
          ResponseType: 'MISSING_AUTHENTICATION_TOKEN',
          RestApiId,
          ResponseParameters: { 'gatewayresponse.header.Transfer-Encoding': "'chunked'" },
        },
      },
    },
  }),
  account,
  resourceTypes,
);

const log = new RecordedLog();
const clock = new ManualClock();
let answer: unknown;
let server: Server;
beforeAll(async () => {
  const api = new RestApi(template, {
    account,
    clock,
    lambda: { invoke: async () => ({ ok: true, payload: JSON.stringify(answer) }) },
    log,
    tracer: new Tracer('seed'),
    faults: new Faults({ chance: seededChance('seed'), clock, log }),
    recorder: new Recorder(clock, false),
  });
  server = await listen(0);
  serve(server, (request, response) => api.handle(request, response));
});
afterEach(() => log.errors.splice(0));
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

interface Response {
  status: number;
  headers: string[];
  body: string;
}

/** Reads one response off the front of `bytes` by its length alone, and returns the rest too. */
function parse(bytes: Buffer, isHead: boolean): { response: Response; rest: Buffer } {
  const end = bytes.indexOf('\r\n\r\n');
  const [line = '', ...headers] = bytes.subarray(0, end).toString('latin1').split('\r\n');
  const status = Number(/^HTTP\/1\.1 (\d{3}) /.exec(line)?.[1]);
  const lengths = headers.filter((header) => /^content-length:/i.test(header));
  const hasBody = !isHead && status !== 204 && status !== 304;
  expect(headers.filter((header) => /^(transfer-encoding|upgrade|trailer):/i.test(header))).toEqual([]);
  if (hasBody) expect(lengths).toHaveLength(1);
  const length = hasBody ? Number(lengths[0]?.split(':')[1]) : 0;
  const start = end + 4;
  const body = bytes.subarray(start, start + length).toString();
  return { response: { status, headers, body }, rest: bytes.subarray(start + length) };
}

/**
 * Sends a request and, on the same connection, another one for an unknown path. Returns the first
 * response, once the second one has followed it at the right place and ended the connection.
 */
async function exchange(name = 'GET'): Promise<Response> {
  const socket = connect(portOf(server), '127.0.0.1');
  await once(socket, 'connect');
  socket.write(`${name} / HTTP/1.1\r\nHost: localhost\r\nAccept: a/b\r\n\r\n`);
  socket.write('GET /unknown HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n');
  const first = parse(await buffer(socket), name === 'HEAD');
  const second = parse(first.rest, false);
  expect(second.response).toMatchObject({ status: 403, body: '{"message":"Missing Authentication Token"}' });
  expect(second.rest).toHaveLength(0);
  return first.response;
}

it.each(['300', '3', 'five', '', '-1'])(
  'a Content-Length of "%s" does not change the length of the response',
  async (length) => {
    answer = { statusCode: 200, headers: { 'Content-Length': length }, body: 'hello' };
    const { status, headers, body } = await exchange();
    expect({ status, body }).toEqual({ status: 200, body: 'hello' });
    expect(headers).toContain(`x-amzn-Remapped-Content-Length: ${length}`);
  },
);

it('a mock integration does not change the length of its response either', async () => {
  expect(await exchange('OPTIONS')).toMatchObject({ status: 200, body: '' });
});

it.each([
  [{ statusCode: 101 }, 'statusCode is not valid'],
  [{ statusCode: 200, headers: { A: '1\n2' } }, 'HTTP does not allow the header "A: 1\\n2"'],
])('%j is a 502, and the terminal says why', async (malformed, reason) => {
  answer = malformed;
  expect(await exchange()).toMatchObject({ status: 502, body: '{"message":"Internal server error"}' });
  expect(log.errors).toEqual([expect.stringContaining(reason)]);
});

const framingHeader = fc.constantFrom(
  'Connection',
  'Content-Encoding',
  'Content-Length',
  'Date',
  'Expect',
  'Keep-Alive',
  'Sec-WebSocket-Accept',
  'Set-Cookie',
  'TE',
  'Trailer',
  'Transfer-Encoding',
  'Upgrade',
  'x-amzn-RequestId',
);
const headerName = fc.oneof(framingHeader, framingHeader, fc.string({ maxLength: 5 }));
const headerValue = fc.oneof(
  fc.constantFrom('chunked', 'close', 'keep-alive', 'upgrade', 'websocket', '1\r\n\r\n', 300, true, null),
  fc.string({ unit: 'binary', maxLength: 5 }),
);
const answers = fc.record(
  {
    statusCode: fc.oneof(
      fc.integer({ min: 200, max: 599 }),
      fc.integer({ min: 0, max: 1000 }),
      fc.constantFrom(101, 204, 304, '200', 'good', 200.5, null),
    ),
    headers: fc.dictionary(headerName, headerValue, { maxKeys: 3 }),
    multiValueHeaders: fc.dictionary(headerName, fc.array(headerValue, { maxLength: 3 }), { maxKeys: 2 }),
    body: fc.oneof(fc.string({ unit: 'binary', maxLength: 9 }), fc.constantFrom('aGVsbG8=', null, 1)),
    isBase64Encoded: fc.oneof(fc.boolean(), fc.constant('true')),
  },
  { requiredKeys: [] },
);

it('whatever the function answers, the client reads one whole response and can send the next request', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.oneof({ weight: 9, arbitrary: answers }, { weight: 1, arbitrary: fc.jsonValue() }),
      fc.constantFrom('GET', 'HEAD'),
      async (generated, name) => {
        answer = generated;
        log.errors.length = 0;
        const { status } = await exchange(name);
        const isRefused = log.errors.length > 0;
        expect(status === 502).toBe(isRefused || claims502(generated));
      },
    ),
    { numRuns: 100 },
  );
});

function claims502(generated: unknown): boolean {
  // fast-check also generates objects without a prototype.
  if (typeof generated !== 'object' || generated === null || !('statusCode' in generated)) return false;
  return Number(generated.statusCode) === 502;
}
