import { architecturePicture } from '../../flow-view/architecture-layout.ts';
import {
  connectionOf,
  errorRate,
  sortedTraffic,
  trafficFigures,
  trafficLabels,
  trafficOn,
} from '../../flow-view/hop-traffic.ts';
import { parseHop } from '../../src/core/hop.ts';
import type { HopTraffic } from '../../src/core/steps.ts';

function traffic(hop: string, more: Partial<HopTraffic> = {}): HopTraffic {
  return { hop: parseHop(hop), to: 'b', running: 0, total: 0, passed: 0, failed: 0, ...more };
}

const edge = (hop: string, from: string, to: string) => ({
  id: hop,
  hop: parseHop(hop),
  from,
  to,
  label: hop,
  faults: true,
});

it('finds the traffic of an edge by its hop and its nodes', () => {
  const call = traffic('a → s:Call');
  const elsewhere = traffic('a → s:Call', { to: 'c' });
  const dead = traffic('dead letter → b', { from: 'a' });
  const otherDead = traffic('dead letter → b', { from: 'c' });
  const all = [call, elsewhere, dead, otherDead];
  expect(trafficOn([edge('a → s:Call', 'a', 'b')], all)).toEqual([call]);
  expect(trafficOn([edge('a → s:Call', 'a', 'b'), edge('dead letter → b', 'a', 'b')], all)).toEqual([
    call,
    dead,
  ]);
  const node = (id: string) => ({ id, label: id, kind: 'function' as const });
  const picture = architecturePicture({
    nodes: [node('a'), node('b')],
    edges: [edge('a → s:Call', 'a', 'b')],
  });
  expect(connectionOf(picture, call)?.label).toBe('a → b');
  expect(connectionOf(picture, elsewhere)).toBeUndefined();
});

it('names the nodes and the edge of a hop, whatever part of the architecture is drawn', () => {
  const nodes = [
    { id: 'a', label: 'Tick', kind: 'rule' as const },
    { id: 'b', label: 'clean-up', kind: 'function' as const },
  ];
  const edges = [{ ...edge('Stack-Tick123 → clean-up', 'a', 'b'), label: 'invokes' }];
  expect(trafficLabels({ nodes, edges }, traffic('Stack-Tick123 → clean-up'))).toEqual({
    nodes: 'Tick → clean-up',
    edge: 'invokes',
  });
  expect(trafficLabels({ nodes, edges }, traffic('other → clean-up'))).toBeUndefined();
});

it('counts what runs as a try, as in a trace', () => {
  const figures = trafficFigures([
    traffic('a → b', { passed: 3, failed: 1, running: 2 }),
    traffic('a → c', { passed: 4 }),
  ]);
  expect(figures).toEqual({ passed: 9, running: 2, failed: 1, unmatched: 0 });
});

it('sorts by a column, the largest first, and equal ones by name', () => {
  const hops = [
    traffic('c → d', { passed: 100, failed: 2, p99: 5 }),
    traffic('b → d', { passed: 2, failed: 1 }),
    traffic('a → d', { passed: 2, p99: 7 }),
  ];
  const names = (column: Parameters<typeof sortedTraffic>[1]) =>
    sortedTraffic(hops, column).map(({ hop }) => hop.from);
  expect(names('errors')).toEqual(['b', 'c', 'a']);
  expect(names('failed')).toEqual(['c', 'b', 'a']);
  expect(names('p99')).toEqual(['a', 'c', 'b']);
  expect(names('passed')).toEqual(['c', 'a', 'b']);
  expect(names('hop')).toEqual(['a', 'b', 'c']);
  expect(errorRate(traffic('a → b'))).toBe(0);
});
