import type { AttributeValue } from 'aws-lambda';
import type { AwsError } from '../../../core/service.ts';
import { validationError } from '../validation-error.ts';
import { bindCondition } from './condition.ts';
import type { Placeholders } from './placeholders.ts';
import type { Call, Comparator, Condition, Operand, Operation, Parsed } from './syntax.ts';

/** The conditions on keys in the form of the parameter `KeyConditions`, by attribute. */
export type KeyConditions = Record<
  string,
  { ComparisonOperator: string; AttributeValueList: AttributeValue[] }
>;

/** The name of each operator in `KeyConditions`, and of its mirror image. */
const operators: Partial<Record<Comparator | 'BETWEEN' | 'IN', [name: string, mirrored: string]>> = {
  '=': ['EQ', 'EQ'],
  '<': ['LT', 'GT'],
  '<=': ['LE', 'GE'],
  '>': ['GT', 'LT'],
  '>=': ['GE', 'LE'],
  BETWEEN: ['BETWEEN', 'BETWEEN'],
};

/**
 * Binds a key condition to the names and values of a request.
 * @throws {InvalidExpression} the first error that any condition can have
 * @throws {AwsError} if it is anything but conditions on attributes, joined by `AND`
 */
export function bindKeyCondition(parsed: Parsed<Condition>, placeholders: Placeholders): KeyConditions {
  bindCondition(parsed, placeholders);
  const conditions: KeyConditions = {};
  for (const part of partsOf(parsed.syntax)) {
    const { name, ...condition } = keyCondition(part, placeholders);
    if (Object.hasOwn(conditions, name))
      throw validationError('KeyConditionExpressions must only contain one condition per key');
    conditions[name] = condition;
  }
  return conditions;
}

function partsOf(syntax: Condition): (Operation | Call)[] {
  if (syntax.kind === 'and') return syntax.conditions.flatMap(partsOf);
  if (syntax.kind === 'operation' || syntax.kind === 'call') return [syntax];
  throw invalidOperator(syntax.kind.toUpperCase());
}

function keyCondition(part: Operation | Call, placeholders: Placeholders) {
  const name = part.kind === 'call' ? part.name : part.operator;
  const operator = part.kind === 'call' ? beginsWith(part) : operators[part.operator];
  if (!operator) throw invalidOperator(name);
  if (part.operands.some(({ kind }) => kind === 'call'))
    throw validationError('KeyConditionExpressions cannot contain nested operations');
  const paths = part.operands.flatMap((operand) =>
    operand.kind === 'path' ? [placeholders.path(operand)] : [],
  );
  const [path] = paths;
  const [first] = part.operands;
  if (path && first?.kind !== 'path' && (name === 'BETWEEN' || name === 'begins_with'))
    throw invalidCondition(`${name} operator must have the key attribute as its first operand`);
  if (paths.length > 1) throw invalidCondition('Multiple attribute names used in one condition');
  if (!path) throw invalidCondition('No key attribute specified');
  const [attribute] = path;
  if (path.length > 1)
    throw validationError(
      `Key attributes must be scalars; list random access '[]' and map lookup '.' are not allowed: Key: ${attribute}`,
    );
  return {
    name: String(attribute),
    ComparisonOperator: operator[first?.kind === 'path' ? 0 : 1],
    AttributeValueList: part.operands.flatMap((operand) => valuesOf(operand, placeholders)),
  };
}

function beginsWith({ name }: Call): [string, string] | undefined {
  return name === 'begins_with' ? ['BEGINS_WITH', 'BEGINS_WITH'] : undefined;
}

function valuesOf(operand: Operand, placeholders: Placeholders): AttributeValue[] {
  return operand.kind === 'value' ? [placeholders.value(operand)] : [];
}

function invalidOperator(operator: string): AwsError {
  return validationError(`Invalid operator used in KeyConditionExpression: ${operator}`);
}

function invalidCondition(reason: string): AwsError {
  return validationError(`Invalid condition in KeyConditionExpression: ${reason}`);
}
