import fc from 'fast-check';
import { queryOf } from '../../src/http/request-query.ts';

it('returns the parameters of any query', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'grapheme' }))),
      (pairs) => {
        expect([...queryOf({ url: `/path?${new URLSearchParams(pairs)}` })]).toEqual(pairs);
      },
    ),
  );
});

it('keeps the question marks in a query', () => {
  expect([...queryOf({ url: '/path?text=why?&limit=2' })]).toEqual([
    ['text', 'why?'],
    ['limit', '2'],
  ]);
});

it.each([undefined, '', '*', '/path', '/path?', '//[?'])('returns no parameters of %j', (url) => {
  expect([...queryOf({ url })]).toEqual([]);
});
