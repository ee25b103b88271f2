import type { ServerResponse } from 'node:http';
import type { Changes } from '../core/changes.ts';
import type { Recorder } from '../core/recorder.ts';
import type { Topic } from '../core/steps.ts';
import { SLICE_MS } from '../core/traffic.ts';
import { EventStream } from './event-stream.ts';

/** The time for which changes are gathered before they are sent. */
const GATHERING_MS = 200;
/** The time for changes whose resource costs something to read. */
const SLOWLY_GATHERING_MS = 1_000;
/** More IDs than traces are kept. Beyond it, those of dropped traces are forgotten. */
const MAXIMUM_IDS = 2_000;

/** What reports the changes of each topic, except those that the recorder reports. */
export type ChangeSources = Readonly<Record<Exclude<Topic, 'traces' | 'traffic'>, readonly Changes[]>>;

/**
 * Sends the changes as server-sent events, each named for its topic, until the client disconnects.
 * The data of `traces` are the IDs of the changed traces; the other events have none.
 */
export function sendChanges(recorder: Recorder, sources: ChangeSources, response: ServerResponse): void {
  // A response that is already destroyed emits no `close`.
  if (response.destroyed) return;
  const { traces, traffic } = recorder;
  const stream = new EventStream(response);
  const changed = new Set<string>();
  const tellTraces = () => {
    const kept = [...changed].filter((trace) => traces.trace(trace));
    changed.clear();
    return { traces: kept };
  };
  const stopTraces = traces.onChange(({ trace }) => {
    changed.add(trace);
    stream.gather('traces', GATHERING_MS, tellTraces);
    if (changed.size > MAXIMUM_IDS) for (const id of changed) if (!traces.trace(id)) changed.delete(id);
  });
  let expiry: NodeJS.Timeout | undefined;
  const tellTraffic = () => {
    clearTimeout(expiry);
    // The figures change without traffic, too: they are about the last minutes.
    if (traffic.recent.length > 0)
      expiry = setTimeout(() => stream.gather('traffic', GATHERING_MS, tellTraffic), SLICE_MS);
    return {};
  };
  const stops = Object.entries(sources).flatMap(([topic, changes]) => {
    const ms = topic === 'metrics' ? SLOWLY_GATHERING_MS : GATHERING_MS;
    return changes.map((source) => source.on(() => stream.gather(topic, ms, () => ({}))));
  });
  stops.push(traffic.changes.on(() => stream.gather('traffic', SLOWLY_GATHERING_MS, tellTraffic)));
  response.on('close', () => {
    clearTimeout(expiry);
    for (const stop of [stopTraces, ...stops]) stop();
  });
}
