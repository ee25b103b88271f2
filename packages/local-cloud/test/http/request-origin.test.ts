import fc from 'fast-check';
import { isCrossOrigin, isForThisMachine } from '../../src/http/request-origin.ts';

describe('a request is for this machine if its host is', () => {
  it.each([
    [undefined, true],
    ['', true],
    ['localhost', true],
    ['LOCALHOST:3000', true],
    ['blog.localhost:3000', true],
    ['a.b-c.localhost', true],
    ['127.0.0.1:80', true],
    ['[::1]:4566', true],
    ['example.com:3000', false],
    ['localhost.example.com', false],
    ['127.0.0.1.example.com', false],
    ['examplelocalhost', false],
    ['.localhost', false],
    ['example.com@localhost:', false],
    ['example.com:1@localhost', false],
    ['localhost:3000@example.com', false],
    ['localhost:3000 example.com', false],
    ['localhost\nexample.com', false],
    ['192.168.0.1:3000', false],
    ['[::ffff:127.0.0.1]', false],
  ])('%s: %s', (host, expected) => {
    expect(isForThisMachine({ headers: { host } })).toBe(expected);
  });

  it('no name of a site is', () => {
    fc.assert(
      fc.property(fc.domain(), fc.constantFrom('', ':80', ':4566'), (domain, port) => {
        expect(isForThisMachine({ headers: { host: `${domain}${port}` } })).toBe(false);
      }),
    );
  });
});

describe('a request crosses origins if it is sent by', () => {
  const host = 'localhost:3000';
  it.each([
    ['its own page', { origin: 'http://localhost:3000' }, false],
    ['its own page, which loads a script', { 'sec-fetch-site': 'same-origin' }, false],
    ['no page', {}, false],
    ['the address bar', { 'sec-fetch-site': 'none', 'sec-fetch-mode': 'navigate' }, false],
    ['a link on any page', { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' }, false],
    ['a page of another port', { origin: 'http://localhost:3001' }, true],
    ['a page of another name', { origin: 'http://127.0.0.1:3000' }, true],
    ['a page over TLS', { origin: 'https://localhost:3000' }, true],
    ['a page of another host', { origin: 'https://example.com' }, true],
    ['a page without an origin', { origin: 'null' }, true],
    ['an empty origin', { origin: '' }, true],
    ['an image on another page', { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' }, true],
    ['a script on a page of another port', { 'sec-fetch-site': 'same-site' }, true],
    [
      'a form on another page',
      { origin: 'https://example.com', 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' },
      true,
    ],
  ])('%s', (_who, headers, expected) => {
    expect(isCrossOrigin({ headers: { host, ...headers } })).toBe(expected);
  });
});
