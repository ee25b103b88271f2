import { once } from 'node:events';
import { connect } from 'node:net';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, paginateScan } from '@aws-sdk/lib-dynamodb';
import fc from 'fast-check';
import { eventually } from 'local-cloud/fixtures/eventually';
import WebSocket from 'ws';
import { examplePost } from '../../contracts/examples.ts';
import { type NewPost, Post } from '../../model/post.ts';
import { checkAnswer, checkMessage } from '../../testing/contract.ts';
import { LocalCloud } from '../../testing/local-cloud.ts';
import { fuzzParameters } from '../fuzz-parameters.ts';
import { attackingBody, postIn } from '../lambdas/attacking-body.ts';
import { attackingRequest } from './attacking-request.ts';

const BODIES = 250;
const REQUESTS = 400;
const HANDSHAKES = 50;
const MESSAGES = 150;
const FRAMES = 60;

const PATIENCE_MS = 5_000;

/** Aborts the wait for an answer that does not come in time. */
const patience = () => ({ signal: AbortSignal.timeout(PATIENCE_MS) });

/** The attributes of a stored post that the server sets. */
const SERVERS_OWN =
  /^(id|createdAt|requestId|revision|updatedAt|entities|enrichment|outbox\w+|feed\w+|\w+Shard)$/;

let cloud: LocalCloud;
let port: number;
/** The content of each post that was answered with 201, by its ID. */
const accepted = new Map<string, NewPost>();

beforeAll(async () => {
  const settings = ['restRate', 'restBurst', 'webSocketRate'].flatMap((name) => ['-c', `${name}=5000`]);
  cloud = await LocalCloud.start([...settings, '--comprehend-rate', '5000']);
  port = Number(new URL(cloud.url).port);
});
afterAll(() => cloud.stop());

interface Answer {
  /** 0 if the connection ended without an answer. */
  status: number;
  headers: Headers;
  body: string;
  /** Whether the server stopped reading early. The client's system may then drop the answer. */
  wasReset: boolean;
}

/** Sends bytes on a new connection and reads until the server closes it or switches protocols. */
async function exchange(request: Buffer, isCut = false): Promise<Answer> {
  const socket = connect(port, '127.0.0.1');
  let received = '';
  let wasReset = false;
  socket.setEncoding('utf8');
  socket.on('data', (chunk) => {
    received += chunk;
    if (received.startsWith('HTTP/1.1 101')) socket.destroy();
  });
  if (isCut) socket.end(request);
  else socket.write(request);
  await new Promise((resolve, reject) => {
    socket.on('close', resolve);
    socket.on('error', () => (wasReset = true));
    socket.setTimeout(PATIENCE_MS, () => {
      socket.destroy();
      reject(new Error(`The connection hangs. It has received ${JSON.stringify(received)}.`));
    });
  });
  const [head = '', body = ''] = received.replace('HTTP/1.1 100 Continue\r\n\r\n', '').split('\r\n\r\n');
  const [statusLine = '', ...lines] = head.split('\r\n');
  const headers = lines.map((line): [string, string] => [line.replace(/:.*/, ''), line.replace(/.*?:/, '')]);
  return { status: Number(statusLine.split(' ')[1] ?? 0), headers: new Headers(headers), body, wasReset };
}

/**
 * Returns whether the REST API sent the answer. Otherwise Node.js has refused the request as
 * malformed, as the proxy in front of API Gateway would.
 */
const isOfApi = ({ headers }: Answer) => headers.has('x-amzn-requestid');

/** Requests whose documented answers cover those to any request, however the server reads it. */
const documented = [
  ['POST', '/posts'],
  ['GET', '/posts'],
  ['GET', '/posts/1'],
  ['GET', '/nowhere'],
] as const;

/** @throws {ContractViolation} if the answer is documented for none of these requests */
function checkDocumented(answer: Answer): void {
  const violations = documented.flatMap(([method, path]) => {
    try {
      checkAnswer(method, path, answer);
      return [];
    } catch (error) {
      return [error];
    }
  });
  if (violations.length === documented.length) throw violations[0];
}

/**
 * Validates the answer to a request that contains the post `sent`, and records an accepted post.
 */
function check(answer: Answer, sent: NewPost | undefined): void {
  const { status, headers, body } = answer;
  if (status === 201) {
    const post = Post.parse(JSON.parse(body));
    expect(sent).toBeDefined();
    expect(post).toEqual({ ...sent, id: post.id, createdAt: post.createdAt });
    if (sent) accepted.set(post.id, sent);
  } else {
    // 200 for a read, 204 for OPTIONS, 308 from `/_local` to the local cloud's page, 4xx for a
    // refusal.
    expect([200, 204, 308].includes(status) || (status >= 400 && status < 500)).toBe(true);
  }
  if (isOfApi(answer)) expect(headers.get('access-control-allow-origin')).toBe('*');
  // Answers to HEAD and OPTIONS have no body.
  if (isOfApi(answer) && body) checkDocumented(answer);
}

