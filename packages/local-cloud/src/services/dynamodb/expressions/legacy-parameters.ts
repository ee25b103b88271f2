import type { AttributeValue } from 'aws-lambda';
import { validationError } from '../validation-error.ts';
import { beginsWith, contains, isEqual, order, typeOf } from './comparison.ts';
import type { BoundCondition } from './condition.ts';
import { own, setOwn } from './document-path.ts';
import { projectionOf } from './projection.ts';
import type { Expressions } from './request-expressions.ts';
import { type BoundUpdate, withMembers, withoutMembers } from './update.ts';
import { checkValue } from './values.ts';

/** A condition on an attribute, of `Expected`, `QueryFilter` or `ScanFilter`. */
interface AttributeCondition {
  ComparisonOperator?: string;
  AttributeValueList?: AttributeValue[];
  /** With `Exists`, only in `Expected`: a shorter form. */
  Value?: AttributeValue;
  Exists?: boolean;
}

interface AttributeUpdate {
  Action?: string;
  Value?: AttributeValue;
}

/** The parameters that expressions have replaced; dynalite has checked them. */
export interface LegacyParameters {
  ConditionalOperator?: string;
  Expected?: Record<string, AttributeCondition>;
  QueryFilter?: Record<string, AttributeCondition>;
  ScanFilter?: Record<string, AttributeCondition>;
  AttributeUpdates?: Record<string, AttributeUpdate>;
  AttributesToGet?: string[];
}

/**
 * Returns what the legacy parameters of a request mean.
 * Source: DynamoDB Developer Guide, "Legacy conditional parameters".
 */
export function bindLegacyParameters<Request extends object>(
  request: Request & LegacyParameters,
): Omit<Expressions, 'KeyConditions'> {
  const { Expected, QueryFilter, ScanFilter, AttributeUpdates, AttributesToGet } = request;
  const filter = QueryFilter ?? ScanFilter;
  return {
    ...(Expected && { condition: conditionOf(Expected, request.ConditionalOperator) }),
    ...(filter && { filter: conditionOf(filter, request.ConditionalOperator) }),
    ...(AttributeUpdates && { update: updateOf(AttributeUpdates) }),
    ...(AttributesToGet && { projection: projectionOf(AttributesToGet.map((name) => [name])) }),
  };
}

function conditionOf(
  conditions: Record<string, AttributeCondition>,
  conditionalOperator: string | undefined,
): BoundCondition {
  const entries = Object.entries(conditions);
  for (const [, { AttributeValueList = [] }] of entries)
    for (const value of AttributeValueList) checkValue(value);
  const isAny = conditionalOperator === 'OR' && entries.length > 0;
  return {
    paths: entries.map(([name]) => [name]),
    holdsFor: (item) => {
      const holds = ([name, condition]: [string, AttributeCondition]) => isMet(condition, own(item, name));
      return isAny ? entries.some(holds) : entries.every(holds);
    },
  };
}

function isMet(condition: AttributeCondition, value: AttributeValue | undefined): boolean {
  const { ComparisonOperator = 'EQ', AttributeValueList, Value, Exists } = condition;
  if (Exists === false || ComparisonOperator === 'NULL') return value === undefined;
  if (ComparisonOperator === 'NOT_NULL') return value !== undefined;
  const operands = AttributeValueList ?? (Value ? [Value] : []);
  const [first, second] = operands;
  if (!value || !first) return ComparisonOperator === 'NE';
  if (ComparisonOperator === 'EQ') return isEqual(value, first);
  if (ComparisonOperator === 'NE') return !isEqual(value, first);
  if (ComparisonOperator === 'IN') return operands.some((operand) => isEqual(value, operand));
  if (ComparisonOperator === 'CONTAINS') return contains(value, first);
  if (ComparisonOperator === 'NOT_CONTAINS') return !contains(value, first);
  if (ComparisonOperator === 'BEGINS_WITH') return beginsWith(value, first);
  if (ComparisonOperator === 'BETWEEN')
    return isOrdered('GE', value, first) && second !== undefined && isOrdered('LE', value, second);
  return isOrdered(ComparisonOperator, value, first);
}

function isOrdered(operator: string, one: AttributeValue, other: AttributeValue): boolean {
  const found = order(one, other);
  if (found === undefined) return false;
  if (operator === 'LT') return found < 0;
  if (operator === 'LE') return found <= 0;
  return operator === 'GT' ? found > 0 : found >= 0;
}

function updateOf(updates: Record<string, AttributeUpdate>): BoundUpdate {
  const entries = Object.entries(updates);
  return {
    changed: entries.map(([name]) => [name]),
    read: [],
    applyTo: (item) => {
      const after = { ...item };
      for (const [name, update] of entries) {
        const value = updated(own(item, name), update);
        if (value) setOwn(after, name, value);
        else delete after[name];
      }
      return after;
    },
  };
}

function updated(
  old: AttributeValue | undefined,
  { Action = 'PUT', Value }: AttributeUpdate,
): AttributeValue | undefined {
  if (Action === 'PUT' || !Value) return Value;
  if (!old) return Action === 'ADD' ? Value : undefined;
  if (typeOf(old) !== typeOf(Value)) throw validationError('Type mismatch for attribute to update');
  if (Action === 'DELETE') return withoutMembers(old, Value);
  return old.L && Value.L ? { L: [...old.L, ...Value.L] } : withMembers(old, Value);
}
