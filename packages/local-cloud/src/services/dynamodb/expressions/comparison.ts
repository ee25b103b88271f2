import type { AttributeValue } from 'aws-lambda';
import { compareNumbers } from './decimal.ts';
import { own } from './document-path.ts';

/** Returns the type of a value, e.g. `S`. */
export function typeOf(value: AttributeValue): string {
  for (const type in value) return type;
  return '';
}

/** Returns whether two values are the same. The order of a set's members does not count. */
export function isEqual(one: AttributeValue, other: AttributeValue): boolean {
  if (one.S !== undefined) return one.S === other.S;
  if (one.N !== undefined) return other.N !== undefined && compareNumbers(one.N, other.N) === 0;
  if (one.B !== undefined) return one.B === other.B;
  if (one.BOOL !== undefined) return one.BOOL === other.BOOL;
  if (one.NULL !== undefined) return other.NULL !== undefined;
  if (one.L) return isSameList(one.L, other.L);
  if (one.M) return isSameMap(one.M, other.M);
  return isSameSet(one.SS, other.SS) || isSameSet(one.NS, other.NS) || isSameSet(one.BS, other.BS);
}

function isSameList(one: AttributeValue[], other: AttributeValue[] | undefined): boolean {
  if (one.length !== other?.length) return false;
  return one.every((element, index) => {
    const counterpart = other[index];
    return counterpart !== undefined && isEqual(element, counterpart);
  });
}

function isSameMap(
  one: Record<string, AttributeValue>,
  other: Record<string, AttributeValue> | undefined,
): boolean {
  if (!other || Object.keys(one).length !== Object.keys(other).length) return false;
  return Object.entries(one).every(([name, value]) => {
    const counterpart = own(other, name);
    return counterpart !== undefined && isEqual(value, counterpart);
  });
}

function isSameSet(one: string[] | undefined, other: string[] | undefined): boolean {
  if (!one || one.length !== other?.length) return false;
  const members = new Set(other);
  return one.every((member) => members.has(member));
}

/**
 * Returns the order of two values, as `Array.sort` expects it; `undefined` if they have none: only
 * strings, numbers and binaries have, each among themselves. Strings and binaries are compared by
 * their bytes.
 */
export function order(one: AttributeValue, other: AttributeValue): number | undefined {
  if (one.N !== undefined && other.N !== undefined) return compareNumbers(one.N, other.N);
  if (one.S !== undefined && other.S !== undefined)
    return Buffer.compare(Buffer.from(one.S), Buffer.from(other.S));
  if (one.B !== undefined && other.B !== undefined) return Buffer.compare(bytes(one.B), bytes(other.B));
  return undefined;
}

/** Returns whether a string contains a string, a binary a binary, or a set or a list an element. */
export function contains(whole: AttributeValue, part: AttributeValue): boolean {
  if (whole.S !== undefined) return part.S !== undefined && whole.S.includes(part.S);
  if (whole.B !== undefined) return part.B !== undefined && bytes(whole.B).includes(bytes(part.B));
  if (whole.L) return whole.L.some((element) => isEqual(element, part));
  if (whole.SS) return part.S !== undefined && whole.SS.includes(part.S);
  if (whole.NS) return part.N !== undefined && whole.NS.includes(part.N);
  return part.B !== undefined && (whole.BS?.includes(part.B) ?? false);
}

export function beginsWith(whole: AttributeValue, start: AttributeValue): boolean {
  if (whole.S !== undefined && start.S !== undefined) return whole.S.startsWith(start.S);
  if (whole.B === undefined || start.B === undefined) return false;
  const prefix = bytes(start.B);
  return bytes(whole.B).subarray(0, prefix.length).equals(prefix);
}

/**
 * Returns the result of the function `size`: the characters of a string, the bytes of a binary, or
 * the number of elements; `undefined` for other types.
 */
export function sizeOf(value: AttributeValue): number | undefined {
  if (value.S !== undefined) return value.S.length;
  if (value.B !== undefined) return bytes(value.B).length;
  if (value.M) return Object.keys(value.M).length;
  return (value.L ?? value.SS ?? value.NS ?? value.BS)?.length;
}

function bytes(base64: string): Buffer {
  return Buffer.from(base64, 'base64');
}
