import { BlockList, isIP } from 'node:net';
import { AwsError } from '../../core/service.ts';
import { CaselessText } from './caseless-text.ts';
import { compileWildcard, MalformedWildcard } from './wildcard.ts';
import type { WildcardComparison } from './wildcard-complexity.ts';

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
 * Compiles one element of the array of a field in a pattern that is not a plain value: an operator with
 * its operand (EventBridge User Guide, "Comparison operators for use in event patterns").
 *
 * @throws {InvalidEventPattern}
 */
export function compileComparison(expected: unknown): ValueTest {
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
  ['equals-ignore-case', compileCaseless('equals')],
  ['wildcard', compileWildcardText],
]);

const operators = new Map<string, (operand: unknown) => ValueTest>([
  ['exists', compileExists],
  ['anything-but', compileAnythingBut],
  ['numeric', compileNumeric],
  ['cidr', (operand) => onText(compileCidr(textOperand('prefix', operand)))],
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
    return onText(compileCaseless(name === 'prefix' ? 'begins' : 'ends')(textOperand(inner, affix)));
  };
}

function compileCaseless(comparison: 'equals' | 'begins' | 'ends') {
  return (operand: string): TextTest => {
    const caseless = new CaselessText(operand);
    return (text) => caseless[comparison](text);
  };
}

function compileWildcardText(operand: string): TextTest {
  try {
    return compileWildcard(operand);
  } catch (error) {
    if (error instanceof MalformedWildcard) refuse(error.message);
    throw error;
  }
}

/** Returns the wildcards of a comparison that compiles; none if it has no wildcard. */
export function wildcardComparison(expected: unknown): WildcardComparison[] {
  if (!isJsonObject(expected)) return [];
  const { 'anything-but': excluded } = expected;
  const { wildcard } = isJsonObject(excluded) ? excluded : expected;
  if (wildcard === undefined) return [];
  const texts = [...new Set([wildcard].flat().map(String))].sort();
  return [{ identity: JSON.stringify([excluded !== undefined, texts]), wildcards: texts }];
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
  const types = new Set(list.map((value) => typeof value));
  if (![...types].every((type) => type === 'string' || type === 'number'))
    refuse(
      Array.isArray(operand)
        ? 'Inside anything but list, start|null|boolean is not supported.'
        : SINGLE_VALUE,
    );
  if (list.length === 0) refuse('Empty arrays are not allowed');
  if (types.size > 1)
    refuse('Inside anything but list, either all values are number or string, mixed type is not supported');
  const excluded = new Set(list);
  return (value) => !excluded.has(value);
}

const SINGLE_VALUE = 'Value of anything-but must be an array or single string/number value.';

function compileAnythingButText(operand: JsonObject): ValueTest {
  const [name, operands] = onlyEntry(operand);
  const compile = textOperators.get(name) ?? refuse(`Unsupported anything-but pattern: ${name}`);
  if (isJsonObject(operands)) refuse(SINGLE_VALUE);
  const list: unknown[] = Array.isArray(operands) ? operands : [operands];
  if (list.length === 0) refuse('Empty arrays are not allowed');
  const tests = list.map((text) => {
    if (typeof text !== 'string')
      refuse(excludedTypes.get(name) ?? 'prefix/suffix match pattern must be a string');
    if (text === '' && (name === 'prefix' || name === 'suffix')) refuse('Null prefix/suffix not allowed');
    return onText(compile(text));
  });
  return (value) => !tests.some((test) => test(value));
}

/** The messages for an operand of another type than text. */
const excludedTypes = new Map([
  [
    'equals-ignore-case',
    'Inside anything-but/equals-ignore-case list, number|start|null|boolean is not supported.',
  ],
  ['wildcard', 'wildcard match pattern must be a string'],
]);

/**
 * Compiles a numeric comparison: `["=", 5]`, a bound (`["<", 5]`), or a lower and an upper bound
 * (`[">", 0, "<=", 5]`).
 */
function compileNumeric(operand: unknown): ValueTest {
  if (!Array.isArray(operand)) refuse('Value of numeric must be an array.');
  const [operator, bound, ...range]: unknown[] = operand;
  if (typeof operator !== 'string')
    refuse(`Invalid member in numeric match: ${operand.length === 0 ? ']' : operator}`);
  const terms = [numericTerm(operator, bound)];
  if (range.length > 0) terms.push(upperBound(operator, terms[0]?.bound ?? 0, range));
  return (value) =>
    typeof value === 'number' &&
    Math.abs(value) <= numericLimit &&
    terms.every((term) => term.compare(value, term.bound));
}

interface NumericTerm {
  compare: (value: number, bound: number) => boolean;
  bound: number;
}

function numericTerm(operator: string, bound: unknown): NumericTerm {
  const compare =
    numericOperators.get(operator) ?? refuse(`Unrecognized numeric range operator: ${operator}`);
  if (typeof bound !== 'number') refuse(`Value of ${operator === '=' ? 'equals' : operator} must be numeric`);
  if (Math.abs(bound) > numericLimit) refuse(`Value must be between -5.0E9 and 5.0E9, inclusive: ${bound}`);
  return { compare, bound };
}

function upperBound(lower: string, bottom: number, [operator, bound, ...more]: unknown[]): NumericTerm {
  if (!/^>=?$/.test(lower)) refuse('Too many elements in numeric expression');
  if (typeof operator !== 'string') refuse(`Bad value in numeric range: ${operator}`);
  if (!/^<=?$/.test(operator)) refuse(`Bad numeric range operator: ${operator}`);
  const top = numericTerm(operator, bound);
  if (more.length > 0) refuse('Too many terms in numeric range expression');
  if (bottom >= top.bound) refuse('Bottom must be less than top');
  return top;
}

function compileCidr(block: string): TextTest {
  const [address = '', mask, another] = block.split('/');
  if (mask === undefined || another !== undefined) refuse("Malformed CIDR, one '/' required");
  if (!/^\d+$/.test(mask)) refuse('Malformed CIDR, mask bits must be an integer');
  const family = address.includes('%') ? 0 : isIP(address);
  const bits = Number(mask);
  if (family === 0) refuse(`Nonstandard IP address: ${address}`);
  // AWS refuses a block of one address, for which the exact address is equivalent.
  if (bits > (family === 4 ? 31 : 127))
    refuse(family === 4 ? 'IPv4 mask bits must be < 32' : 'IPv6 mask bits must be < 128');
  const type = family === 4 ? 'ipv4' : 'ipv6';
  const subnet = new BlockList();
  subnet.addSubnet(address, bits, type);
  return (text) => isIP(text) === family && subnet.check(text, type);
}
