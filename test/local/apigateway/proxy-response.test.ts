import { proxyResponse } from '../../../local/apigateway/proxy-response.ts';

const answered = (answer: unknown) => proxyResponse({ ok: true, payload: JSON.stringify(answer) });

it.each([
  [{ statusCode: 204 }, { status: 204, headers: { 'Content-Type': 'application/json' }, body: '' }],
  [
    { statusCode: '201', body: 'é' },
    { status: 201, headers: { 'Content-Type': 'application/json' }, body: 'é' },
  ],
  [
    { statusCode: 200, headers: { 'Content-Type': 'text/plain', Age: 1, A: true } },
    { status: 200, headers: { 'Content-Type': 'text/plain', Age: '1', A: 'true' }, body: '' },
  ],
  [
    { statusCode: 200, headers: { B: 'single' }, multiValueHeaders: { B: ['1', '2'] }, body: null },
    { status: 200, headers: { 'Content-Type': 'application/json', B: ['1', '2'] }, body: '' },
  ],
  [
    { statusCode: 200, body: '/w==', isBase64Encoded: true },
    { status: 200, headers: { 'Content-Type': 'application/json' }, body: Buffer.from([255]) },
  ],
])('%j makes an answer', (answer, expected) => {
  expect(answered(answer)).toEqual(expected);
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
])('%j is malformed', (answer) => {
  expect(answered(answer)).toBeUndefined();
});

it('a failed function makes none', () => {
  expect(proxyResponse({ ok: false, errorType: 'Error', errorMessage: '', trace: [] })).toBeUndefined();
});
