import { MAXIMUM_JSON_DEPTH, parseJson, parseJsonOrThrow } from '../../src/core/json.ts';

const lists = (depth: number) => '['.repeat(depth) + ']'.repeat(depth);
const objects = (depth: number) => `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`;

it.each([lists, objects])('is parsed up to a depth that the stack can take: %p', (nested) => {
  expect(JSON.stringify(parseJson(nested(MAXIMUM_JSON_DEPTH)))).toBe(nested(MAXIMUM_JSON_DEPTH));
  for (const depth of [MAXIMUM_JSON_DEPTH + 1, 100_000]) {
    expect(parseJson(nested(depth))).toBeUndefined();
    expect(() => parseJsonOrThrow(nested(depth))).toThrow(SyntaxError);
  }
});

it('is undefined if the text is not JSON', () => {
  expect(parseJson('{')).toBeUndefined();
});
