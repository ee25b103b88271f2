import fc from 'fast-check';
import type { NewPost } from '../../model/post.ts';
import { attackingBody, postIn } from '../lambdas/attacking-body.ts';

/** The bytes of an HTTP request. */
export interface AttackingRequest {
  bytes: Buffer;
  /** The post in the body, if the head delimits the body. */
  sent: NewPost | undefined;
  /** Whether the client closes the connection before the request is complete. */
  isCut: boolean;
}

/**
 * The header lines that delimit a body, the bytes that follow the head, and the body in these
 * bytes. `body` is `undefined` if the lines do not delimit it.
 */
interface Framing {
  lines: string[];
  bytes: Buffer;
  body?: Buffer;
  isCut?: boolean;
}

const chunk = (size: string, body: Buffer) =>
  Buffer.concat([Buffer.from(`${size}\r\n`), body, Buffer.from('\r\n0\r\n\r\n')]);
const hex = (body: Buffer) => body.length.toString(16);

const ordinary = (body: Buffer): Framing => ({
  lines: [`Content-Length: ${body.length}`],
  bytes: body,
  body,
});
const chunked = 'Transfer-Encoding: chunked';

const framings: ((body: Buffer) => Framing)[] = [
  (body) => ({ lines: [`content-LENGTH:\t${body.length} `], bytes: body, body }),
  (body) => ({
    lines: ['Content-Length: 20'],
    bytes: body,
    body: body.subarray(0, 20),
    isCut: body.length < 20,
  }),
  (body) => ({ lines: [`Content-Length: ${body.length + 1}`], bytes: body, isCut: true }),
  (body) => ({ lines: ['Content-Length: -1'], bytes: body }),
  (body) => ({ lines: ['Content-Length: 0x10'], bytes: body }),
  (body) => ({ lines: ['Content-Length: 99999999999999999999999'], bytes: body }),
  (body) => ({ lines: [`Content-Length: ${body.length}`, 'Content-Length: 1'], bytes: body }),
  (body) => ({ lines: [], bytes: body }),
  (body) => ({ lines: [chunked], bytes: chunk(hex(body), body), body }),
  (body) => ({ lines: [chunked], bytes: chunk(`${hex(body)};name="value"`, body), body }),
  (body) => ({ lines: [chunked], bytes: chunk('zz', body) }),
  (body) => ({ lines: [chunked], bytes: chunk('fffffff', body), isCut: true }),
  (body) => ({ lines: [chunked, `Content-Length: ${body.length}`], bytes: chunk(hex(body), body) }),
  (body) => ({ lines: ['Transfer-Encoding: gzip'], bytes: body }),
];

/** Generates a line of a head, valid or not. Each character is sent as one byte. */
const line = fc.string({
  unit: fc
    .oneof(
      { weight: 9, arbitrary: fc.integer({ min: 0x20, max: 0x7e }) },
      { weight: 2, arbitrary: fc.integer({ min: 0x80, max: 0xff }) },
      { weight: 1, arbitrary: fc.constantFrom(0, 9, 11, 0x7f) },
    )
    .map((byte) => String.fromCharCode(byte)),
});

const headerLine = fc.oneof(
  fc.constantFrom(
    '__proto__: a',
    'constructor: a',
    'toString: a',
    'X-Forwarded-Proto: javascript',
    'X-Forwarded-For: a, b',
    'x-forwarded-for: c',
    'X-Amzn-Trace-Id: Root=1-0-0;Sampled=2;;=',
    'Content-Type: text/html',
    'content-type: application/json; charset=utf-16',
    'Content-Type: ;,/',
    'Content-Encoding: gzip',
    'Expect: 100-continue',
    'Expect: the worst',
    'Upgrade: websocket',
    'Connection: Upgrade',
    'Accept: image/*,;q',
    ': no name',
    'no colon',
    ' folded: a',
    'a b: c',
    `X-Long: ${'a'.repeat(7_000)}`,
    `X-Too-Long: ${'a'.repeat(20_000)}`,
  ),
  fc
    .tuple(
      fc.constantFrom('Idempotency-Key', 'IDEMPOTENCY-KEY'),
      fc.oneof(
        line,
        fc.stringMatching(/^[!-~]{1,40}$/),
        fc.constantFrom('again', 'x'.repeat(255), 'x'.repeat(256)),
      ),
    )
    .map(([name, value]) => `${name}: ${value}`),
  fc
    .tuple(fc.stringMatching(/^[\w!#$%&'*+.^`|~-]{1,10}$/), line)
    .map(([name, value]) => `X-${name}: ${value}`),
  line,
);

const target = fc.oneof(
  fc.constantFrom(
    ...[
      '/',
      '//',
      '/posts/',
      '//posts',
      '/posts//',
      '/posts/%00',
      '/posts/%2e%2e/posts',
      '/x/../posts',
      '/POSTS',
    ],
    ...[
      '/posts?x=%zz',
      '/posts?__proto__=1&constructor',
      '/posts#x',
      '/posts\\',
      '/post%73',
      '/dev',
      '/dev//posts',
    ],
    ...[
      '*',
      'posts',
      '',
      'http://evil.example/posts',
      'https://[::/posts',
      'a://',
      '/posts HTTP/1.1',
      '/_local',
    ],
    `/posts?${'a'.repeat(7_000)}`,
  ),
  fc.webPath().map((path) => `/posts${path}`),
  line,
);

/** Generates mostly the valid value, so that usually only one part of a request is invalid. */
const mostly = <T>(right: T, wrong: fc.Arbitrary<T>) =>
  fc.oneof({ weight: 3, arbitrary: fc.constant(right) }, { weight: 1, arbitrary: wrong });

/** Without `CONNECT`, for which Node.js closes the connection. */
const method = fc.constantFrom(
  'GET',
  'PUT',
  'PATCH',
  'DELETE',
  'HEAD',
  'OPTIONS',
  'TRACE',
  'M-SEARCH',
  'post',
  'FOO',
  '',
);
const version = fc.constantFrom('HTTP/1.0', 'HTTP/0.9', 'HTTP/2.0', 'HTTP/9.9', 'http/1.1', '');
const host = fc.constantFrom<string[]>(
  [],
  ['Host:'],
  ['Host: a"<>\\'],
  ['HOST: \xff'],
  ['Host: a', 'host: b'],
  ['Host: a:99999'],
  ['Host: a.localhost:99999'],
);

/** Generates requests of which any part may be an attack. */
export const attackingRequest: fc.Arbitrary<AttackingRequest> = fc
  .record({
    method: mostly('POST', method),
    target: mostly('/posts', fc.oneof(fc.constant('/dev/posts'), target)),
    version: mostly('HTTP/1.1', version),
    host: mostly<string[]>(['Host: localhost'], host),
    headers: fc.array(headerLine, { maxLength: 3 }),
    framing: mostly(ordinary, fc.constantFrom(...framings)),
    body: attackingBody,
  })
  .map(({ method, target, version, host, headers, framing, body }) => {
    const { lines, bytes, body: framed, isCut = false } = framing(body);
    const head = [
      `${method} ${target} ${version}`,
      'Connection: close',
      ...host,
      ...headers,
      ...lines,
      '',
      '',
    ];
    return {
      bytes: Buffer.concat([Buffer.from(head.join('\r\n'), 'latin1'), bytes]),
      sent: framed && postIn(framed),
      isCut,
      [fc.toStringMethod]: () => bytes.toString('latin1'),
    };
  });
