import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { eventually } from 'local-cloud/fixtures/eventually';
import { type WebSocket, WebSocketServer } from 'ws';
import { exampleCreatedPost, exampleEnrichedPost, examplePost } from '../../contracts/examples.ts';
import { HttpProblem } from '../../lambdas/http/http-answer.ts';
import { corsHeaders } from '../../model/cors-headers.ts';
import { CloudClient } from '../../testing/cloud-client.ts';
import { checkAnswer, checkMessage } from '../../testing/contract.ts';

const headers = {
  ...corsHeaders,
  'Content-Type': 'application/json',
  Location: `/posts/${exampleCreatedPost.id}`,
};

const created = { status: 201, headers, body: JSON.stringify(exampleCreatedPost) };

/** @param headers an undefined header is left out */
function check(
  method: string,
  path: string,
  { status, headers, body }: { status: number; headers: Record<string, string | undefined>; body: string },
): void {
  const present = new Headers();
  for (const [name, value] of Object.entries(headers)) if (value !== undefined) present.set(name, value);
  checkAnswer(method, path, { status, headers: present, body });
}

const problem = (status: number, headers: Record<string, string> = {}) => {
  const { answer } = new HttpProblem(status, 'Some sentence.');
  return { status, headers: { ...headers, ...answer.headers }, body: answer.body };
};

const allowed = { 'Access-Control-Allow-Methods': 'GET', 'Access-Control-Allow-Headers': 'If-None-Match' };

describe('an answer', () => {
  it.each([
    ['POST', '/posts', created],
    ['POST', '/posts', problem(400)],
    ['POST', '/posts', problem(503, { 'Retry-After': '1' })],
    ['GET', '/posts/1', problem(404)],
    ['GET', '/nowhere', problem(404)],
    ['DELETE', '/posts', problem(404)],
    ['OPTIONS', '/posts/1', { status: 204, headers: allowed, body: '' }],
  ] as const)('to %s %s passes if it is documented', (method, path, answer) => {
    expect(() =>
      check(method, path, { ...answer, headers: { ...headers, ...answer.headers } }),
    ).not.toThrow();
  });

  const without = (name: keyof typeof headers) => ({
    ...created,
    headers: { ...headers, [name]: undefined },
  });

  it.each([
    ['a status that is not documented', { ...created, status: 200 }, 'the status is not documented'],
    ['a problem of another request', problem(404), 'the status is not documented'],
    [
      'no CORS header',
      without('Access-Control-Allow-Origin'),
      'the header Access-Control-Allow-Origin is missing',
    ],
    [
      'the problem of another status',
      { ...problem(400), status: 413 },
      'the status of the problem document differs',
    ],
    ['no Location', without('Location'), 'the header Location is missing'],
    [
      'a Retry-After that is not a number',
      problem(429, { 'Retry-After': 'soon' }),
      'the header Retry-After is "soon"',
    ],
    [
      'another content type',
      { ...created, headers: { ...headers, 'Content-Type': 'text/plain' } },
      'the content type "text/plain" is not documented',
    ],
    [
      'a field that is not documented',
      { ...created, body: JSON.stringify({ ...exampleCreatedPost, revision: 1 }) },
      'must NOT have additional properties',
    ],
    [
      'a field that lacks',
      { ...created, body: JSON.stringify(examplePost) },
      "must have required property 'id'",
    ],
    ['a body that is not JSON', { ...created, body: 'saved' }, 'must be object'],
  ])('with %s is a violation', (_, answer, what) => {
    expect(() => check('POST', '/posts', answer)).toThrow(what);
  });

  it('with an undocumented body is a violation', () => {
    const unchanged = {
      status: 304,
      headers: { ...headers, ETag: '"2"', 'Cache-Control': 'no-cache' },
      body: '',
    };
    expect(() => check('GET', '/posts/1', unchanged)).not.toThrow();
    expect(() => check('GET', '/posts/1', { ...unchanged, body: '{}' })).toThrow('the body must be empty');
  });
});

describe('a message', () => {
  const updated = { type: 'post.updated', revision: 2, post: exampleEnrichedPost };

  it.each([{ type: 'pong' }, updated, { type: 'subscribed', topic: 'summer' }])('%j passes', (message) => {
    expect(() => checkMessage(JSON.stringify(message))).not.toThrow();
  });

  it.each([
    { type: 'post.deleted' },
    { ...updated, revision: '2' },
    { ...updated, post: { ...exampleEnrichedPost, outboxShard: '1' } },
    // A message that clients send.
    { action: 'ping' },
  ])('%j is a violation', (message) => {
    expect(() => checkMessage(JSON.stringify(message))).toThrow('is not a message of the contract');
  });
});

describe('a client', () => {
  let server: Server;
  let sockets: WebSocketServer;
  let client: CloudClient;
  beforeAll(async () => {
    server = createServer((_, response) => response.end('{}')).listen(0, '127.0.0.1');
    await once(server, 'listening');
    sockets = new WebSocketServer({ server });
    sockets.on('connection', (socket: WebSocket) => socket.send('{"type":"unheard"}'));
  });
  beforeEach(() => {
    const bound = server.address();
    const address = `127.0.0.1:${typeof bound === 'object' ? bound?.port : ''}`;
    client = new CloudClient('', { ApiUrl: `http://${address}`, WebSocketUrl: `ws://${address}` });
  });
  afterAll(() => {
    sockets.close();
    server.close();
    server.closeAllConnections();
  });

  it('throws on a wrong answer', async () => {
    await expect(client.post(examplePost)).rejects.toThrow(
      'POST /posts responded with 200: the status is not documented',
    );
  });

  it('throws at the call after a wrong message', async () => {
    await client.connect();
    await eventually(() => expect(client.connect()).rejects.toThrow('{"type":"unheard"} is not a message'));
    expect(() => client.disconnect()).toThrow('{"type":"unheard"} is not a message');
  });
});
