/** An error in an expression, in DynamoDB's words. */
export class InvalidExpression extends Error {}

/** Returns the error of an expression's part, with details as DynamoDB prints them. */
export function invalid(what: string, details: Record<string, string | number> = {}): InvalidExpression {
  const printed = Object.entries(details).map(([name, value]) => `${name}: ${value}`);
  return new InvalidExpression(`${what}; ${printed.join(', ')}`.trimEnd());
}
