import type { AttributeValue } from 'aws-lambda';
import type { Item } from 'dynalite/db/index.js';
import { beginsWith, contains, isEqual, order, sizeOf, typeOf } from './comparison.ts';
import { type DocumentPath, printed, valueAt } from './document-path.ts';
import { invalid } from './invalid-expression.ts';
import { MAXIMUM_OPERATORS, tooManyOperators } from './operand-parser.ts';
import type { Placeholders } from './placeholders.ts';
import type { Call, Condition, Operand, Operation, Parsed } from './syntax.ts';

/** A condition with the names and values of its request. */
export interface BoundCondition {
  holdsFor: Predicate;
  /** The paths in the condition. */
  paths: DocumentPath[];
}

type Predicate = (item: Item) => boolean;

/** The facts about an operand that are known without an item. */
export interface KnownOperand {
  path?: DocumentPath;
  /** Its type. */
  type?: string;
}

/** An operand with its values: the value in an item, `undefined` if it is absent. */
interface BoundOperand extends KnownOperand {
  in(item: Item): AttributeValue | undefined;
  /** The value if it is known without an item. */
  value?: AttributeValue;
}

const ordered = ['S', 'N', 'B'];
const types = ['N', 'BS', 'L', 'B', 'NULL', 'M', 'S', 'SS', 'NS', 'BOOL'];

/**
 * Binds a condition to the names and values of a request. As in DynamoDB, a comparison with an
 * absent operand does not hold, except `<>`.
 * @throws {InvalidExpression} the first error of the condition
 */
export function bindCondition(
  { syntax, operators }: Parsed<Condition>,
  placeholders: Placeholders,
): BoundCondition {
  const binder = new ConditionBinder(placeholders);
  const holdsFor = binder.condition(syntax);
  if (operators > MAXIMUM_OPERATORS) throw tooManyOperators();
  return { holdsFor, paths: binder.paths };
}

class ConditionBinder {
  readonly #placeholders: Placeholders;
  readonly paths: DocumentPath[] = [];

  constructor(placeholders: Placeholders) {
    this.#placeholders = placeholders;
  }

  condition(syntax: Condition): Predicate {
    if (syntax.kind === 'operation') return this.#operation(syntax);
    if (syntax.kind === 'call') return this.#function(syntax);
    if (syntax.kind === 'not') {
      const condition = this.condition(syntax.condition);
      return (item) => !condition(item);
    }
    const conditions = syntax.conditions.map((condition) => this.condition(condition));
    if (syntax.kind === 'and') return (item) => conditions.every((condition) => condition(item));
    return (item) => conditions.some((condition) => condition(item));
  }

  #operation({ operator, operands }: Operation): Predicate {
    const [first, ...others] = operands.map((operand) => this.operand(operand));
    const [second, third] = others;
    if (!first || !second) throw wrongNumber(operator, operands.length);
    if (operator === 'IN' && others.length > MAXIMUM_IN)
      throw invalid('The IN operator is provided with too many operands', {
        'number of operands': others.length,
      });
    const isOrdering = operator !== 'IN' && operator !== '=' && operator !== '<>';
    if (isOrdering) requireTypes(operator, [first, ...others], ordered);
    refuseSame(operator, [first, ...others]);
    if (operator === 'IN') return isOneOf(first, others);
    if (operator === '=') return (item) => isSame(first.in(item), second.in(item));
    if (operator === '<>') return (item) => !isSame(first.in(item), second.in(item));
    if (operator === 'BETWEEN') return between(first, second, third);
    return ordering(operator, first, second);
  }

  #function(call: Call): Predicate {
    const operands = call.operands.map((operand) => this.operand(operand));
    const [first, second] = operands;
    const isUnary = call.name === 'attribute_exists' || call.name === 'attribute_not_exists';
    if (!first || operands.length !== (isUnary ? 1 : 2)) throw wrongNumber(call.name, operands.length);
    if (isUnary) requirePath(call.name, first);
    if (call.name === 'attribute_exists') return (item) => first.in(item) !== undefined;
    if (!second) return (item) => first.in(item) === undefined;
    refuseSame(call.name, operands);
    if (call.name === 'attribute_type') return hasType(first, second);
    if (call.name === 'contains') return both(first, second, contains);
    requireTypes('begins_with', operands, ['S', 'B']);
    return both(first, second, beginsWith);
  }

  operand(operand: Operand): BoundOperand {
    if (operand.kind === 'value') {
      const value = this.#placeholders.value(operand);
      return { in: () => value, value, type: typeOf(value) };
    }
    if (operand.kind === 'path') {
      const path = this.#placeholders.path(operand);
      this.paths.push(path);
      return { in: (item) => valueAt(item, path), path };
    }
    const operands = operand.operands.map((each) => this.operand(each));
    const [measured] = operands;
    if (!measured || operands.length !== 1) throw wrongNumber(operand.name, operands.length);
    requireTypes('size', operands, ['S', 'B', 'SS', 'NS', 'BS', 'L', 'M']);
    return { in: (item) => size(measured.in(item)), type: 'N' };
  }
}

