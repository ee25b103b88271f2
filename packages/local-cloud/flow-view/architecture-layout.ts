import { Graph, layout } from '@dagrejs/dagre';
import { hopName, httpRequest, isFromClient } from '../src/core/hop.ts';
import type { Architecture, ArchitectureEdge, ArchitectureNode, ExampleRequest } from '../src/core/steps.ts';
import { labelOf } from './node-labels.ts';

/** The nodes and edges to draw. */
export type Wiring = Pick<Architecture, 'nodes' | 'edges'>;

export interface Point {
  x: number;
  y: number;
}

/** A hop, with the name that distinguishes it from the other hops of its connection. */
export interface NamedHop extends ArchitectureEdge {
  name: string;
}

/** One or several hops that are drawn as one element. */
export interface Connection {
  /** Does not change while the template is the same. */
  key: string;
  label: string;
  hops: NamedHop[];
}

/**
 * A connection that is drawn as a line, from the right side of one icon to the left side of
 * another.
 */
export interface Line extends Connection {
  /** The keys of the nodes that it joins. */
  source: string;
  target: string;
  points: Point[];
}

/**
 * A connection that is drawn small beneath a node: all its queues as one, all tables that it only
 * reads or deletes from as one, its own event queue, or the replays of an archive.
 */
export interface Attached extends Connection {
  kind: 'queues' | 'replays' | 'runs' | 'tables';
}

export interface PlacedNode {
  /** A node that is drawn twice has two keys. */
  key: string;
  node: ArchitectureNode;
  /** The centre of its icon. */
  x: number;
  y: number;
  attached: Attached[];
}

export interface Picture {
  width: number;
  height: number;
  nodes: PlacedNode[];
  lines: Line[];
}

/**
 * The space of a node, in units of the SVG: an icon, two lines of text, and a row of attached
 * connections.
 */
export const Size = { icon: 40, width: 80, height: 88, iconMiddle: 22, margin: 3 } as const;

/** The operations on a table that trigger nothing. */
const READING = /^(?:Get|BatchGet|Query|Scan|DeleteItem)\w*$/;

const attachedTexts = {
  queues: 'its dead-letter queues',
  tables: 'the tables that it reads or deletes from',
  runs: 'its runs',
  replays: 'the rules to which it can be replayed',
} as const;

/** An end of a drawn connection. */
interface End {
  key: string;
  node: ArchitectureNode;
}

interface Ends {
  source: End;
  target: End;
}

/** The alignments of dagre. The alignment that makes the lowest picture is used. */
const ALIGNMENTS = [undefined, 'UL', 'UR', 'DL', 'DR'] as const;

/**
 * Returns the position of every element: layers from left to right, in the order of the flow.
 * Clients and the WebSocket API are drawn twice, as sources and as destinations, because the flow
 * would otherwise be a cycle.
 */
export function architecturePicture(wiring: Wiring): Picture {
  const drawing = drawingOf(wiring);
  return ALIGNMENTS.map((align) => layered(drawing, align)).reduce((lowest, picture) =>
    picture.height < lowest.height ? picture : lowest,
  );
}

/** Returns the line or the attached connection with this key. */
export function connectionAt({ lines, nodes }: Picture, key: string | undefined): Connection | undefined {
  return [...lines, ...nodes.flatMap(({ attached }) => attached)].find(
    (connection) => connection.key === key,
  );
}

/** The elements to draw, without their positions. */
interface Drawing {
  nodes: ReadonlyMap<string, Omit<PlacedNode, 'x' | 'y'>>;
  lines: (Connection & Ends)[];
}

function drawingOf(wiring: Wiring): Drawing {
  const nodes = new Map<string, Omit<PlacedNode, 'x' | 'y'>>();
  const lines = new Map<string, Connection & Ends>();
  const nodeAt = ({ key, node }: End): Omit<PlacedNode, 'x' | 'y'> => {
    const drawn = nodes.get(key) ?? { key, node, attached: [] };
    nodes.set(key, drawn);
    return drawn;
  };
  for (const { edge, from, to } of withNodes(wiring)) {
    const { source, target } = endsOf(from, to);
    const kind = attachedKind(edge, from, to);
    const { attached } = nodeAt(source);
    if (kind) {
      const known = attached.find((other) => other.kind === kind);
      const names = {
        queues: to.label,
        tables: `${edge.label} ${to.label}`,
        runs: edge.label,
        replays: `${edge.label} to ${to.label}`,
      };
      const hop = { ...edge, name: names[kind] };
      const label = `${labelOf(from)}: ${attachedTexts[kind]}`;
      if (known) known.hops.push(hop);
      else attached.push({ kind, key: `${source.key} ${kind}`, label, hops: [hop] });
    } else {
      nodeAt(target);
      const key = `${source.key}>${target.key}`;
      const hop = { ...edge, name: edge.label };
      const known = lines.get(key);
      if (known) known.hops.push(hop);
      else {
        const label = hopName({ from: labelOf(from), to: labelOf(to) });
        lines.set(key, { key, label, hops: [hop], source, target });
      }
    }
  }
  return { nodes, lines: [...lines.values()] };
}

