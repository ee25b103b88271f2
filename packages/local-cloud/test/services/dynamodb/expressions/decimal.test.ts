import * as fc from 'fast-check';
import { add, compareNumbers, normalized } from '../../../../src/services/dynamodb/expressions/decimal.ts';

/** A whole number, and the same number divided by a power of ten. */
const scaled = fc.tuple(fc.bigInt({ min: -(10n ** 18n), max: 10n ** 18n }), fc.nat({ max: 18 }));
const written = (digits: bigint, power: number) => normalized(`${digits}e-${power}`);

it('adds and subtracts as with whole numbers', () => {
  fc.assert(
    fc.property(scaled, scaled, ([one, power], [other]) => {
      const [a, b] = [written(one, power), written(other, power)];
      expect(add(a, '+', b)).toBe(written(one + other, power));
      expect(add(a, '-', b)).toBe(written(one - other, power));
    }),
  );
});

it('orders as whole numbers, also those that are equal as doubles', () => {
  const near = fc.tuple(fc.bigInt({ min: 10n ** 20n, max: 10n ** 30n }), fc.integer({ min: -2, max: 2 }));
  fc.assert(
    fc.property(near, fc.nat({ max: 40 }), ([one, difference], power) => {
      const other = one + BigInt(difference);
      expect(Math.sign(compareNumbers(written(one, power), written(other, power)))).toBe(
        -Math.sign(difference) + 0,
      );
    }),
  );
});

it.each([
  ['0', '0'],
  ['-0', '0'],
  ['+1', '1'],
  ['0012.50', '12.5'],
  ['.5', '0.5'],
  ['1.', '1'],
  ['-1.5E-3', '-0.0015'],
  ['1200e-2', '12'],
  ['1e125', `1${'0'.repeat(125)}`],
  ['1e-130', `0.${'0'.repeat(129)}1`],
  [`${'0'.repeat(100_000)}1${'0'.repeat(10)}`, '10000000000'],
  [`0e${'9'.repeat(400)}`, '0'],
])('writes %p as %p', (number, expected) => {
  expect(normalized(number)).toBe(expected);
  expect(normalized(expected)).toBe(expected);
});

it.each([
  ['', /cannot be converted to a numeric value$/],
  ['one', /cannot be converted to a numeric value: one$/],
  [' 1', /cannot be converted/],
  ['1e', /cannot be converted/],
  ['0x1', /cannot be converted/],
  ['Infinity', /cannot be converted/],
  ['1'.repeat(39), /more than 38 significant digits/],
  ['1e126', /^Number overflow/],
  ['-1e126', /^Number overflow/],
  ['1e-131', /^Number underflow/],
  [`1e${'9'.repeat(400)}`, /^Number overflow/],
])('refuses %p', (number, message) => {
  expect(() => normalized(number)).toThrow(message);
});

it('refuses a sum of more than 38 digits', () => {
  expect(() => add('9'.repeat(38), '+', '0.1')).toThrow(/more than 38 significant digits/);
  expect(add('9'.repeat(38), '+', '1')).toBe(`1${'0'.repeat(38)}`);
});
