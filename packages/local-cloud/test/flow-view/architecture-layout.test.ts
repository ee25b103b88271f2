import { architecturePicture, wayOfRequest } from '../../flow-view/architecture-layout.ts';
import { parseHop } from '../../src/core/hop.ts';
import type { ArchitectureEdge, ArchitectureNode, NodeKind } from '../../src/core/steps.ts';

const kinds: Record<string, NodeKind> = {
  client: 'client',
  Api: 'rest-api',
  create: 'function',
  list: 'function',
  Posts: 'table',
  'Posts.stream': 'stream',
  publish: 'function',
  Bus: 'bus',
  Archive: 'archive',
  Rule: 'rule',
  push: 'function',
  Failures: 'queue',
  Sockets: 'websocket-api',
  manage: 'function',
};
const nodes = Object.entries(kinds).map(([id, kind]): ArchitectureNode => ({ id, label: id, kind }));

const edges = [
  ['client', 'Api', 'client → POST /posts', 'POST /posts'],
  ['client', 'Api', 'client → GET /posts', 'GET /posts'],
  ['Api', 'create', 'POST /posts → create-post', 'POST /posts'],
  ['Api', 'list', 'GET /posts → list-posts', 'GET /posts'],
  ['create', 'Posts', 'create-post → dynamodb:PutItem', 'PutItem'],
  ['create', 'Posts', 'create-post → dynamodb:UpdateItem', 'UpdateItem'],
  ['list', 'Posts', 'list-posts → dynamodb:Query', 'Query'],
  ['Posts', 'Posts.stream', 'stream of Posts → event source mapping', 'changes'],
  ['Posts.stream', 'publish', 'stream of Posts → publish', 'batches'],
  ['publish', 'Bus', 'publish → events:PutEvents', 'PutEvents'],
  ['Bus', 'Rule', 'Bus → Rule', 'matches'],
  ['Bus', 'Archive', 'Events-Archive-Archive → Archive', 'archives'],
  ['Archive', 'Rule', 'Archive → Rule', 'replays'],
  ['Rule', 'push', 'Rule → push', 'delivers'],
  ['push', 'push', 'event queue of push → push', 'runs, with retries'],
  ['push', 'Failures', 'dead letter → Failures', 'given up'],
  ['push', 'Sockets', 'push → execute-api:PostToConnection', 'PostToConnection'],
  ['Sockets', 'client', 'WebSocket → client', 'messages'],
  ['client', 'Sockets', 'client → WebSocket $connect', '$connect'],
  ['Sockets', 'manage', 'WebSocket $connect → manage', '$connect'],
  ['manage', 'Bus', 'manage → events:PutEvents', 'PutEvents'],
].map(
  ([from = '', to = '', hop = '', label = '']): ArchitectureEdge => ({
    id: hop,
    from,
    to,
    hop: parseHop(hop),
    label,
    faults: true,
  }),
);

const post = { method: 'POST', path: '/posts' };

describe('the picture of the architecture', () => {
  const { nodes: placed, lines, width, height } = architecturePicture({ nodes, edges });
  const x = (key: string) => placed.find((node) => node.key === key)?.x ?? Number.NaN;

  it('runs from left to right in the order of the flow, from clients to clients', () => {
    const way = [
      'client',
      'Api',
      'create',
      'Posts',
      'Posts.stream',
      'publish',
      'Bus',
      'Rule',
      'push',
      'Sockets (to clients)',
      'client (to clients)',
    ].map(x);
    expect(way).toEqual(way.toSorted((a, b) => a - b));
    expect(x('Sockets')).toBeLessThan(x('manage'));
  });

  it('places every icon within its bounds, and no two at one position', () => {
    for (const node of placed) {
      expect(node.x).toBeGreaterThan(0);
      expect(node.x).toBeLessThan(width);
      expect(node.y).toBeGreaterThan(0);
      expect(node.y).toBeLessThan(height);
    }
    expect(new Set(placed.map((node) => `${node.x} ${node.y}`)).size).toBe(placed.length);
  });

  it('draws the hops between two nodes as one line', () => {
    const line = lines.find(({ key }) => key === 'create>Posts');
    expect(line?.hops.map(({ name }) => name)).toEqual(['PutItem', 'UpdateItem']);
  });

  it('attaches queues, runs, replays and tables that are only read as small icons', () => {
    const attached = placed.flatMap((node) => node.attached.map(({ kind }) => [node.key, kind]));
    expect(attached).toEqual(
      expect.arrayContaining([
        ['Archive', 'replays'],
        ['push', 'runs'],
        ['push', 'queues'],
        ['list', 'tables'],
      ]),
    );
    expect(attached).toHaveLength(4);
    expect(placed.map(({ key }) => key)).not.toContain('Failures');
  });

  it('contains every hop', () => {
    const drawn = [...lines, ...placed.flatMap((node) => node.attached)].flatMap(({ hops }) => hops);
    expect(drawn.map(({ id }) => id).sort()).toEqual(edges.map(({ id }) => id).sort());
  });
});

describe('the path of a post', () => {
  it('is the part that follows POST /posts, without reads, connections and other origins', () => {
    const ids = wayOfRequest({ nodes, edges }, post).nodes.map(({ id }) => id);
    expect(ids).toEqual(Object.keys(kinds).filter((id) => id !== 'list' && id !== 'manage'));
  });

  it('is the whole graph in a stack without posts', () => {
    const stack = { nodes, edges: edges.slice(3) };
    expect(wayOfRequest(stack, post)).toBe(stack);
  });
});

it('draws an empty graph as an empty picture', () => {
  expect(architecturePicture({ nodes: [], edges: [] })).toMatchObject({ nodes: [], lines: [] });
});

it('draws everything within the picture, also the lines that pass above all nodes', () => {
  const names = ['a', 'b', 'c', 'd', 'e'];
  const all = names.flatMap((from, index) => names.slice(index + 1).map((to) => [from, to] as const));
  const { lines, height, width } = architecturePicture({
    nodes: names.map((id) => ({ id, label: id, kind: 'function' })),
    edges: all.map(([from, to]) => {
      const hop = { from, to };
      return { id: `${from} ${to}`, from, to, label: '', hop, faults: false };
    }),
  });
  for (const { x, y } of lines.flatMap(({ points }) => points)) {
    expect(y).toBeGreaterThanOrEqual(0);
    expect(y).toBeLessThanOrEqual(height);
    expect(x).toBeGreaterThanOrEqual(0);
    expect(x).toBeLessThanOrEqual(width);
  }
});
