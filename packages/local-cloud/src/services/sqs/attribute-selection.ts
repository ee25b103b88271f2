import { AwsError } from '../../core/service.ts';

/**
 * Returns the attributes that a caller requests with `All` or `*`, with their names, or with a
 * prefix as `prefix.*`.
 */
export function selectAttributes<Value>(
  attributes: Record<string, Value>,
  names: readonly string[],
): Record<string, Value> {
  const isSelected = (attribute: string) =>
    names.some(
      (name) =>
        name === 'All' ||
        name === '*' ||
        name === attribute ||
        (name.endsWith('.*') && attribute.startsWith(name.slice(0, -'.*'.length))),
    );
  return Object.fromEntries(Object.entries(attributes).filter(([name]) => isSelected(name)));
}

/** @throws {AwsError} `InvalidAttributeName` if an attribute has none of the names, and is not `All` */
export function refuseUnknownNames(names: readonly string[], known: ReadonlySet<string>): void {
  const unknown = names.find((name) => name !== 'All' && !known.has(name));
  if (unknown !== undefined) throw new AwsError('InvalidAttributeName', `Unknown Attribute ${unknown}.`);
}
