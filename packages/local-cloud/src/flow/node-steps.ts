import * as z from 'zod/mini';
import { hopName } from '../core/hop.ts';
import { parseJson } from '../core/json.ts';
import type { NodeContents, NodeStep } from '../core/node-contents.ts';
import type { ArchitectureNode } from '../core/steps.ts';
import type { RecordedStep, RecordedTrace, TraceStore } from '../core/trace-store.ts';
import type { ArchitectureGraph } from './architecture.ts';
import { summaryOf } from './trace-document.ts';

const SHOWN = 25;
const MAXIMUM_LINES = 20;
/** The maximum length of a line of a log, and of an error, in characters. */
const MAXIMUM_TEXT = 1_000;

/** The maximum length of an event that is shown as an example, in characters. */
const MAXIMUM_EVENT = 50_000;

const TypedEvent = z.object({ source: z.string(), 'detail-type': z.string() });

/** Returns the number of steps of the kept traces that reached a node, and the newest of them. */
export function stepsAt(
  node: ArchitectureNode,
  traces: TraceStore,
  architecture: Pick<ArchitectureGraph, 'nodeId'>,
): Pick<NodeContents, 'counts' | 'event' | 'steps'> {
  const counts = { steps: 0, failed: 0 };
  const newest: { recorded: RecordedTrace; step: RecordedStep }[] = [];
  const places = new Map<string, boolean>();
  const isHere = (place: string): boolean => {
    const known = places.get(place) ?? architecture.nodeId(place) === node.id;
    places.set(place, known);
    return known;
  };
  for (const recorded of traces.newest()) {
    const reached = recorded.steps.filter((step) => isAt(node.kind, step, isHere));
    for (const step of reached) {
      // Every rule of a bus has a step for the same event.
      if (node.kind === 'bus' && step.hop.to !== reached[0]?.hop.to) continue;
      counts.steps++;
      if (step.error !== undefined) counts.failed++;
      newest.push({ recorded, step });
    }
  }
  newest.sort((a, b) => b.step.id - a.step.id);
  const shown = newest.slice(0, SHOWN);
  return {
    counts,
    event: node.kind === 'rule' ? newestEvent(shown, traces) : undefined,
    steps: shown.map((one) => described(node, one, traces)),
  };
}

/** Returns the newest event that is kept as a whole, as an example to test. */
function newestEvent(steps: readonly { step: RecordedStep }[], traces: Pick<TraceStore, 'read'>): unknown {
  for (const { step } of steps) {
    const text = step.kind !== 'delivery' && step.payload?.whole ? traces.read(step.payload) : undefined;
    const event = text === undefined || text.length > MAXIMUM_EVENT ? undefined : parseJson(text);
    if (event !== undefined) return event;
  }
  return undefined;
}

/** @param isHere returns whether a place is the node */
function isAt(
  kind: ArchitectureNode['kind'],
  step: Pick<RecordedStep, 'hop' | 'kind' | 'to'>,
  isHere: (place: string) => boolean,
): boolean {
  // A step to a rule is an event on its bus.
  if (kind === 'bus')
    return step.kind === 'event' || step.kind === 'unmatched'
      ? isHere(step.hop.from)
      : step.kind === 'unwanted' && isHere(step.to);
  return isHere(step.to) && (kind !== 'function' || step.kind === 'run');
}

function described(
  { kind }: ArchitectureNode,
  { recorded, step }: { recorded: RecordedTrace; step: RecordedStep },
  traces: TraceStore,
): NodeStep {
  const { endedAt, error, hop, id, logs = [], payload, startedAt } = step;
  const { title, trace } = summaryOf(recorded, traces);
  const isEvent = kind === 'bus' || kind === 'rule' || kind === 'archive';
  const text = isEvent && payload ? traces.read(payload) : undefined;
  const { data: event } = TypedEvent.safeParse(text === undefined ? undefined : parseJson(text));
  const isUnmatched = step.kind === 'unwanted' || (step.kind === 'unmatched' && kind === 'rule');
  return {
    trace,
    title,
    step: id,
    text: event ? `${event['detail-type']} of ${event.source}` : hopName(hop),
    startedAt,
    endedAt,
    outcome:
      endedAt === undefined ? 'running' : error !== undefined ? 'failed' : isUnmatched ? 'no match' : 'ok',
    error: error?.slice(0, MAXIMUM_TEXT),
    logs: logs.slice(0, MAXIMUM_LINES).flatMap((line) => traces.read(line)?.slice(0, MAXIMUM_TEXT) ?? []),
  };
}
