import { MalformedProxyResponse, proxyResponse } from '../../../src/services/apigateway/proxy-response.ts';

const answered = (answer: unknown, binary = false) => proxyResponse(JSON.stringify(answer), binary);

it.each([
  [{}, { status: 200, headers: [], body: '' }],
  [
    { statusCode: null, body: 'a' },
    { status: 200, headers: [], body: 'a' },
  ],
  [{ statusCode: 204 }, { status: 204, headers: [], body: '' }],
  [{ headers: { constructor: 'a' } }, { status: 200, headers: [['constructor', 'a']], body: '' }],
  [
    { statusCode: '201', body: 'é' },
    { status: 201, headers: [], body: 'é' },
  ],
  [
    { statusCode: 200, headers: { A: 'text', B: 1, C: true } },
    {
      status: 200,
      headers: [
        ['A', 'text'],
        ['B', '1'],
        ['C', 'true'],
      ],
      body: '',
    },
  ],
  [
    {
      statusCode: 200,
      headers: { B: '1', C: '4' },
      multiValueHeaders: { B: [1, '2'], C: ['3'] },
      body: null,
    },
    {
      status: 200,
      headers: [
        ['B', '1'],
        ['B', '2'],
        ['C', '3'],
        ['C', '4'],
      ],
      body: '',
    },
  ],
  [
    { statusCode: 200, body: '/w==', isBase64Encoded: true },
    { status: 200, headers: [], body: '/w==' },
  ],
])('%j becomes a response', (answer, expected) => {
  expect(answered(answer)).toEqual(expected);
});

it('a base64 body is decoded for a client that accepts a binary type', () => {
  const body = (isBase64Encoded: boolean) =>
    answered({ statusCode: 200, body: '/w==', isBase64Encoded }, true).body;
  expect(body(true)).toEqual(Buffer.from([255]));
  expect(body(false)).toBe('/w==');
});

it.each([
  [null, 'must be an object'],
  ['text', 'must be an object'],
  [[], 'must be an object'],
  [{ statusCode: 'good' }, 'statusCode is not valid'],
  [{ statusCode: '' }, 'statusCode is not valid'],
  [{ statusCode: [200] }, 'statusCode is not valid'],
  [{ statusCode: true }, 'statusCode is not valid'],
  [{ statusCode: 200.5 }, 'statusCode is not valid'],
  [{ statusCode: 99 }, 'statusCode is not valid'],
  [{ statusCode: 100 }, 'statusCode is not valid'],
  [{ statusCode: '101' }, 'statusCode is not valid'],
  [{ statusCode: 199 }, 'statusCode is not valid'],
  [{ statusCode: 600 }, 'statusCode is not valid'],
  [{ statusCode: 200, body: { a: 1 } }, 'body is not valid'],
  [{ statusCode: 200, headers: { A: ['1'] } }, 'headers.A is not valid'],
  [{ statusCode: 200, headers: { A: null } }, 'headers.A is not valid'],
  [{ statusCode: 200, multiValueHeaders: { A: '1' } }, 'multiValueHeaders.A is not valid'],
  [{ statusCode: 200, headers: { 'A B': '1' } }, '"A B: 1"'],
  [{ statusCode: 200, headers: { '': '1' } }, '": 1"'],
  [{ statusCode: 200, headers: { A: '1\r\nB: 2' } }, 'A: 1'],
  [{ statusCode: 200, multiValueHeaders: { A: ['\u20ac'] } }, 'A: \u20ac'],
  [{ statusCode: 200, isBase64Encoded: 'true' }, 'isBase64Encoded is not valid'],
  [{ statusCode: 200, cookies: [] }, 'key cookies'],
])('%j is malformed, and the reason names what is wrong', (answer, reason) => {
  expect(() => answered(answer)).toThrow(MalformedProxyResponse);
  expect(() => answered(answer)).toThrow(reason);
});

it('a result that is not JSON is malformed', () => {
  expect(() => proxyResponse('undefined', false)).toThrow(MalformedProxyResponse);
});

it('a body that is not base64 is malformed only for a client that receives it decoded', () => {
  const answer = { statusCode: 200, body: '*', isBase64Encoded: true };
  expect(() => answered(answer, true)).toThrow('body is not base64');
  expect(answered(answer).body).toBe('*');
});
