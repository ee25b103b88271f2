import type { NodeKind } from '../src/core/steps.ts';

/** The glyph of each kind of node, drawn in lines in a square of 24 units around the origin. */
const paths: Record<NodeKind, string> = {
  client: 'M-4-4.5a4 4 0 1 0 8 0a4 4 0 1 0-8 0M-8 9c0-5 3-7.5 8-7.5s8 2.5 8 7.5',
  'rest-api': 'M-5-5l-5 5 5 5M5-5l5 5-5 5M2-7l-4 14',
  'websocket-api': 'M-9-3.5h17M4-7.5l4 4-4 4M9 4h-17M-4 0l-4 4 4 4',
  function: 'M5-8c-4-1.5-6 .5-6.5 4l-1.5 9c-.5 3-2 4-4.5 3M-5.5-1.5h9',
  table: 'M-8-6c0-4 16-4 16 0s-16 4-16 0v12c0 4 16 4 16 0v-12M-8 0c0 4 16 4 16 0',
  stream: 'M-9-5c3-3 6-3 9 0s6 3 9 0M-9 0c3-3 6-3 9 0s6 3 9 0M-9 5c3-3 6-3 9 0s6 3 9 0',
  bus: 'M-10 0h20M-6-6v12M0-6v12M6-6v12',
  archive: 'M-10-7h20v5h-20zM-8-2v10h16v-10M-3 2h6',
  rule: 'M-9-7h18l-7 8v6l-4 2v-8z',
  topic: 'M-8-2v4h3l8 5v-14l-8 5zM6-4c2 2 2 6 0 8M8.5-7c4 4 4 10 0 14',
  queue: 'M-9-4v10h18v-10M-9 1h5l1.5 2h5l1.5-2h5',
  secret: 'M-9 0a4 4 0 1 0 8 0a4 4 0 1 0-8 0M-1 0h11M5 0v4M9 0v5',
  mail: 'M-10-7h20v14h-20zM-10-6l10 8 10-8',
  comprehend: 'M-9-7h14M-9-2h7M-9 3h5M1 2a4 4 0 1 0 8 0a4 4 0 1 0-8 0M8 5l3 3.5',
};

/** Renders the icon of a kind of node, with its centre at `x` and `y`. */
export function NodeGlyph({ kind, x, y, size }: { kind: NodeKind; x: number; y: number; size: number }) {
  return <path class="glyph" d={paths[kind]} transform={`translate(${x} ${y}) scale(${size / 24})`} />;
}