/** The limit of operands of `IN` ("Service, account, and table quotas" in the developer guide). */
const MAXIMUM_IN = 100;

function isSame(one: AttributeValue | undefined, other: AttributeValue | undefined): boolean {
  return one !== undefined && other !== undefined && isEqual(one, other);
}

function both(
  first: BoundOperand,
  second: BoundOperand,
  holds: (one: AttributeValue, other: AttributeValue) => boolean,
): Predicate {
  return (item) => {
    const [one, other] = [first.in(item), second.in(item)];
    return one !== undefined && other !== undefined && holds(one, other);
  };
}

function ordering(operator: '<' | '<=' | '>' | '>=', first: BoundOperand, second: BoundOperand): Predicate {
  return both(first, second, (one, other) => {
    const found = order(one, other);
    if (found === undefined) return false;
    if (operator === '<') return found < 0;
    if (operator === '<=') return found <= 0;
    return operator === '>' ? found > 0 : found >= 0;
  });
}

function isOneOf(first: BoundOperand, others: BoundOperand[]): Predicate {
  return (item) => {
    const value = first.in(item);
    return value !== undefined && others.some((other) => isSame(value, other.in(item)));
  };
}

function between(first: BoundOperand, lower: BoundOperand, upper: BoundOperand | undefined): Predicate {
  if (!upper) throw wrongNumber('BETWEEN', 2);
  if (lower.value && upper.value) {
    const bounds = {
      'lower bound operand': `AttributeValue: {${printedValue(lower.value)}}`,
      'upper bound operand': `AttributeValue: {${printedValue(upper.value)}}`,
    };
    const found = order(lower.value, upper.value);
    if (found === undefined)
      throw invalid('The BETWEEN operator requires same data type for lower and upper bounds', bounds);
    if (found > 0)
      throw invalid(
        'The BETWEEN operator requires upper bound to be greater than or equal to lower bound',
        bounds,
      );
  }
  const [isAbove, isBelow] = [ordering('>=', first, lower), ordering('<=', first, upper)];
  return (item) => isAbove(item) && isBelow(item);
}

function hasType(first: BoundOperand, type: BoundOperand): Predicate {
  const expected = type.value?.S;
  if (expected === undefined)
    throw invalid('Incorrect operand type for operator or function', {
      'operator or function': 'attribute_type',
      'operand type': type.type ?? `{${types.join(',')}}`,
    });
  if (!types.includes(expected))
    throw invalid('Invalid attribute type name found', {
      type: expected,
      'valid types': `{${types.join(',')}}`,
    });
  return (item) => {
    const value = first.in(item);
    return value !== undefined && typeOf(value) === expected;
  };
}

function size(value: AttributeValue | undefined): AttributeValue | undefined {
  const found = value && sizeOf(value);
  return found === undefined ? undefined : { N: String(found) };
}

/** Throws if the first operand is a path that is another operand too. */
export function refuseSame(operator: string, [first, ...others]: KnownOperand[]): void {
  if (!first?.path) return;
  const path = printed(first.path);
  if (others.some((other) => other.path && printed(other.path) === path))
    throw invalid(
      'The first operand must be distinct from the remaining operands for this operator or function',
      { operator, 'first operand': path },
    );
}

/** Throws if an operand whose type is known has another type. */
export function requireTypes(name: string, operands: KnownOperand[], allowed: string[]): void {
  const wrong = operands.find(({ type }) => type !== undefined && !allowed.includes(type));
  if (wrong?.type === undefined) return;
  throw invalid('Incorrect operand type for operator or function', {
    'operator or function': name,
    'operand type': wrong.type,
  });
}

export function requirePath(name: string, { path }: KnownOperand): void {
  if (!path) throw invalid('Operator or function requires a document path', { 'operator or function': name });
}

export function wrongNumber(name: string, operands: number): Error {
  return invalid('Incorrect number of operands for operator or function', {
    'operator or function': name,
    'number of operands': operands,
  });
}

function printedValue(value: AttributeValue): string {
  const type = typeOf(value);
  return `${type}:${value.S ?? value.N ?? value.B}`;
}
