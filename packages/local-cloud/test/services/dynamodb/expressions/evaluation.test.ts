import type { AttributeValue } from 'aws-lambda';
import * as fc from 'fast-check';
import { expressions } from '../../../../conformance/generated/expressions.ts';
import { AwsError } from '../../../../src/core/service.ts';
import {
  type DocumentPath,
  refuseOverlaps,
} from '../../../../src/services/dynamodb/expressions/document-path.ts';
import { projectionOf } from '../../../../src/services/dynamodb/expressions/projection.ts';
import { bindExpressions } from '../../../../src/services/dynamodb/expressions/request-expressions.ts';

type Item = Record<string, AttributeValue>;

const item: Item = {
  id: { S: 'x' },
  s: { S: 'abc' },
  n: { N: '5' },
  ss: { SS: ['a', 'b'] },
  l: { L: [{ S: 'a' }, { N: '1' }] },
  m: { M: { a: { S: 'x' }, n: { N: '3' } } },
};
const values: Item = {
  ...{
    ':s': { S: 'abc' },
    ':n': { N: '5' },
    ':one': { N: '1' },
    ':ba': { SS: ['b', 'a'] },
    ':ss': { SS: ['a'] },
  },
  ...{
    ':l': { L: [{ S: 'a' }] },
    ':m': { M: {} },
    ':t': { BOOL: true },
    ':b': { B: 'AQ==' },
    ':z': { NULL: true },
  },
  ...{
    ':ns': { NS: ['1'] },
    ':bs': { BS: ['AQ=='] },
    ':empty': { S: '' },
    ':S': { S: 'S' },
    ':N': { S: 'N' },
  },
};

/** Returns the parameters of the placeholders that an expression uses. */
function placeholders(text: string) {
  const used = Object.entries(values).filter(([name]) => new RegExp(`${name}\\b`).test(text));
  return {
    ...(used.length > 0 && { ExpressionAttributeValues: Object.fromEntries(used) }),
    ...(/#s\b/.test(text) && { ExpressionAttributeNames: { '#s': 's' } }),
  };
}

function holds(FilterExpression: string): boolean | undefined {
  const request = { FilterExpression, ...placeholders(FilterExpression) };
  return bindExpressions(request, request).filter?.holdsFor(item);
}

// Everything else about conditions is compared with DynamoDB Local, in conformance/.
test.each([
  ['absent = :s', false],
  ['absent <> :s', true],
  ['absent < :s', false],
  ['absent >= lacking', false],
  ['s IN (absent)', false],
  ['absent IN (s)', false],
  ['absent BETWEEN :s AND :s', false],
  ['s BETWEEN absent AND lacking', false],
  ['contains(absent, :s)', false],
  ['contains(s, absent)', false],
  ['begins_with(absent, :s)', false],
  ['size(absent) = size(lacking)', false],
  ['size(absent) < :n', false],
  ['NOT absent = :s', true],
  ['NOT NOT s = :s', true],
  ['ss = :ba', true],
  ['l[1] = :one AND (m.n < :n OR absent = :s)', true],
])('%s is %p', (expression, expected) => {
  expect(holds(expression)).toBe(expected);
});

test('an update computes every value from the item before, which it does not change', () => {
  const before = structuredClone(item);
  let applied = 0;
  fc.assert(
    fc.property(expressions.update, (UpdateExpression) => {
      const request = { UpdateExpression, ...placeholders(UpdateExpression) };
      try {
        bindExpressions(request, request).update?.applyTo(item);
        applied++;
      } catch (error) {
        expect(error).toBeInstanceOf(AwsError);
      }
      expect(item).toEqual(before);
    }),
    { numRuns: 200 },
  );
  expect(applied).toBeGreaterThan(0);
  const UpdateExpression = 'SET s = n, n = s, l[9] = l[0] REMOVE l[0], m.a';
  const { update } = bindExpressions({ UpdateExpression }, { UpdateExpression });
  expect(update?.applyTo(item)).toEqual({
    ...item,
    s: { N: '5' },
    n: { S: 'abc' },
    l: { L: [{ N: '1' }, { S: 'a' }] },
    m: { M: { n: { N: '3' } } },
  });
  expect(item).toEqual(before);
});

test('an update cannot build a value of more than 32 levels', () => {
  const UpdateExpression = 'SET m.a = m';
  const { update } = bindExpressions({ UpdateExpression }, { UpdateExpression });
  let nested: Item = { m: { M: { a: { S: 'x' } } } };
  for (let levels = 2; levels < 32; levels++) nested = update?.applyTo(nested) ?? nested;
  expect(() => update?.applyTo(nested)).toThrow(/Nesting Levels/);
});

const step = fc.oneof(fc.constantFrom('a', 'b', '__proto__'), fc.nat({ max: 1 }));
const path = fc
  .tuple(fc.constantFrom('a', 'b', '__proto__'), fc.array(step, { maxLength: 3 }))
  .map(([name, steps]): DocumentPath => [name, ...steps]);

test('paths overlap or conflict if two of them do', () => {
  const areApart = (one: DocumentPath, other: DocumentPath) => {
    const at = one.findIndex((each, index) => each !== other[index]);
    return at >= 0 && at < other.length && typeof one[at] === typeof other[at];
  };
  fc.assert(
    fc.property(fc.array(path, { maxLength: 4 }), (paths) => {
      const isRefused = () => refuseOverlaps(paths);
      const some = paths.some((one, index) => paths.slice(index + 1).some((other) => !areApart(one, other)));
      if (some) expect(isRefused).toThrow(/^Two document paths (overlap|conflict)/);
      else expect(isRefused).not.toThrow();
    }),
  );
});

test('a projection has the elements of a list in their order', () => {
  const paths: DocumentPath[] = [
    ['l', 1],
    ['l', 0],
    ['m', 'n'],
    ['absent', 'x'],
    ['s', 'x'],
    ['l', 7],
  ];
  expect(projectionOf(paths).of(item)).toEqual({ l: item.l, m: { M: { n: { N: '3' } } } });
});
