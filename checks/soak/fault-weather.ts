import { setTimeout } from 'node:timers/promises';
import { hopName, httpRequest, webSocketRequest } from 'local-cloud/hop';
import type { ArchitectureEdge } from 'local-cloud/steps';
import type { CloudClient } from '../../testing/cloud-client.ts';
import { StackGraph } from '../stack-graph.ts';
import type { Dice } from './dice.ts';

/** The time for which a fault is switched on, in milliseconds. */
const duration = 1_000;

/** The fields of a fault for `/_local/faults`; see packages/local-cloud/docs/faults.md. */
type Fields = Record<string, string | number>;

/** Transient faults: a retry succeeds. */
const passing: Fields[] = [
  { fault: 'error' },
  { fault: 'error', when: 'after' },
  { fault: 'throttle' },
  { fault: 'delay', ms: 500 },
  // Longer than the SDK's time-out.
  { fault: 'delay', ms: 3_000 },
  { fault: 'drop' },
  { fault: 'drop', when: 'after' },
  { fault: 'crash' },
  { fault: 'crash', when: 'during' },
  { fault: 'crash', when: 'after' },
  { fault: 'late', ms: 3_000 },
  { fault: 'duplicate' },
  { fault: 'reorder' },
];

/** A target refuses permanently, so the event goes to its dead-letter queue immediately. */
const refused: Fields = { fault: 'error', code: 'NotFoundException', status: 404 };

/** The faults of a delivery. Three are permanent, so that some posts reach each queue. */
const delivery = [...passing, refused, refused, refused];

/** Comprehend refuses permanently, so the post is marked as failed. */
const notAnalysed: Fields = { fault: 'error', code: 'TextSizeLimitExceededException', status: 400 };

/** The name of a hop, and its possible faults. */
export interface FaultyHop {
  hop: string;
  faults: Fields[];
}

/**
 * Returns the hops that the traffic of a soak can pass, derived from the stack: those of new posts,
 * of connections, and of functions that a schedule triggers.
 */
export function faultyHops(graph: StackGraph): FaultyHop[] {
  const post = httpRequest('POST', '/posts');
  const isSent = (request: string) => request === post || request.startsWith(webSocketRequest(''));
  const requests = graph.edges.filter(({ hop }) => isSent(hop.from) || isSent(hop.to));
  const starts = requests.filter(({ to }) => graph.kindOf(to) === 'function').map(({ to }) => to);
  const edges = [...requests, ...graph.edgesFrom([...starts, ...graph.schedules])];
  const faults = new Map(
    edges.filter((edge) => edge.faults).map((edge) => [hopName(edge.hop), faultsAt(edge, graph)]),
  );
  return [...faults].map(([hop, faults]) => ({ hop, faults }));
}

function faultsAt({ from, to }: ArchitectureEdge, graph: StackGraph): Fields[] {
  if (graph.kindOf(from) === 'rule') return delivery;
  if (graph.kindOf(to) === 'comprehend') return [...passing, notAnalysed, notAnalysed, notAnalysed];
  return passing;
}

const kinds = [...new Set(delivery.map(({ fault }) => String(fault)))].sort();

/** Returns a random fault at a random hop. */
export function randomFault(hops: FaultyHop[], dice: Dice): Fields {
  const { hop, faults } = dice.pick(hops);
  return { hop, ...dice.pick(faults), probability: dice.pick([0.3, 1]) };
}

/**
 * Switches on a new fault in a local cloud every second. All faults are off when it returns.
 * @param until the end, in milliseconds since the epoch
 */
export async function changeFaults(cloud: CloudClient, dice: Dice, until: number): Promise<void> {
  const faults = `${cloud.url}/_local/faults`;
  const hops = faultyHops(new StackGraph(await cloud.architecture()));
  while (Date.now() < until) {
    const fault = randomFault(hops, dice);
    const answer = await fetch(faults, { method: 'POST', body: JSON.stringify(fault) });
    if (!answer.ok)
      throw new Error(`The local cloud refused the fault ${JSON.stringify(fault)}: ${await answer.text()}`);
    await setTimeout(duration);
    await fetch(faults, { method: 'DELETE' });
  }
}

/** Counts the faults of each kind that have occurred, from the output of a local cloud. */
export function strikesIn(output: string): Map<string, number> {
  const strikes = new Map(kinds.map((kind) => [kind, 0]));
  for (const [, kind = ''] of output.matchAll(/^\S+ +fault +(\S+) at /gm))
    strikes.set(kind, (strikes.get(kind) ?? 0) + 1);
  return strikes;
}
