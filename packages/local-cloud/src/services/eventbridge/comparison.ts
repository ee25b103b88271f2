import { BlockList, isIP } from 'node:net';
import { AwsError } from '../../core/service.ts';

export type JsonObject = Record<string, unknown>;

/** The value of a leaf of an event. */
export type Scalar = string | number | boolean | null;

export type ValueTest = (value: Scalar) => boolean;
type TextTest = (text: string) => boolean;

/**
 * A pattern is refused. `reason` is the part that other services put into their own error messages.
 */
export class InvalidEventPattern extends AwsError {
  readonly reason: string;

  constructor(reason: string) {
    super('InvalidEventPatternException', `Event pattern is not valid. Reason: ${reason}`);
    this.reason = reason;
  }
}

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function isScalar(value: unknown): value is Scalar {
  return value === null || ['string', 'number', 'boolean'].includes(typeof value);
}

/** The value test of `{"exists": false}`: no value passes it. */
export const absent: ValueTest = () => false;

/**
 * Compiles one element of the array of a field in a pattern: a value for equality, or an operator
 * with its operand (EventBridge User Guide, "Comparison operators for use in event patterns").
 *
 * @throws {InvalidEventPattern}
 */
export function compileComparison(expected: unknown): ValueTest {
  if (isScalar(expected)) return (value) => value === expected;
  if (!isJsonObject(expected)) refuse('Match value must be String, number, true, false, or null');
  const [name, operand] = onlyEntry(expected);
  const compile = operators.get(name) ?? refuse(`Unrecognized match type ${name}`);
  return compile(operand);
}

export function isOperator(name: string): boolean {
  return operators.has(name);
}

export function refuse(reason: string): never {
  throw new InvalidEventPattern(reason);
}

/** The limit of bounds and of values, from "Numeric matching" in the guide. */
const numericLimit = 5e9;

/** The operators that compare text, in a pattern and under `anything-but`. */
const textOperators = new Map<string, (operand: string) => TextTest>([
  ['prefix', (prefix) => (text) => text.startsWith(prefix)],
  ['suffix', (suffix) => (text) => text.endsWith(suffix)],
  ['equals-ignore-case', (other) => (text) => text.toLowerCase() === other.toLowerCase()],
  ['wildcard', compileWildcard],
]);

const operators = new Map<string, (operand: unknown) => ValueTest>([
  ['exists', compileExists],
  ['anything-but', compileAnythingBut],
  ['numeric', compileNumeric],
  ['cidr', (operand) => onText(compileCidr(textOperand('cidr', operand)))],
  ...Array.from(textOperators, ([name, compile]) => [name, compileTextOperator(name, compile)] as const),
]);

const numericOperators = new Map<unknown, (value: number, bound: number) => boolean>([
  ['=', (value, bound) => value === bound],
  ['<', (value, bound) => value < bound],
  ['<=', (value, bound) => value <= bound],
  ['>', (value, bound) => value > bound],
  ['>=', (value, bound) => value >= bound],
]);

function onlyEntry(expression: JsonObject): [string, unknown] {
  const [entry, another] = Object.entries(expression);
  if (!entry || another) refuse('Only one key allowed in match expression');
  return entry;
}

function compileTextOperator(name: string, compile: (operand: string) => TextTest) {
  return (operand: unknown): ValueTest => {
    if ((name !== 'prefix' && name !== 'suffix') || !isJsonObject(operand)) {
      return onText(compile(textOperand(name, operand)));
    }
    const [inner, affix] = onlyEntry(operand);
    if (inner !== 'equals-ignore-case') refuse(`Unsupported ${name} pattern: ${inner}`);
    const test = compile(textOperand(inner, affix).toLowerCase());
    return onText((text) => test(text.toLowerCase()));
  };
}

function textOperand(name: string, operand: unknown): string {
  return typeof operand === 'string' ? operand : refuse(`${name} match pattern must be a string`);
}

function onText(test: TextTest): ValueTest {
  return (value) => typeof value === 'string' && test(value);
}

function compileExists(operand: unknown): ValueTest {
  if (typeof operand !== 'boolean') refuse('exists match pattern must be either true or false.');
  return operand ? () => true : absent;
}

