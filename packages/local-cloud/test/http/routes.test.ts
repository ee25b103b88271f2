import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import fc from 'fast-check';
import { match } from '../../src/http/routes.ts';

const routes = {
  'GET /traces': 'list',
  'POST /traces': 'add',
  '/traces/{trace}': 'one',
  '/{folder}/last': 'last',
};

function matched(method: string, url: string) {
  const request = new IncomingMessage(new Socket());
  request.method = method;
  request.url = url;
  const found = match(routes, request);
  return found && [found.answer, ...found.parameters];
}

it.each([
  ['GET', '/traces', ['list']],
  ['GET', '/traces?x=/y', ['list']],
  ['POST', '/traces', ['add']],
  ['DELETE', '/traces', undefined],
  ['DELETE', '/traces/a%2Fb', ['one', 'a%2Fb']],
  ['GET', '/traces/', undefined],
  ['GET', '/traces/a/b', undefined],
  ['GET', '/traces/last', ['one', 'last']],
  ['GET', '/other/last', ['last', 'other']],
  ['GET', '', undefined],
])('%s %s', (method, url, expected) => {
  expect(matched(method, url)).toEqual(expected);
});

it('matches exactly one segment for braces', () => {
  fc.assert(
    fc.property(fc.webPath(), (path) => {
      const segments = path.split('/').slice(1);
      const [segment] = segments;
      expect(matched('GET', `/traces${path}`)).toEqual(
        segments.length === 1 && segment ? ['one', segment] : path === '' ? ['list'] : undefined,
      );
    }),
  );
});