describe('over HTTP', () => {
  it(`${BODIES} bodies are accepted or refused as documented`, async () => {
    await fc.assert(
      fc.asyncProperty(attackingBody, async (body) => {
        const head = `POST /posts HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: ${body.length}\r\n\r\n`;
        const answer = await exchange(Buffer.concat([Buffer.from(head), body]));
        const sent = postIn(body);
        expect(isOfApi(answer)).toBe(true);
        checkAnswer('POST', '/posts', answer);
        expect(answer.status === 201).toBe(sent !== undefined);
        check(answer, sent);
      }),
      fuzzParameters(BODIES),
    );
  });

  it(`${REQUESTS} requests with invalid parts are answered as documented, and never with 5xx`, async () => {
    await fc.assert(
      fc.asyncProperty(attackingRequest, async ({ bytes, sent, isCut }) => {
        const answer = await exchange(bytes, isCut);
        if (answer.status === 0) expect(isCut || answer.wasReset).toBe(true);
        else check(answer, sent);
      }),
      fuzzParameters(REQUESTS),
    );
  });
});

describe('on the WebSocket', () => {
  const topic = '?topic=nobody-posts-this';

  it(`${HANDSHAKES} handshakes lead to a connection or to 4xx`, async () => {
    const handshake = fc.record({
      query: fc.oneof(
        fc.constantFrom(
          '',
          '?',
          '?__proto__=a',
          '?constructor=a&topic=b',
          '?topic=a&topic=b',
          '?topic=%zz',
          '?postId=%00',
        ),
        fc.webQueryParameters().map((query) => `?topic=${query}`),
        fc.string({ unit: 'binary' }).map((text) => `?topic=${encodeURIComponent(text)}`),
        fc.uuid().map((id) => `?postId=${id}`),
      ),
      version: fc.constantFrom('13', '13', '13', '8', '999', ''),
      key: fc.constantFrom('AAAAAAAAAAAAAAAAAAAAAA==', 'AAAAAAAAAAAAAAAAAAAAAA==', 'short', ''),
      more: fc.constantFrom(
        [],
        ['Sec-WebSocket-Protocol: a,,b'],
        ['Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits=99'],
        ['Sec-WebSocket-Extensions: ;=,'],
        ['__proto__: a', 'Upgrade: h2c'],
        ['Content-Length: 3', '', 'abc'],
      ),
    });
    await fc.assert(
      fc.asyncProperty(handshake, async ({ query, version, key, more }) => {
        const head = [
          'Host: localhost',
          'Connection: Upgrade',
          'Upgrade: websocket',
          `Sec-WebSocket-Version: ${version}`,
        ];
        const lines = [`GET /dev/${query} HTTP/1.1`, ...head, `Sec-WebSocket-Key: ${key}`, ...more, '', ''];
        const { status } = await exchange(Buffer.from(lines.join('\r\n')));
        expect(status === 101 || (status >= 400 && status < 500)).toBe(true);
      }),
      fuzzParameters(HANDSHAKES),
    );
  });

  it(`${MESSAGES} messages are each answered`, async () => {
    const message = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.json(),
      fc
        .record({
          action: fc.oneof(
            fc.constantFrom('ping', 'subscribe', '$connect', '__proto__', 'constructor'),
            fc.jsonValue(),
          ),
          postId: fc.oneof(fc.uuid(), fc.jsonValue()),
        })
        .map((value) => JSON.stringify(value)),
      fc.constantFrom(
        '{"__proto__":{"action":"ping"}}',
        '{"action":"ping","action":1e999}',
        '\ufeff{"action":"ping"}',
      ),
      fc.constantFrom(
        '['.repeat(32_000),
        `${'['.repeat(16_000)}${']'.repeat(16_000)}`,
        '\u0000'.repeat(32_000),
      ),
    );
    const { socket } = await cloud.connect(topic);
    await fc.assert(
      fc.asyncProperty(message, async (text) => {
        const answered = once(socket, 'message', patience());
        socket.send(text);
        const [data] = await answered;
        expect(JSON.parse(data.toString())).toMatchObject({
          type: expect.stringMatching(/^(pong|error|subscribed)$/),
        });
      }),
      fuzzParameters(MESSAGES),
    );
    socket.terminate();
  });

  it(`${FRAMES} frames of any kind are answered or close the connection with a code`, async () => {
    const ping = Buffer.from('{"action":"ping"}');
    /**
     * Returns a frame (RFC 6455, section 5.2) with the masking key 0, which keeps the payload as it
     * is.
     */
    const frame = (first: number, isMasked: boolean, length: number | bigint, payload: Uint8Array) => {
      const header = Buffer.alloc(length < 126 ? 2 : length < 65_536 ? 4 : 10);
      header[0] = first;
      header[1] = (isMasked ? 0x80 : 0) | (length < 126 ? Number(length) : length < 65_536 ? 126 : 127);
      if (header.length === 4) header.writeUInt16BE(Number(length), 2);
      if (header.length === 10) header.writeBigUInt64BE(BigInt(length), 2);
      return Buffer.concat([header, Buffer.alloc(isMasked ? 4 : 0), payload]);
    };
    const payload = fc.oneof(
      { weight: 4, arbitrary: fc.uint8Array({ maxLength: 200 }) },
      { weight: 2, arbitrary: fc.string({ unit: 'binary' }).map((text) => Buffer.from(text)) },
      {
        weight: 1,
        arbitrary: fc.constantFrom(32_768, 32_769, 131_072, 131_073).map((size) => Buffer.alloc(size)),
      },
    );
    const attack = fc
      .oneof(
        {
          weight: 4,
          arbitrary: fc.tuple(
            fc.constantFrom(0x01, 0x81, 0x82, 0x00, 0x80, 0x88, 0x89, 0x8a, 0x09),
            fc.constant(true),
            payload,
          ),
        },
        { weight: 2, arbitrary: fc.tuple(fc.nat(255), fc.boolean(), payload) },
      )
      .map(([first, isMasked, bytes]) => frame(first, isMasked, bytes.length, bytes));
    const announced = fc
      .constantFrom(2 ** 18, 2 ** 32, 2n ** 53n, 2n ** 63n, 2n ** 64n - 1n)
      .map((length) => frame(0x81, true, length, ping));
    await fc.assert(
      fc.asyncProperty(
        fc.oneof({ weight: 5, arbitrary: attack }, { weight: 1, arbitrary: announced }),
        async (bytes) => {
          const connection = connect(port, '127.0.0.1');
          const socket = new WebSocket(`${cloud.webSocketUrl}/${topic}`, {
            createConnection: () => connection,
          });
          await once(socket, 'open', patience());
          const ending = Promise.race([
            once(socket, 'message', patience()).then(([data]) => {
              checkMessage(data.toString());
              return 'answered';
            }),
            once(socket, 'close', patience()).then(([code]) => code),
          ]);
          // A valid frame follows, so the server answers or closes the connection at the latest
          // then.
          connection.write(Buffer.concat([bytes, frame(0x81, true, ping.length, ping)]));
          // `ws` reports 1006 for a connection that ended without a code.
          expect(await ending).not.toBe(1006);
          socket.terminate();
        },
      ),
      fuzzParameters(FRAMES),
    );
  });
});