function compileAnythingBut(operand: unknown): ValueTest {
  if (isJsonObject(operand)) return compileAnythingButText(operand);
  const list: unknown[] = Array.isArray(operand) ? operand : [operand];
  const type = typeof list[0];
  if ((type !== 'string' && type !== 'number') || list.some((value) => typeof value !== type)) {
    refuse('anything-but takes a string, a number, a list of strings or a list of numbers');
  }
  return (value) => !list.includes(value);
}

function compileAnythingButText(operand: JsonObject): ValueTest {
  const [name, operands] = onlyEntry(operand);
  const compile = textOperators.get(name) ?? refuse(`Unsupported anything-but pattern: ${name}`);
  const list: unknown[] = Array.isArray(operands) ? operands : [operands];
  if (list.length === 0) refuse('Empty arrays are not allowed');
  const tests = list.map((item) => {
    const text = textOperand(name, item);
    if (text === '' && (name === 'prefix' || name === 'suffix')) refuse('Null prefix/suffix not allowed');
    return onText(compile(text));
  });
  return (value) => !tests.some((test) => test(value));
}

/**
 * Compiles a numeric comparison: `["=", 5]`, a bound (`["<", 5]`), or a lower and an upper bound
 * (`[">", 0, "<=", 5]`).
 */
function compileNumeric(operand: unknown): ValueTest {
  if (!Array.isArray(operand)) refuse('Value of numeric must be an array.');
  const terms: unknown[] = operand;
  const names = terms.filter((_, index) => index % 2 === 0);
  if (names.length !== 1 && !/^>=? <=?$/.test(names.join(' '))) refuse('Bad numeric range');
  const tests = names.map((operator, index) => {
    const compare =
      numericOperators.get(operator) ?? refuse(`Unrecognized numeric range operator: ${operator}`);
    const bound = terms[2 * index + 1];
    if (typeof bound !== 'number') refuse(`Value of ${operator} must be numeric`);
    if (Math.abs(bound) > numericLimit) refuse(`Value must be between -5.0E9 and 5.0E9, inclusive: ${bound}`);
    return { compare, bound };
  });
  const [bottom, top] = tests;
  if (bottom && top && bottom.bound >= top.bound) refuse('Bottom must be less than top');
  return (value) =>
    typeof value === 'number' &&
    Math.abs(value) <= numericLimit &&
    tests.every(({ compare, bound }) => compare(value, bound));
}

function compileCidr(block: string): TextTest {
  const [, address = '', mask] = /^([^/%]+)\/(\d+)$/.exec(block) ?? [];
  const family = isIP(address);
  const bits = Number(mask);
  if (family === 0) refuse(`Malformed CIDR: ${block}`);
  // AWS refuses a block of one address, for which the exact address is equivalent.
  if (bits > (family === 4 ? 31 : 127)) refuse(`CIDR mask bits are too many: ${block}`);
  const type = family === 4 ? 'ipv4' : 'ipv6';
  const subnet = new BlockList();
  subnet.addSubnet(address, bits, type);
  return (text) => isIP(text) === family && subnet.check(text, type);
}

/**
 * Compiles a wildcard. `*` stands for any text, `\*` and `\\` for the character itself. Matching
 * takes one pass, without backtracking.
 */
function compileWildcard(pattern: string): TextTest {
  const literals = [''];
  let previous = '';
  for (const token of pattern.match(/\\?./gs) ?? []) {
    if (token === '*') {
      if (previous === '*') refuse('Consecutive wildcard characters');
      literals.push('');
    } else {
      if (token.startsWith('\\') && token !== '\\*' && token !== '\\\\') refuse('Invalid escape character');
      literals.push(`${literals.pop()}${token.slice(-1)}`);
    }
    previous = token;
  }
  const [first = '', ...rest] = literals;
  const last = rest.pop();
  if (last === undefined) return (text) => text === first;
  return (text) => {
    if (!text.startsWith(first) || !text.endsWith(last)) return false;
    let from = first.length;
    for (const literal of rest) {
      const at = text.indexOf(literal, from);
      if (at === -1) return false;
      from = at + literal.length;
    }
    return from <= text.length - last.length;
  };
}
