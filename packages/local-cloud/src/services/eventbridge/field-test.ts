import { absent, compileComparison, refuse, type ValueTest, wildcardComparison } from './comparison.ts';
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
  const tests = values.map(compileComparison);
  return {
    path,
    expected: values,
    tests,
    mayBeAbsent: tests.includes(absent),
    wildcards: values.flatMap(wildcardComparison),
  };
}
