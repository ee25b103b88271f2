import * as fc from 'fast-check';

/**
 * The kinds of expressions. A filter stands for every condition. An update has one action, updates
 * have several.
 */
export type Kind = 'filter' | 'update' | 'updates' | 'projection' | 'key condition';

/**
 * Returns different expressions of a kind, always the same ones: mostly correct ones, some with a
 * token too few, too many, or in a wrong place.
 */
export function expressionsOf(kind: Kind, count: number): string[] {
  const sampled = fc.sample(expressions[kind], { seed: 20_120_810, numRuns: 2 * count });
  return [...new Set(sampled)].slice(0, count);
}

const pick = (...texts: string[]) => fc.constantFrom(...texts);

/** Paths to values of each type, in some of the items or in none. */
const path = fc.oneof(
  {
    weight: 6,
    arbitrary: pick('a', 's', 'n', 'b', 't', 'z', 'ss', 'ns', 'bs', 'l', 'm', 'x', 'y', '#s', '#size'),
  },
  {
    weight: 3,
    arbitrary: pick(
      'm.a',
      'm.b.c',
      'm.b',
      'm.x',
      'm.#s',
      'l[0]',
      'l[1]',
      'l[2][0]',
      'l[9]',
      'x.y',
      'a[0]',
      'a.b',
      's.x',
    ),
  },
  { weight: 1, arbitrary: pick('id', 'kind', 'rank', 'id.x', 'name', '_a', '#none', 'l[99999999999]') },
);
/** The values that expressions name, besides one that no request defines. */
export const placeholders = [
  ':s',
  ':n',
  ':b',
  ':t',
  ':z',
  ':ss',
  ':ns',
  ':bs',
  ':l',
  ':m',
  ':empty',
  ':one',
  ':S',
  ':N',
  ':abc',
];

const value = fc.oneof(
  {
    weight: 9,
    arbitrary: pick(...placeholders),
  },
  { weight: 1, arbitrary: pick(':none') },
);

const { operand } = fc.letrec<{ operand: string; size: string }>((tie) => ({
  operand: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    { weight: 6, arbitrary: path },
    { weight: 5, arbitrary: value },
    { weight: 2, arbitrary: tie('size') },
  ),
  size: tie('operand').map((inner) => `size(${inner})`),
}));
const grouped = fc.oneof(
  { weight: 12, arbitrary: operand },
  { weight: 1, arbitrary: operand.map((inner) => `(${inner})`) },
);

const comparator = pick('=', '<>', '<', '<=', '>', '>=');
const conditionFunction = fc.oneof(
  fc.tuple(pick('attribute_exists', 'attribute_not_exists'), grouped).map(([name, one]) => `${name}(${one})`),
  fc
    .tuple(pick('contains', 'begins_with', 'attribute_type'), grouped, grouped)
    .map(([name, one, other]) => `${name}(${one}, ${other})`),
  fc
    .tuple(
      pick('contains', 'begins_with', 'attribute_exists', 'size', 'foo', 'if_not_exists', 'SIZE'),
      fc.array(grouped, { minLength: 1, maxLength: 3 }),
    )
    .map(([name, operands]) => `${name}(${operands.join(', ')})`),
);
const comparison = fc.oneof(
  { weight: 5, arbitrary: fc.tuple(grouped, comparator, grouped).map((parts) => parts.join(' ')) },
  {
    weight: 2,
    arbitrary: fc
      .tuple(grouped, grouped, grouped)
      .map(([one, lower, upper]) => `${one} BETWEEN ${lower} AND ${upper}`),
  },
  {
    weight: 2,
    arbitrary: fc
      .tuple(grouped, fc.array(grouped, { minLength: 1, maxLength: 4 }))
      .map(([one, list]) => `${one} IN (${list.join(', ')})`),
  },
  { weight: 4, arbitrary: conditionFunction },
);

const { condition } = fc.letrec<{ condition: string }>((tie) => ({
  condition: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    { weight: 6, arbitrary: comparison },
    { weight: 1, arbitrary: tie('condition').map((inner) => `NOT ${inner}`) },
    { weight: 1, arbitrary: tie('condition').map((inner) => `(${inner})`) },
    {
      weight: 1,
      arbitrary: fc
        .tuple(tie('condition'), pick('AND', 'OR', 'and'), tie('condition'))
        .map((parts) => parts.join(' ')),
    },
  ),
}));

