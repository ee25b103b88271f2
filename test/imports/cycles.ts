/** Returns cycles of the graph, each as `a -> b -> a`: at least one if the graph has any. */
export function cycles(arrows: readonly { from: string; to: string }[]): string[] {
  const targets = new Map<string, string[]>();
  for (const { from, to } of arrows) targets.set(from, [...(targets.get(from) ?? []), to]);
  const found: string[] = [];
  const visited = new Set<string>();
  const visit = (node: string, trail: readonly string[]): void => {
    if (trail.includes(node)) found.push([...trail.slice(trail.indexOf(node)), node].join(' -> '));
    if (visited.has(node)) return;
    visited.add(node);
    for (const to of targets.get(node) ?? []) visit(to, [...trail, node]);
  };
  for (const from of targets.keys()) visit(from, []);
  return found;
}
