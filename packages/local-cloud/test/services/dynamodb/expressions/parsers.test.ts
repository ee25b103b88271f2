import * as fc from 'fast-check';
import { ConditionParser } from '../../../../src/services/dynamodb/expressions/condition-parser.ts';
import { InvalidExpression } from '../../../../src/services/dynamodb/expressions/invalid-expression.ts';
import { OperandParser } from '../../../../src/services/dynamodb/expressions/operand-parser.ts';
import { ParseCache } from '../../../../src/services/dynamodb/expressions/parse-cache.ts';
import { parseProjection } from '../../../../src/services/dynamodb/expressions/projection-parser.ts';
import { UpdateParser } from '../../../../src/services/dynamodb/expressions/update-parser.ts';

const kinds = { condition: ConditionParser, update: UpdateParser };
type Kind = keyof typeof kinds;

/** Parses an expression, and returns its error, if it has one, and the effort. */
function parsed(kind: Kind, text: string) {
  const parser = new kinds[kind](text);
  let error: unknown;
  try {
    parser.parse();
  } catch (thrown) {
    error = thrown;
  }
  return { error, steps: parser.tokens.steps, deepest: parser.deepest };
}

/** A token is looked at by each of the rules that it could continue, and once to take it. */
const STEPS_PER_TOKEN = 25;
const DEEPEST = 311;

function expectBounded(kind: Kind, text: string): void {
  const { error, steps, deepest } = parsed(kind, text);
  if (error !== undefined) expect(error).toBeInstanceOf(InvalidExpression);
  expect(steps).toBeLessThanOrEqual(STEPS_PER_TOKEN * (text.length + 2));
  expect(deepest).toBeLessThanOrEqual(DEEPEST);
}

const tokens = [
  '(',
  ')',
  ',',
  '.',
  '[',
  ']',
  '0',
  '=',
  '<>',
  '+',
  'a',
  ':v',
  '#n',
  'NOT ',
  ' AND ',
  ' OR ',
  ' IN ',
];
const words = [
  ' BETWEEN ',
  'SET ',
  'REMOVE ',
  'size(',
  'contains(',
  'if_not_exists(',
  'list_append(',
  'a=:v',
  '((',
  '"',
];
const adversarial = fc
  .tuple(
    fc.array(fc.tuple(fc.constantFrom(...tokens, ...words), fc.nat({ max: 400 })), { maxLength: 8 }),
    fc.string(),
  )
  .map(([parts, end]) =>
    (parts.map(([token, times]) => token.repeat(times + 1)).join('') + end).slice(0, 4000),
  );

it.each<Kind>(['condition', 'update'])('parses any text as %s in a bounded number of steps', (kind) => {
  fc.assert(
    fc.property(adversarial, (text) => {
      if (text !== '' && Buffer.byteLength(text) <= 4096) expectBounded(kind, text);
      if (text !== '' && Buffer.byteLength(text) <= 4096)
        expectBounded(kind, `SET a = ${text}`.slice(0, 4000));
    }),
    { numRuns: 100 },
  );
});

it.each([
  ['parentheses', (n: number) => `${'('.repeat(n)}a = :v${')'.repeat(n)}`],
  ['parentheses that stay open', (n: number) => '('.repeat(2 * n)],
  ['parentheses of operands', (n: number) => `${'('.repeat(n)}a${')'.repeat(n)} = :v`],
  ['negated parentheses', (n: number) => `${'NOT ('.repeat(n / 2)}a = :v${')'.repeat(n / 2)}`],
  ['negations', (n: number) => `${'NOT '.repeat(n)}a = :v`],
  ['conjunctions', (n: number) => `a=:v${' AND a=:v'.repeat(n / 3)}`],
  ['groups on the right', (n: number) => `${'(a=:v OR '.repeat(n / 3)}a=:v${')'.repeat(n / 3)}`],
  ['groups on the left', (n: number) => `${'('.repeat(n / 3)}a=:v${' OR a=:v)'.repeat(n / 3)}`],
  ['functions', (n: number) => `${'size('.repeat(n / 2)}a${')'.repeat(n / 2)} = :v`],
  ['operands', (n: number) => `a IN (${Array.from({ length: n }, () => ':v').join(',')})`],
  ['a path', (n: number) => `a${'[0]'.repeat(n)} = :v`],
])('needs a number of steps proportional to the length: %s', (_, text) => {
  for (const length of [10, 100, 1000]) expectBounded('condition', text(length).slice(0, 4096));
});

it('parses parentheses of 299 levels, as many as 300 operators allow', () => {
  const text = `${'NOT ('.repeat(299)}a = :v${')'.repeat(299)}`;
  expect(new ConditionParser(text).parse().operators).toBe(300);
});

it('reads each nested list of a projection once', () => {
  expect(parseProjection(`a${'[0]'.repeat(1000)}`)[0]?.steps).toHaveLength(1001);
  expect(() => new OperandParser('', { name: '', functions: [] })).toThrow(
    'The expression can not be empty;',
  );
});

it('keeps a bounded number of parsed expressions', () => {
  const parse = jest.fn((text: string) => [text]);
  const cache = new ParseCache(parse);
  expect(cache.get('first')).toBe(cache.get('first'));
  for (let n = 0; n < 200; n++) cache.get(`${n}`);
  expect(parse).toHaveBeenCalledTimes(201);
  cache.get('199');
  expect(parse).toHaveBeenCalledTimes(201);
  cache.get('first');
  expect(parse).toHaveBeenCalledTimes(202);
});

it('does not keep an error', () => {
  const cache = new ParseCache((text) => new ConditionParser(text).parse());
  for (let n = 0; n < 2; n++)
    expect(() => cache.get('a ==')).toThrow(/^Syntax error; token: "=", near: "=="$/);
});