describe('afterwards', () => {
  /** The items of the Posts table, by ID. */
  async function items() {
    const client = DynamoDBDocumentClient.from(new DynamoDBClient({ endpoint: cloud.awsUrl }));
    const found = new Map<string, Record<string, unknown>>();
    for await (const { Items = [] } of paginateScan({ client }, { TableName: cloud.outputs.PostsTableName }))
      for (const item of Items) found.set(item.id, item);
    client.destroy();
    return found;
  }

  it('exactly the accepted posts are stored, as they were sent', async () => {
    const stored = [...(await items())].map(([id, item]): [string, object] => [
      id,
      Object.fromEntries(Object.entries(item).filter(([name]) => !SERVERS_OWN.test(name))),
    ]);
    expect(stored.length).toBeGreaterThan(50);
    expect(new Map(stored)).toEqual(accepted);
  });

  it('every post is enriched, and every queue is empty', async () => {
    await eventually(async () => {
      const raw = [...(await items()).values()].filter(({ entities }) => entities === undefined);
      expect(raw).toEqual([]);
    });
    expect(await cloud.deadLetters()).toBe(0);
  }, 15_000);

  it('the table holds no connection', async () => {
    const TableName = cloud.outputs.ConnectionsTableName;
    await eventually(async () => expect(await cloud.dynamoDb('Scan', { TableName })).toContain('"Count":0'));
  });

  it('the local cloud accepts a post, and has logged no unexpected error', async () => {
    expect((await cloud.post(examplePost)).status).toBe(201);
    expect(cloud.output.split('\n').filter((line) => /unexpectedly|^ +at /.test(line))).toEqual([]);
  });
});
