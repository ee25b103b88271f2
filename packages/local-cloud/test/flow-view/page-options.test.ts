import { isFiltered, pageOptionsOf, queryOf } from '../../flow-view/page-options.ts';

it.each([
  ['', { text: '', state: undefined, everything: false }],
  ['?text=no+entry&state=failed&everything', { text: 'no entry', state: 'failed', everything: true }],
] as const)('reads and writes the query "%s"', (query, options) => {
  expect(pageOptionsOf(query)).toEqual(options);
  expect(queryOf(options)).toBe(query);
});

it('ignores what is not valid, and keeps any text', () => {
  expect(pageOptionsOf('?state=unknown&other=1&text=a%3D%26b')).toEqual({
    text: 'a=&b',
    state: undefined,
    everything: false,
  });
  expect(pageOptionsOf(queryOf({ text: 'x=', everything: true })).text).toBe('x=');
});

it('distinguishes a filter from the choice of everything', () => {
  const usual = { text: '', everything: false };
  expect(isFiltered({ ...usual, everything: true })).toBe(false);
  expect(isFiltered({ ...usual, text: 'a' })).toBe(true);
  expect(isFiltered({ ...usual, state: 'slow' })).toBe(true);
});
