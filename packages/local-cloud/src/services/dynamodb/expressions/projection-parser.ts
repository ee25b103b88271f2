import { conditionKind, OperandParser } from './operand-parser.ts';
import type { Path } from './syntax.ts';

/**
 * Parses a projection expression.
 * @throws {InvalidExpression} the first error of the expression
 */
export function parseProjection(text: string): Path[] {
  const parser = new OperandParser(text, conditionKind);
  const paths = parser.list(() => parser.path());
  parser.finish();
  return paths;
}
