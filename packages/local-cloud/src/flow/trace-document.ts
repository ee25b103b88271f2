import * as z from 'zod/mini';
import type { Kept } from '../core/content-ring.ts';
import { hopName, isFromClient } from '../core/hop.ts';
import { parseJsonOrThrow } from '../core/json.ts';

import type { Step, Trace, TraceSummary } from '../core/steps.ts';
import type { RecordedTrace, TraceStore } from '../core/trace-store.ts';
import type { ArchitectureGraph } from './architecture.ts';

/** Reads the contents of steps. */
type Read = Pick<TraceStore, 'read'>;

const Titled = z.object({ title: z.string() });

/** The titles of the kept traces: the payload with the title can be dropped before the trace. */
const titles = new WeakMap<RecordedTrace, string>();

/** Returns the entry of a trace in the list of traces. */
export function summaryOf(recorded: RecordedTrace, traces: Read): TraceSummary {
  const { trace, startedAt, endedAt, createdId, steps, running, failed, deadLetters, unwanted } = recorded;
  return {
    trace,
    title: titleOf(recorded, traces),
    startedAt,
    endedAt: running > 0 ? undefined : endedAt,
    createdId,
    steps: steps.length,
    running,
    failed,
    deadLetters,
    unwanted,
  };
}

/**
 * Returns everything that is kept of a trace, with the nodes of the architecture that its steps
 * lead to.
 */
export function traceDocument(
  recorded: RecordedTrace,
  traces: Read,
  architecture: Pick<ArchitectureGraph, 'nodeId'>,
): Trace {
  const { trace, startedAt, createdId, leftOut } = recorded;
  let contentsDropped = recorded.linesDropped;
  const read = (kept: Kept): string | undefined => {
    const text = traces.read(kept);
    contentsDropped ||= text === undefined;
    return text;
  };
  const told = (kept: Kept | undefined): unknown => {
    const text = kept && read(kept);
    return text === undefined ? undefined : parsed(text);
  };
  const ends = new Map<number, string>();
  /** The number of the next attempt, by the cause, hop and part of its step. */
  const attempts = new Map<string, number>();
  const steps = recorded.steps.map((step): Step => {
    const { id, cause, kind, hop, startedAt, endedAt, error, faults } = step;
    const to = architecture.nodeId(step.to);
    ends.set(id, to);
    const key = JSON.stringify([cause, hopName(hop), step.part]);
    const attempt = step.attempt ?? attempts.get(key) ?? 1;
    // A step after a success is not a retry, but e.g. the second event of a call.
    attempts.set(key, error === undefined ? 1 : attempt + 1);
    const payload = told(step.payload);
    return {
      id,
      cause,
      kind,
      hop,
      from: (cause === undefined ? undefined : ends.get(cause)) ?? (kind === 'request' ? 'client' : to),
      to,
      startedAt,
      endedAt,
      outcome: endedAt === undefined ? 'running' : error === undefined ? 'ok' : 'failed',
      error,
      attempt,
      faults,
      payload,
      ...(payload !== undefined && !step.payload?.whole && { truncated: true }),
      result: told(step.result),
      logs: step.logs?.flatMap((line) => read(line) ?? []),
      why: payload === undefined ? undefined : step.why?.(payload),
    };
  });
  const title = titleOf(recorded, traces);
  return { trace, title, startedAt, createdId, contentsDropped, leftOut, steps };
}

/** Returns the name of the first step, with the `title` in its payload if there is one. */
export function titleOf(recorded: RecordedTrace, traces: Read): string {
  const known = titles.get(recorded);
  if (known !== undefined) return known;
  const [first] = recorded.steps;
  if (!first) return '';
  const what = isFromClient(first.hop) ? first.hop.to : hopName(first.hop);
  const payload = first.payload && traces.read(first.payload);
  const { data } = Titled.safeParse(payload === undefined ? undefined : parsed(payload));
  const title = data ? `${what}: ${data.title}` : what;
  titles.set(recorded, title);
  return title;
}

/** Returns the value of JSON, and other text, or JSON that is nested too deeply, as it is. */
function parsed(text: string): unknown {
  try {
    return parseJsonOrThrow(text);
  } catch {
    return text;
  }
}
