import * as z from 'zod/mini';
import { parseJson } from '../../core/json.ts';
import { AwsError } from '../../core/service.ts';
import { InvalidEventPattern, isJsonObject, type JsonObject } from '../eventbridge/comparison.ts';
import { compileEventPattern, type EventMatcher, orBranches } from '../eventbridge/event-pattern.ts';
import type { MessageAttributes } from '../sqs/message-attributes.ts';
import { invalidParameter } from './operation.ts';

/** The part of a message that a filter policy applies to. */
export const FilterPolicyScope = z.enum(['MessageAttributes', 'MessageBody']);
export type FilterPolicyScope = z.infer<typeof FilterPolicyScope>;

/** The attributes and the body of a published message. */
export interface FilteredMessage {
  body: string;
  attributes: MessageAttributes;
}

/**
 * Compiles the filter policy of a subscription: an event pattern over the message's attributes or
 * over its body. SNS has these limits (SNS Developer Guide, "Subscription filter policies" and
 * "Filter policy constraints in Amazon SNS"):
 *
 * - at most five top-level names, and 150 combinations: the product over all lists of length times
 *   depth; the branches of an `$or` are added up;
 * - no nested policy on attributes;
 * - `numeric` only with numbers from -1 billion to 1 billion; at most 256 KB of JSON;
 * - no `wildcard`, no `anything-but` of operators other than `prefix`, no prefix or suffix that
 *   ignores case.
 *
 * The empty policy accepts every message. Any other policy rejects a body that is not a JSON
 * object.
 *
 * @throws {AwsError} `InvalidParameter` for a policy that SNS refuses
 */
export function compileFilterPolicy(
  policyJson: string,
  scope: FilterPolicyScope,
): (message: FilteredMessage) => boolean {
  if (Buffer.byteLength(policyJson) > maxBytes) invalid('FilterPolicy: Filter policy is too long');
  const policy = parseJson(policyJson);
  if (!isJsonObject(policy)) invalid('FilterPolicy: failed to parse JSON.');
  if (Object.keys(policy).length === 0) return () => true;
  const matches = compilePattern(policy);
  if (Object.keys(policy).length > maxNames) {
    invalid(`FilterPolicy: Filter policy can not have more than ${maxNames} keys`);
  }
  if (countCombinations(policy, 1, scope) > maxCombinations) {
    invalid('FilterPolicy: Filter policy is too complex');
  }
  return scope === 'MessageBody'
    ? ({ body }) => matches(parseJson(body))
    : ({ attributes }) => matches(attributeValues(attributes));
}

const maxNames = 5;
const maxCombinations = 150;
const maxBytes = 262_144;
const maxNumber = 1e9;

function invalid(reason: string): never {
  throw invalidParameter('Attributes', reason);
}

function compilePattern(policy: JsonObject): EventMatcher {
  try {
    return compileEventPattern(policy);
  } catch (error) {
    // Of the operators for text in `anything-but`, SNS has only the prefix.
    if (error instanceof InvalidEventPattern)
      invalid(`FilterPolicy: ${error.reason.replace('prefix/suffix', 'prefix')}`);
    if (error instanceof AwsError && error.code === 'LimitExceededException')
      invalid('FilterPolicy: Filter policy is too complex');
    throw error;
  }
}

/**
 * Counts the combinations of a well-formed policy. Refuses operators that only event patterns have.
 */
function countCombinations(policy: JsonObject, depth: number, scope: FilterPolicyScope): number {
  return Object.entries(policy).reduce((product, [name, value]) => {
    const branches = orBranches(name, value);
    if (branches) {
      return product * branches.reduce((sum, branch) => sum + countCombinations(branch, depth, scope), 0);
    }
    if (isJsonObject(value)) {
      if (scope === 'MessageAttributes') {
        invalid('Filter policy scope MessageAttributes does not support nested filter policy');
      }
      return product * countCombinations(value, depth + 1, scope);
    }
    const expected: unknown[] = Array.isArray(value) ? value : [];
    for (const expression of expected.filter(isJsonObject)) refuseUnsupported(expression);
    return product * expected.length * depth;
  }, 1);
}

function refuseUnsupported({
  numeric,
  wildcard,
  prefix,
  suffix,
  'anything-but': excluded,
}: JsonObject): void {
  if (Array.isArray(numeric) && numeric.some((bound) => Math.abs(bound) > maxNumber)) {
    invalid('FilterPolicy: Value must be between -1.0E9 and 1.0E9, inclusive');
  }
  if (wildcard !== undefined) invalid('FilterPolicy: Unrecognized match type wildcard');
  if (isJsonObject(prefix)) invalid('FilterPolicy: prefix match pattern must be a string');
  if (isJsonObject(suffix)) invalid('FilterPolicy: suffix match pattern must be a string');
  if (!isJsonObject(excluded)) return;
  const [operator] = Object.keys(excluded);
  if (operator !== 'prefix') invalid(`FilterPolicy: Unsupported anything-but pattern: ${operator}`);
  if (typeof excluded.prefix !== 'string') invalid('FilterPolicy: prefix match pattern must be a string');
}

/**
 * Returns the attributes as the JSON that the policy is matched against. Binary attributes and
 * malformed arrays count as missing.
 */
function attributeValues(attributes: MessageAttributes): JsonObject {
  return Object.fromEntries(
    Object.entries(attributes).map(([name, attribute]) => [name, attributeValue(attribute)]),
  );
}

function attributeValue(attribute: MessageAttributes[string]): unknown {
  if ('BinaryValue' in attribute) return undefined;
  const { DataType, StringValue } = attribute;
  if (DataType === 'String.Array') return parseJson(StringValue);
  // In other types, the text after a dot is the publisher's own label.
  return DataType.startsWith('Number') ? Number(StringValue) : StringValue;
}
