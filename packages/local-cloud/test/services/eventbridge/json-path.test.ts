import { compileJsonPath } from '../../../src/services/eventbridge/json-path.ts';

const document = {
  'detail-type': 'Order',
  detail: { items: [{ id: 'a' }, { id: 'b', tags: ['x', 'y'] }], 'a/b_c': 1, nothing: null },
};

test.each<[string, unknown]>([
  ['$', document],
  ['$.detail-type', 'Order'],
  ['$.detail.a/b_c', 1],
  ['$.detail.nothing', null],
  ['$.detail.items[1].id', 'b'],
  ['$.detail.items[1].tags[0]', 'x'],
  ['$.detail.items[*].id', ['a', 'b']],
  ['$.detail.items[*].tags[*]', ['x', 'y']],
  ['$.detail.items[*].missing', []],
  ['$.detail.items[1].*', ['b', ['x', 'y']]],
  ['$.detail.items[2]', undefined],
  ['$.detail.items.id', undefined],
  ['$.detail.items.length', undefined],
  ['$.detail[0]', undefined],
  ['$.detail-type.length', undefined],
  ['$.missing.deeper', undefined],
  ['$.constructor', undefined],
])('%s', (path, expected) => {
  expect(compileJsonPath(path)(document)).toEqual(expected);
});

test.each([
  '',
  'detail',
  '$.',
  '$detail',
  '$..id',
  "$['detail']",
  '$.items[-1]',
  '$.items[?(@.id)]',
  '$.a b',
])('refuses %j', (path) => {
  expect(() => compileJsonPath(path)).toThrow(expect.objectContaining({ code: 'ValidationException' }));
});
