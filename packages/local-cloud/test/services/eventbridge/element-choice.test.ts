import fc from 'fast-check';
import { compileEventPattern } from '../../../src/services/eventbridge/event-pattern.ts';
import { Steps } from '../../../src/services/eventbridge/steps.ts';

/** Returns the number of steps that it takes to match an event. */
function stepsOf(pattern: object, event: object): number {
  const steps = new Steps();
  compileEventPattern(pattern)(event, steps);
  return steps.taken;
}

const names = ['a', 'b', 'c'] as const;
const name = fc.constantFrom(...names);
const { value } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constantFrom(1, 2),
    fc.dictionary(name, tie('value'), { maxKeys: 3, noNullPrototype: true }),
    fc.array(tie('value'), { maxLength: 4 }),
  ),
}));
const event = fc.dictionary(name, value, { maxKeys: 3, noNullPrototype: true });
const element = fc.constantFrom<unknown[]>(
  [1],
  [2],
  [{ exists: true }],
  [{ exists: false }],
  [1, { exists: false }],
);
const path = fc.array(name, { minLength: 1, maxLength: 3 }).map((parts) => parts.join('.'));
const tests = fc.dictionary(path, element, { minKeys: 1, maxKeys: 4 });

/**
 * Returns whether an event matches, by trying every choice of one element for each array. Absence
 * counts for the elements that the tests before it chose.
 */
function matchesByTrial(pattern: Record<string, unknown[]>, subject: object): boolean {
  type Leaf = { path: string; value: unknown; chosen: Map<unknown[], number> };
  const leaves: Leaf[] = [];
  const visit = (at: string, node: unknown, chosen: Leaf['chosen']): void => {
    if (Array.isArray(node)) {
      node.forEach((child: unknown, index) => {
        visit(at, child, child instanceof Object ? new Map(chosen).set(node, index) : chosen);
      });
    } else if (node instanceof Object) {
      for (const [key, child] of Object.entries(node)) visit(at ? `${at}.${key}` : key, child, chosen);
    } else leaves.push({ path: at, value: node, chosen });
  };
  visit('', subject, new Map());
  const ordered = Object.entries(pattern).sort(([one], [other]) => (one < other ? -1 : 1));
  const tries = (index: number, chosen: Leaf['chosen']): boolean => {
    const [field, expected] = ordered[index] ?? [];
    if (field === undefined || expected === undefined) return true;
    const present = leaves.filter(
      (leaf) =>
        leaf.path === field &&
        [...leaf.chosen].every(([array, at]) => !chosen.has(array) || chosen.get(array) === at),
    );
    const mayBeAbsent = JSON.stringify(expected).includes('{"exists":false}');
    if (present.length === 0) return mayBeAbsent && tries(index + 1, chosen);
    return present
      .filter(({ value: found }) => expected.includes(found) || JSON.stringify(expected).includes('true'))
      .some((leaf) => tries(index + 1, new Map([...chosen, ...leaf.chosen])));
  };
  return tries(0, new Map());
}

test('finds a choice of elements exactly if one of all choices fits', () => {
  fc.assert(
    fc.property(tests, event, (pattern, subject) => {
      expect(compileEventPattern(pattern)(subject)).toBe(matchesByTrial(pattern, subject));
    }),
    { numRuns: 300 },
  );
});

test('chooses an element although a value outside of it matches, if a later field must be absent', () => {
  const pattern = { a: [1], 'a.a': [{ exists: false }] };
  expect(compileEventPattern(pattern)({ a: [[1, { a: 1 }], 1] })).toBe(false);
  expect(compileEventPattern(pattern)({ a: [[[[1]], { a: 1 }], 1] })).toBe(true);
});

/** Returns how many values an event has. */
function sizeOf(node: unknown): number {
  return node instanceof Object
    ? Object.values(node).reduce<number>((sum, child) => sum + sizeOf(child), 1)
    : 1;
}

test('takes steps in proportion to the size of the event and of the pattern', () => {
  fc.assert(
    fc.property(tests, event, (pattern, subject) => {
      const bound = 20 * sizeOf(subject) * Object.keys(pattern).length + 20;
      expect(stepsOf(pattern, subject)).toBeLessThan(bound);
    }),
    { numRuns: 300 },
  );
});

describe('takes few steps', () => {
  const many = <Value>(count: number, make: (index: number) => Value) =>
    Array.from({ length: count }, (_, index) => make(index));
  const nested = (levels: number, count: number): unknown =>
    levels === 0 ? { a: 1, b: 1, c: 3 } : many(count, () => nested(levels - 1, count));

  test.each([
    ['an array of objects', many(2_000, () => ({ a: 1, b: 1, c: 3 }))],
    ['arrays of arrays of objects', nested(4, 6)],
    ['objects in objects', many(50, () => ({ a: 1, b: 1, d: many(50, () => ({ a: 1, b: 1, c: 3 })) }))],
  ])('for %s that do not match', (_name, list) => {
    const pattern = { list: { a: [1], b: [1], c: [2], d: { a: [1], b: [1], c: [2, { exists: false }] } } };
    expect(stepsOf(pattern, { list: [list, { c: 2 }] })).toBeLessThan(10 * sizeOf(list));
  });

  test('for several arrays, in their sum and not in their product', () => {
    const list = many(500, (index) => (index % 2 ? { a: 1, b: 1 } : { a: 2, b: 2 }));
    const field = { a: [1], b: [2, { exists: false }] };
    const pattern = { a: field, b: field, c: field };
    expect(stepsOf(pattern, { a: list, b: list, c: list })).toBeLessThan(10_000);
  });

  test('for many values in the pattern', () => {
    const pattern = { list: many(500, (index) => index) };
    expect(stepsOf(pattern, { list: many(1_000, () => 'other') })).toBeLessThan(2_000);
  });

  test('for many combinations of $or', () => {
    const branches = (label: string) => ({ $or: many(10, (index) => ({ [`${label}${index}`]: [1] })) });
    const pattern = { x: branches('x'), y: branches('y'), z: branches('z'), list: { a: [1], b: [2] } };
    expect(stepsOf(pattern, { list: many(100, () => ({ a: 1, b: 1 })) })).toBeLessThan(10_000);
  });
});

test('an event that takes too many steps is refused', () => {
  const levels = 900;
  let list: unknown = [...Array.from({ length: 10_000 }, () => ({ a: 1, b: 1, c: 3 })), { c: 2 }];
  for (let level = 0; level < levels; level++) list = [list];
  expect(() => compileEventPattern({ list: { a: [1], b: [1], c: [2] } })({ list })).toThrow(
    expect.objectContaining({ code: 'LimitExceededException' }),
  );
});
