import { clientHeaders, reachesIntegration } from '../../../src/services/apigateway/restricted-headers.ts';

it.each([
  'Authorization',
  'Connection',
  'Content-Length',
  'Content-MD5',
  'Date',
  'Max-Forwards',
  'Server',
  'User-Agent',
  'WWW-Authenticate',
])('the header %s of a response is remapped, in any case', (name) => {
  expect(clientHeaders([[name, '1']])).toEqual([[`x-amzn-Remapped-${name}`, '1']]);
  expect(clientHeaders([[name.toLowerCase(), '1']])).toEqual([
    [`x-amzn-Remapped-${name.toLowerCase()}`, '1'],
  ]);
});

it.each(['Expect', 'Host', 'Proxy-Authenticate', 'TE', 'Trailer', 'transfer-encoding', 'Upgrade', 'Via'])(
  'the header %s of a response is dropped',
  (name) => {
    expect(clientHeaders([[name, '1']])).toEqual([]);
  },
);

it.each(['Age', 'Content-Encoding', 'Content-Type', 'Location', 'Pragma', 'Range', 'Referer', 'Warn'])(
  'the header %s of a response reaches the client',
  (name) => {
    expect(clientHeaders([[name, '1']])).toEqual([[name, '1']]);
  },
);

it.each([
  ['Connection', 'close', false],
  ['content-length', '5', false],
  ['Content-MD5', 'x', false],
  ['Expect', '100-continue', false],
  ['Server', 'x', false],
  ['Trailer', 'x', false],
  ['WWW-Authenticate', 'x', false],
  ['Authorization', 'AWS4-HMAC-SHA256 Credential=x', false],
  ['Authorization', 'Bearer x', true],
  ['Content-Encoding', 'gzip', true],
  ['Date', 'x', true],
  ['Via', 'x', true],
])('the header %s: %s of a request reaches the integration: %s', (name, value, reaches) => {
  expect(reachesIntegration(name, value)).toBe(reaches);
});
