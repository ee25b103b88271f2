import type { Item } from 'dynalite/db/index.js';
import { validationError } from '../validation-error.ts';
import { type BoundCondition, bindCondition } from './condition.ts';
import { ConditionParser } from './condition-parser.ts';
import { InvalidExpression } from './invalid-expression.ts';
import { bindKeyCondition, type KeyConditions } from './key-condition.ts';
import { ParseCache } from './parse-cache.ts';
import { placeholdersOf } from './placeholder-parameters.ts';
import { bindProjection, type Projection } from './projection.ts';
import { parseProjection } from './projection-parser.ts';
import { type BoundUpdate, bindUpdate } from './update.ts';
import { UpdateParser } from './update-parser.ts';

const expressionNames = [
  'UpdateExpression',
  'ConditionExpression',
  'ProjectionExpression',
  'FilterExpression',
  'KeyConditionExpression',
] as const;

/** The parameters that the expressions replace. */
const legacyNames = [
  'AttributesToGet',
  'AttributeUpdates',
  'Expected',
  'QueryFilter',
  'ScanFilter',
  'ConditionalOperator',
  'KeyConditions',
];

/** The parameters of a request that this file reads; dynalite has checked their types. */
export interface ExpressionParameters extends Partial<Record<(typeof expressionNames)[number], string>> {
  ExpressionAttributeNames?: Record<string, string>;
  ExpressionAttributeValues?: Item;
}

/** The parameters once they are bound: dynalite must not read them again. */
const bound = {
  UpdateExpression: undefined,
  ConditionExpression: undefined,
  ProjectionExpression: undefined,
  FilterExpression: undefined,
  KeyConditionExpression: undefined,
  ExpressionAttributeNames: undefined,
  ExpressionAttributeValues: undefined,
};

/** The expressions of a request, with its names and values. */
export interface Expressions {
  update?: BoundUpdate;
  condition?: BoundCondition;
  filter?: BoundCondition;
  projection?: Projection;
  /** The key condition in the form of the parameter that it replaces. */
  KeyConditions?: KeyConditions;
}

const conditions = new ParseCache((text) => new ConditionParser(text).parse());
const updates = new ParseCache((text) => new UpdateParser(text).parse());
const projections = new ParseCache(parseProjection);

/**
 * Replaces the expressions of a request, with their names and values, by what they mean.
 * @param known the parameters of the operation
 * @throws {AwsError} the first error, in DynamoDB's words
 */
export function bindExpressions<Request extends object>(
  request: Request & ExpressionParameters,
  known: object,
): Request & Expressions {
  refuseMixed(request, known);
  const {
    UpdateExpression,
    ConditionExpression,
    KeyConditionExpression,
    FilterExpression,
    ProjectionExpression,
  } = request;
  const placeholders = placeholdersOf(request.ExpressionAttributeNames, request.ExpressionAttributeValues);
  const bind = <Bound>(parameter: string, text: string | undefined, parse: (text: string) => Bound) =>
    text === undefined ? undefined : named(parameter, () => parse(text));

  const update = bind('UpdateExpression', UpdateExpression, (text) =>
    bindUpdate(updates.get(text), placeholders),
  );
  const condition = bind('ConditionExpression', ConditionExpression, (text) =>
    bindCondition(conditions.get(text), placeholders),
  );
  const KeyConditions = bind('KeyConditionExpression', KeyConditionExpression, (text) =>
    bindKeyCondition(conditions.get(text), placeholders),
  );
  const filter = bind('FilterExpression', FilterExpression, (text) =>
    bindCondition(conditions.get(text), placeholders),
  );
  const projection = bind('ProjectionExpression', ProjectionExpression, (text) =>
    bindProjection(projections.get(text), placeholders),
  );
  refuseUnused('ExpressionAttributeNames', placeholders.unused('#'));
  refuseUnused('ExpressionAttributeValues', placeholders.unused(':'));
  return {
    ...request,
    ...bound,
    ...(update && { update }),
    ...(condition && { condition }),
    ...(KeyConditions && { KeyConditions }),
    ...(filter && { filter }),
    ...(projection && { projection }),
  };
}

/** Adds the name of the parameter to an error in its expression. */
function named<Bound>(parameter: string, bind: () => Bound): Bound {
  try {
    return bind();
  } catch (error) {
    if (!(error instanceof InvalidExpression)) throw error;
    throw validationError(`Invalid ${parameter}: ${error.message}`);
  }
}

/** Throws if a request has expressions and parameters that they replace, or placeholders for none. */
function refuseMixed(request: ExpressionParameters, known: object): void {
  const used = expressionNames.filter((name) => request[name] !== undefined);
  if (used.length > 0) {
    const legacy = legacyNames.filter(
      (name) =>
        Object.hasOwn(request, name) &&
        (name !== 'KeyConditions' || request.KeyConditionExpression !== undefined),
    );
    if (legacy.length > 0)
      throw validationError(
        'Can not use both expression and non-expression parameters in the same request: ' +
          `Non-expression parameters: {${legacy.join(', ')}} Expression parameters: {${used.join(', ')}}`,
      );
  }
  if (request.ExpressionAttributeNames && used.length === 0)
    throw validationError('ExpressionAttributeNames can only be specified when using expressions');
  const withValues = expressionNames.filter(
    (name) => name !== 'ProjectionExpression' && Object.hasOwn(known, name),
  );
  if (request.ExpressionAttributeValues && withValues.every((name) => request[name] === undefined))
    throw validationError(
      'ExpressionAttributeValues can only be specified when using expressions: ' +
        `${withValues.join(' and ')} ${withValues.length > 1 ? 'are' : 'is'} null`,
    );
}

function refuseUnused(parameter: string, keys: string[]): void {
  if (keys.length > 0)
    throw validationError(`Value provided in ${parameter} unused in expressions: keys: {${keys.join(', ')}}`);
}