const { updateOperand } = fc.letrec<{ updateOperand: string }>((tie) => ({
  updateOperand: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    { weight: 6, arbitrary: path },
    { weight: 6, arbitrary: value },
    {
      weight: 2,
      arbitrary: fc
        .tuple(pick('if_not_exists', 'list_append'), tie('updateOperand'), tie('updateOperand'))
        .map(([name, one, other]) => `${name}(${one}, ${other})`),
    },
    {
      weight: 1,
      arbitrary: fc
        .tuple(pick('size', 'foo', 'list_append', 'attribute_exists'), tie('updateOperand'))
        .map(([name, one]) => `${name}(${one})`),
    },
  ),
}));
const setValue = fc.oneof(
  { weight: 4, arbitrary: updateOperand },
  {
    weight: 2,
    arbitrary: fc.tuple(updateOperand, pick('+', '-'), updateOperand).map((parts) => parts.join(' ')),
  },
  {
    weight: 1,
    arbitrary: fc
      .tuple(pick('n', ':n'), pick('+', '-'), pick('n', ':one'))
      .map((parts) => `(${parts.join(' ')})`),
  },
);
const assignment = fc.tuple(path, setValue).map(([to, from]) => `${to} = ${from}`);
const pathAndValue = fc.tuple(path, value).map((parts) => parts.join(' '));
/** Returns clauses of an update with lists of actions. */
const clauses = (list: (action: fc.Arbitrary<string>) => fc.Arbitrary<string>) =>
  fc.oneof(
    { weight: 4, arbitrary: list(assignment).map((actions) => `SET ${actions}`) },
    { weight: 1, arbitrary: list(path).map((actions) => `REMOVE ${actions}`) },
    { weight: 2, arbitrary: list(pathAndValue).map((actions) => `ADD ${actions}`) },
    { weight: 2, arbitrary: list(pathAndValue).map((actions) => `DELETE ${actions}`) },
  );
const list = (element: fc.Arbitrary<string>) =>
  fc.array(element, { minLength: 1, maxLength: 3 }).map((elements) => elements.join(', '));

const key = pick('kind', 'rank', 'id', 'kind', 'rank', 'x', 'rank.x');
const keyValue = pick(':a', ':a', ':one', ':two', ':three', ':none', ':empty', 'x', 'size(x)');
const keyComparison = fc.oneof(
  { weight: 6, arbitrary: fc.tuple(key, comparator, keyValue).map((parts) => parts.join(' ')) },
  { weight: 1, arbitrary: fc.tuple(keyValue, comparator, key).map((parts) => parts.join(' ')) },
  {
    weight: 2,
    arbitrary: fc
      .tuple(key, keyValue, keyValue)
      .map(([one, lower, upper]) => `${one} BETWEEN ${lower} AND ${upper}`),
  },
  { weight: 1, arbitrary: fc.tuple(key, keyValue).map(([one, start]) => `begins_with(${one}, ${start})`) },
  { weight: 1, arbitrary: fc.tuple(key, keyValue).map(([one, other]) => `${one} IN (${other})`) },
);
const keyCondition = fc.oneof(
  { weight: 6, arbitrary: keyComparison.map((other) => `kind = :a AND ${other}`) },
  { weight: 2, arbitrary: fc.tuple(keyComparison, keyComparison).map((parts) => parts.join(' AND ')) },
  { weight: 1, arbitrary: keyComparison },
  { weight: 1, arbitrary: keyComparison.map((other) => `(kind = :a) AND (${other})`) },
  { weight: 1, arbitrary: keyComparison.map((other) => `kind = :a OR NOT ${other}`) },
);

/** Changes of a text that mostly break it: one of its tokens is removed, doubled, replaced or moved. */
const edits = fc
  .tuple(
    pick('remove', 'double', 'replace', 'surround'),
    fc.nat(),
    pick(
      '(',
      ')',
      ',',
      'AND',
      'NOT',
      '=',
      '<',
      '+',
      '.',
      '[',
      ']',
      '[0]',
      '1',
      '_',
      ':',
      '#',
      '"',
      'é',
      ';',
      'SET',
      '/',
    ),
  )
  .map(([edit, at, other]) => (text: string) => {
    const tokens = text.split(/(?<=[ ,()[\].])|(?=[ ,()[\].])/);
    const index = at % tokens.length;
    const token = tokens[index] ?? '';
    const replacement = {
      remove: '',
      double: token + token,
      replace: other,
      surround: `(${token})`,
    }[edit];
    return tokens.with(index, replacement ?? token).join('');
  });

const correct: Record<Kind, fc.Arbitrary<string>> = {
  filter: condition,
  update: clauses((action) => action),
  updates: fc.array(clauses(list), { minLength: 1, maxLength: 2 }).map((all) => all.join(' ')),
  projection: list(path),
  'key condition': keyCondition,
};

/** Returns expressions of which some are spoiled by an edit. */
const any = (expression: fc.Arbitrary<string>) =>
  fc.oneof(
    { weight: 3, arbitrary: expression },
    { weight: 1, arbitrary: fc.tuple(expression, edits).map(([text, edit]) => edit(text)) },
  );

/** Mostly correct expressions of each kind. */
export const expressions: Record<Kind, fc.Arbitrary<string>> = {
  filter: any(correct.filter),
  update: any(correct.update),
  updates: any(correct.updates),
  projection: any(correct.projection),
  'key condition': any(correct['key condition']),
};
