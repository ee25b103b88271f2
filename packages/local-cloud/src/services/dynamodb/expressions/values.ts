import type { AttributeValue } from 'aws-lambda';
import { AwsError } from '../../../core/service.ts';
import { validationError } from '../validation-error.ts';
import { normalized } from './decimal.ts';

/**
 * Checks a value, and rewrites the numbers in it to the form in which DynamoDB returns them.
 * @throws {AwsError} if it is invalid
 */
export function checkValue(value: AttributeValue | null): void {
  const types = value ? Object.keys(value).length : 0;
  if (!value || types === 0)
    throw validationError(
      'Supplied AttributeValue is empty, must contain exactly one of the supported datatypes',
    );
  if (value.N !== undefined) value.N = normalized(value.N);
  if (value.NULL === false) throw invalidParameter('Null attribute value types must have the value of true');
  checkSets(value);
  for (const element of value.L ?? []) checkValue(element);
  for (const element of Object.values(value.M ?? {})) checkValue(element);
  if (types > 1)
    throw validationError(
      'Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported datatypes',
    );
}

/** Returns the reason why a value is invalid; otherwise does what `checkValue` does. */
export function invalidity(value: AttributeValue | null): string | undefined {
  try {
    checkValue(value);
    return undefined;
  } catch (error) {
    if (error instanceof AwsError) return error.message;
    throw error;
  }
}

function checkSets(value: AttributeValue): void {
  const { SS, BS } = value;
  if (SS?.length === 0) throw invalidParameter('An string set  may not be empty');
  if (value.NS?.length === 0) throw invalidParameter('An number set  may not be empty');
  if (BS?.length === 0) throw invalidParameter('Binary sets should not be empty');
  if (value.NS) value.NS = value.NS.map(normalized);
  if (SS && hasDuplicates(SS))
    throw invalidParameter(`Input collection [${SS.join(', ')}] contains duplicates.`);
  if (value.NS && hasDuplicates(value.NS)) throw validationError('Input collection contains duplicates');
  if (BS && hasDuplicates(BS))
    throw invalidParameter(`Input collection [${BS.join(', ')}]of type BS contains duplicates.`);
}

function hasDuplicates(members: string[]): boolean {
  return new Set(members).size < members.length;
}

function invalidParameter(reason: string): AwsError {
  return validationError(`One or more parameter values were invalid: ${reason}`);
}
