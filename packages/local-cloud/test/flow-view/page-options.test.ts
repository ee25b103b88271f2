import { isFiltered, pageOptionsOf, queryOf } from '../../flow-view/page-options.ts';

it.each([
  ['', { text: '', state: undefined, everything: false, display: false }],
  [
    '?text=no+entry&state=failed&everything&display',
    { text: 'no entry', state: 'failed', everything: true, display: true },
  ],
] as const)('reads and writes the query "%s"', (query, options) => {
  expect(pageOptionsOf(query)).toEqual(options);
  expect(queryOf(options)).toBe(query);
});

it('ignores what is not valid, and keeps any text', () => {
  expect(pageOptionsOf('?state=unknown&other=1&text=a%3D%26b')).toEqual({
    text: 'a=&b',
    state: undefined,
    everything: false,
    display: false,
  });
  expect(pageOptionsOf(queryOf({ text: 'x=', everything: true, display: true })).text).toBe('x=');
});

it('distinguishes a filter from the choice of everything', () => {
  expect(isFiltered(pageOptionsOf('?everything&display'))).toBe(false);
  expect(isFiltered(pageOptionsOf('?text=a'))).toBe(true);
  expect(isFiltered(pageOptionsOf('?state=slow'))).toBe(true);
});
