import { hopName } from '../src/core/hop.ts';
import type { Architecture, ArchitectureEdge, HopTraffic } from '../src/core/steps.ts';
import type { Connection, Picture } from './architecture-layout.ts';
import type { HopFigures } from './hop-figures.ts';
import { labelOf } from './node-labels.ts';

/** Returns the traffic that passes these edges. */
export function trafficOn(
  edges: readonly Pick<ArchitectureEdge, 'hop' | 'from' | 'to'>[],
  traffic: readonly HopTraffic[],
): HopTraffic[] {
  return traffic.filter(({ hop, from, to }) =>
    edges.some(
      (edge) =>
        hopName(edge.hop) === hopName(hop) && edge.to === to && (from === undefined || edge.from === from),
    ),
  );
}

/** Returns the connection of the picture that a hop belongs to. */
export function connectionOf({ lines, nodes }: Picture, hop: HopTraffic): Connection | undefined {
  return [...lines, ...nodes.flatMap(({ attached }) => attached)].find(
    ({ hops }) => trafficOn(hops, [hop]).length > 0,
  );
}

/** Returns the labels of the nodes and of the edge of a hop, if the architecture has an edge for it. */
export function trafficLabels(
  { edges, nodes }: Pick<Architecture, 'edges' | 'nodes'>,
  traffic: HopTraffic,
): { nodes: string; edge: string } | undefined {
  const edge = edges.find((candidate) => trafficOn([candidate], [traffic]).length > 0);
  const from = nodes.find(({ id }) => id === edge?.from);
  const to = nodes.find(({ id }) => id === edge?.to);
  return edge && from && to && { nodes: hopName({ from: labelOf(from), to: labelOf(to) }), edge: edge.label };
}

/** Returns the figures of several hops together. */
export function trafficFigures(traffic: readonly HopTraffic[]): HopFigures {
  const sum = (of: (hop: HopTraffic) => number): number => traffic.reduce((all, hop) => all + of(hop), 0);
  const running = sum((hop) => hop.running);
  return {
    // As in a trace, what has not ended counts.
    passed: running + sum((hop) => hop.passed),
    running,
    failed: sum((hop) => hop.failed),
    unmatched: 0,
  };
}

/** A column by which the hops can be sorted. */
export type TrafficColumn = 'hop' | 'passed' | 'running' | 'failed' | 'errors' | 'p50' | 'p99';

/** Returns the share of the passes that failed, from 0 to 1. */
export function errorRate({ passed, failed }: HopTraffic): number {
  return passed === 0 ? 0 : failed / passed;
}

/** Returns the hops with the largest values of a column first, or in the order of their names. */
export function sortedTraffic(traffic: readonly HopTraffic[], column: TrafficColumn): HopTraffic[] {
  const byName = (one: HopTraffic, other: HopTraffic) => hopName(one.hop).localeCompare(hopName(other.hop));
  if (column === 'hop') return traffic.toSorted(byName);
  const sortedBy = (hop: HopTraffic): number => (column === 'errors' ? errorRate(hop) : (hop[column] ?? -1));
  return traffic.toSorted((one, other) => sortedBy(other) - sortedBy(one) || byName(one, other));
}
