/**
 * Returns the attributes that a caller requests with `All`, with their names, or with a prefix as
 * `prefix.*`.
 */
export function selectAttributes<Value>(
  attributes: Record<string, Value>,
  names: readonly string[],
): Record<string, Value> {
  const isSelected = (attribute: string) =>
    names.some(
      (name) =>
        name === 'All' ||
        name === attribute ||
        (name.endsWith('.*') && attribute.startsWith(name.slice(0, -'.*'.length))),
    );
  return Object.fromEntries(Object.entries(attributes).filter(([name]) => isSelected(name)));
}