function layered({ nodes, lines }: Drawing, align: (typeof ALIGNMENTS)[number]): Picture {
  const graph = new Graph();
  graph.setGraph({
    rankdir: 'LR',
    align,
    nodesep: 3,
    edgesep: 42,
    ranksep: 8,
    marginx: Size.margin,
    marginy: Size.margin,
  });
  for (const key of nodes.keys()) graph.setNode(key, { width: Size.width, height: Size.height });
  const straight = shortestWays(lines);
  for (const line of lines) {
    graph.setEdge(line.source.key, line.target.key, { weight: straight.has(line) ? 8 : 2 });
  }
  layout(graph);

  // Icons are above the middle of their space. Lines that pass above all nodes need room there.
  const bends = lines.flatMap(({ source, target }): Point[] => graph.edge(source.key, target.key).points);
  const room = Size.height / 2 - Size.iconMiddle;
  const above = Math.max(0, ...bends.map(({ y }) => room + Size.margin - y));
  const lift = room - above;
  const placeOf = (key: string): Point => {
    const { x, y } = graph.node(key);
    return { x, y: y - lift };
  };
  const { width, height } = graph.graph();
  return {
    width,
    height: height + above,
    nodes: [...nodes.values()].map((node) => ({ ...node, ...placeOf(node.key) })),
    lines: lines.map(({ source, target, ...connection }) => {
      const bends: Point[] = graph.edge(source.key, target.key).points;
      const [from, to] = [placeOf(source.key), placeOf(target.key)];
      const side = Math.sign(to.x - from.x) * (Size.icon / 2);
      const inner = bends.slice(1, -1).map(({ x, y }) => ({ x, y: y - lift }));
      return {
        ...connection,
        source: source.key,
        target: target.key,
        points: [{ x: from.x + side, y: from.y }, ...inner, { x: to.x - side, y: to.y }],
      };
    }),
  };
}

/**
 * Returns the part of the architecture that follows a request, or all of it if the request invokes
 * no function.
 */
export function wayOfRequest(
  wiring: Wiring,
  { method, path }: Pick<ExampleRequest, 'method' | 'path'>,
): Wiring {
  const edges = withNodes(wiring);
  const route = httpRequest(method, path);
  const request = edges.find(({ edge }) => isFromClient(edge.hop) && edge.hop.to === route);
  const begin = edges.find(({ edge }) => edge.hop.from === route);
  if (!request || !begin) return wiring;
  const leadsOn = ({ from, to }: (typeof edges)[number]): boolean =>
    from.kind !== 'client' && (from.kind !== 'websocket-api' || to.kind === 'client');
  const reached = new Set([begin.to.id]);
  for (const id of reached) {
    for (const way of edges) {
      const { edge, from, to } = way;
      if (from.id === id && leadsOn(way) && !attachedKind(edge, from, to)) reached.add(to.id);
    }
  }
  const shown = edges.filter(
    (way) => way === request || way === begin || (reached.has(way.from.id) && leadsOn(way)),
  );
  const ids = new Set(shown.flatMap(({ from, to }) => [from.id, to.id]));
  return { nodes: wiring.nodes.filter(({ id }) => ids.has(id)), edges: shown.map(({ edge }) => edge) };
}

/** Returns the lines of the shortest paths from the source of the first line to every node. */
function shortestWays<Line extends Ends>(lines: readonly Line[]): Set<Line> {
  const ways = new Set<Line>();
  const reached = new Set(lines.slice(0, 1).map(({ source }) => source.key));
  for (const key of reached) {
    for (const line of lines) {
      if (line.source.key !== key || reached.has(line.target.key)) continue;
      reached.add(line.target.key);
      ways.add(line);
    }
  }
  return ways;
}

function withNodes({ nodes, edges }: Wiring) {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  return edges.flatMap((edge) => {
    const [from, to] = [byId.get(edge.from), byId.get(edge.to)];
    return from && to ? [{ edge, from, to }] : [];
  });
}

function attachedKind(
  { hop: { operation = '' } }: ArchitectureEdge,
  from: ArchitectureNode,
  to: ArchitectureNode,
): Attached['kind'] | undefined {
  if (from.id === to.id) return 'runs';
  if (from.kind === 'archive') return 'replays';
  if (to.kind === 'queue') return 'queues';
  return to.kind === 'table' && READING.test(operation) ? 'tables' : undefined;
}

/** Returns the drawings of the nodes that a connection joins, for nodes that are drawn twice. */
function endsOf(from: ArchitectureNode, to: ArchitectureNode): Ends {
  const leaves = from.kind === 'websocket-api' && to.kind === 'client';
  const arrives = to.kind === 'client' || (to.kind === 'websocket-api' && from.kind !== 'client');
  return {
    source: { key: leaves ? `${from.id} (to clients)` : from.id, node: from },
    target: { key: arrives ? `${to.id} (to clients)` : to.id, node: to },
  };
}
