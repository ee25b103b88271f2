import { validationError } from '../validation-error.ts';

/** A number as `digits × 10^exponent`. */
interface Decimal {
  digits: bigint;
  exponent: number;
}

/**
 * The limits of a number: its significant digits, and its magnitude ("Supported data types and
 * naming rules" in the developer guide).
 */
const MAXIMUM_DIGITS = 38;
const MAXIMUM_EXPONENT = 125;
const MINIMUM_EXPONENT = -130;

/** Returns a negative number, zero or a positive number, as `one` is less than, equal to or greater than `other`. */
export function compareNumbers(one: string, other: string): number {
  // Doubles keep the order of different numbers, or are equal.
  const difference = Number(one) - Number(other);
  if (difference !== 0 || one === other) return difference;
  const [a, b] = aligned(parse(one), parse(other));
  return a.digits < b.digits ? -1 : Number(a.digits > b.digits);
}

/**
 * Returns the sum of two numbers, or their difference.
 * @throws {AwsError} if the result exceeds the limits of a number
 */
export function add(one: string, operator: '+' | '-', other: string): string {
  const [a, b] = aligned(parse(one), parse(other));
  return print({
    digits: operator === '+' ? a.digits + b.digits : a.digits - b.digits,
    exponent: a.exponent,
  });
}

const pattern = /^([+-]?)(?:(\d+)(?:\.(\d*))?|\.(\d+))(?:[eE]([+-]?\d+))?$/;

/**
 * Returns a number in the form in which DynamoDB returns it: without an exponent, and without
 * leading and trailing zeros.
 * @throws {AwsError} if it is not a number, or exceeds the limits of a number
 */
export function normalized(number: string): string {
  if (/^(?:0|-?[1-9]\d{0,36})$/.test(number)) return number;
  const match = pattern.exec(number);
  if (!match) {
    const shown = number === '' ? '' : `: ${number}`;
    throw validationError(`The parameter cannot be converted to a numeric value${shown}`);
  }
  const [, sign, whole = '', fraction = match[4] ?? '', , power = '0'] = match;
  const all = whole + fraction;
  let [first, end] = [0, all.length];
  while (first < end && all[first] === '0') first++;
  while (first < end && all[end - 1] === '0') end--;
  if (first === end) return '0';
  const exponent = Number(power) - fraction.length + (all.length - end);
  const significant = all.slice(first, end);
  checkLimits(significant.length, significant.length - 1 + exponent);
  const digits = BigInt(significant);
  return print({ digits: sign === '-' ? -digits : digits, exponent });
}

/** Parses a number in DynamoDB's form, which has no exponent. */
function parse(number: string): Decimal {
  const [whole = '', fraction = ''] = number.split('.');
  return { digits: BigInt(whole + fraction), exponent: -fraction.length };
}

function aligned(one: Decimal, other: Decimal): [Decimal, Decimal] {
  const exponent = Math.min(one.exponent, other.exponent);
  const align = (decimal: Decimal) => ({
    digits: decimal.digits * 10n ** BigInt(decimal.exponent - exponent),
    exponent,
  });
  return [align(one), align(other)];
}

function print({ digits, exponent }: Decimal): string {
  const sign = digits < 0n ? '-' : '';
  const all = String(digits < 0n ? -digits : digits);
  const significant = all.replace(/0+$/, '');
  if (significant === '') return '0';
  checkLimits(significant.length, all.length - 1 + exponent);
  const shifted = exponent > 0 ? all + '0'.repeat(exponent) : all.padStart(1 - exponent, '0');
  const point = shifted.length + Math.min(exponent, 0);
  const fraction = shifted.slice(point).replace(/0+$/, '');
  return sign + shifted.slice(0, point) + (fraction && `.${fraction}`);
}

/** @param magnitude the exponent of the first digit */
function checkLimits(digits: number, magnitude: number): void {
  const range = (what: string, how: string) =>
    validationError(
      `Number ${what}. Attempting to store a number with magnitude ${how} than supported range`,
    );
  if (magnitude > MAXIMUM_EXPONENT) throw range('overflow', 'larger');
  if (magnitude < MINIMUM_EXPONENT) throw range('underflow', 'smaller');
  if (digits > MAXIMUM_DIGITS)
    throw validationError(`Attempting to store more than ${MAXIMUM_DIGITS} significant digits in a Number`);
}
