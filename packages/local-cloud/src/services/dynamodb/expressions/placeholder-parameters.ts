import type { Item } from 'dynalite/db/index.js';
import { itemSize } from '../item-size.ts';
import { validationError } from '../validation-error.ts';
import { Placeholders } from './placeholders.ts';
import { invalidity } from './values.ts';

/** The size limits of a placeholder, of a name, and of all values ("Service, account, and table quotas"). */
const MAXIMUM_PLACEHOLDER = 255;
const MAXIMUM_NAME_BYTES = 65_535;
const MAXIMUM_VALUES_BYTES = 2 * 1024 ** 2;

/**
 * Returns the placeholders that a request defines.
 * @throws {AwsError} if a placeholder, a name or a value is invalid
 */
export function placeholdersOf(
  names: Record<string, string> | undefined,
  values: Item | undefined,
): Placeholders {
  if (names) {
    checkPlaceholders('ExpressionAttributeNames', Object.keys(names), /^#[0-9a-zA-Z_]+$/);
    for (const [key, name] of Object.entries(names)) {
      const reason = !name
        ? 'Empty attribute name'
        : Buffer.byteLength(name) > MAXIMUM_NAME_BYTES
          ? 'Attribute name is too large, must be less than 65536 bytes'
          : undefined;
      if (reason)
        throw validationError(`ExpressionAttributeNames contains invalid value: ${reason} for key ${key}`);
    }
  }
  if (values) {
    checkPlaceholders('ExpressionAttributeValues', Object.keys(values), /^:[0-9a-zA-Z_]+$/);
    for (const [key, value] of Object.entries(values)) {
      const reason = invalidity(value);
      if (reason)
        throw validationError(`ExpressionAttributeValues contains invalid value: ${reason} for key ${key}`);
    }
    if (itemSize(values) > MAXIMUM_VALUES_BYTES)
      throw validationError('ExpressionAttributeValues exceeds max size');
  }
  return new Placeholders(names, values);
}

function checkPlaceholders(parameter: string, keys: string[], pattern: RegExp): void {
  if (keys.length === 0) throw validationError(`${parameter} must not be empty`);
  for (const key of keys) {
    if (key.length > MAXIMUM_PLACEHOLDER)
      throw validationError(
        `${parameter} contains invalid key: The expression attribute map contains a key that is too long;`,
      );
    if (!pattern.test(key))
      throw validationError(`${parameter} contains invalid key: Syntax error; key: "${key}"`);
  }
}
