import { hopName } from '../core/hop.ts';
import type { TrafficReport } from '../core/steps.ts';
import { type Passes, type Traffic, WINDOW_MS } from '../core/traffic.ts';
import type { ArchitectureGraph } from './architecture.ts';

/** Returns the figures of every hop that was passed in the last minutes, by its nodes. */
export function trafficReport(
  traffic: Traffic,
  { nodeId }: Pick<ArchitectureGraph, 'nodeId'>,
): TrafficReport {
  const byNodes = new Map<string, [Passes, ...Passes[]]>();
  for (const passes of traffic.recent) {
    const key = JSON.stringify([hopName(passes.hop), passes.from && nodeId(passes.from), nodeId(passes.to)]);
    const same = byNodes.get(key);
    if (same) same.push(passes);
    else byNodes.set(key, [passes]);
  }
  return {
    window: WINDOW_MS,
    hops: [...byNodes.values()].map((all) => {
      const [{ hop, from, to }] = all;
      return { hop, from: from && nodeId(from), to: nodeId(to), ...traffic.figures(all) };
    }),
  };
}
