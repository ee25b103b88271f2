import { proxyResponse } from '../../../src/services/apigateway/proxy-response.ts';

const answered = (answer: unknown, binary = false) =>
  proxyResponse({ ok: true, payload: JSON.stringify(answer) }, binary);

it.each([
  [{ statusCode: 204 }, { status: 204, headers: [], body: '' }],
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
    answered({ statusCode: 200, body: '/w==', isBase64Encoded }, true)?.body;
  expect(body(true)).toEqual(Buffer.from([255]));
  expect(body(false)).toBe('/w==');
});

it.each([
  null,
  'text',
  [],
  {},
  { body: 'a' },
  { statusCode: 'good' },
  { statusCode: 99 },
  { statusCode: 600 },
  { statusCode: 200, body: { a: 1 } },
  { statusCode: 200, headers: { A: ['1'] } },
  { statusCode: 200, multiValueHeaders: { A: '1' } },
  { statusCode: 200, headers: { 'A B': '1' } },
  { statusCode: 200, headers: { A: '1\r\nB: 2' } },
  { statusCode: 200, cookies: [] },
])('%j is malformed', (answer) => {
  expect(answered(answer)).toBeUndefined();
});

it('a failed function leads to no response', () => {
  expect(
    proxyResponse({ ok: false, errorType: 'Error', errorMessage: '', trace: [] }, false),
  ).toBeUndefined();
});
