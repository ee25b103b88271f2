import {
  absent,
  compileComparison,
  isScalar,
  refuse,
  type Scalar,
  type ValueTest,
  wildcardComparison,
} from './comparison.ts';
import type { WildcardComparison } from './wildcard-complexity.ts';

/**
 * The condition of a pattern on one path: a value passes one of `tests`, or there is no value and
 * `mayBeAbsent` is set.
 */
export interface FieldTest {
  path: string;
  /** In the form of the pattern. */
  expected: unknown[];
  tests: ValueTest[];
  mayBeAbsent: boolean;
  wildcards: WildcardComparison[];
}

/**
 * Compiles the array of a field in a pattern.
 * @throws {InvalidEventPattern}
 */
export function compileField(path: string, values: unknown[]): FieldTest {
  if (values.length === 0) refuse('Empty arrays are not allowed');
  const scalars = new Set(values.filter(isScalar));
  const comparisons = values.filter((value) => !isScalar(value)).map(compileComparison);
  const tests = scalars.size > 0 ? [equalsOne(scalars), ...comparisons] : comparisons;
  return {
    path,
    expected: values,
    tests,
    mayBeAbsent: tests.includes(absent),
    wildcards: values.flatMap(wildcardComparison),
  };
}

/** Compares with all values at once, since a pattern can list hundreds of them. */
function equalsOne(scalars: ReadonlySet<Scalar>): ValueTest {
  return (value) => scalars.has(value);
}
