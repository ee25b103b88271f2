import * as z from 'zod/mini';
import type { Chance } from '../../core/chance.ts';
import { sleep } from '../../core/clock.ts';
import { callHop, replayHop } from '../../core/hop.ts';
import type { Journal } from '../../core/journal.ts';
import { type PassageServices, pass } from '../../core/passage.ts';
import type { Cause, Tracer } from '../../core/trace.ts';
import { archiveArn } from './archive-resource.ts';
import type { ArchivedEvent, ArchiveServices, Archives } from './archives.ts';
import type { Ingestion } from './deliveries.ts';
import { Event } from './delivery.ts';
import { eventBusName } from './event-bus-arn.ts';
import type { Rule } from './rule.ts';

export const ReplayState = z.enum(['STARTING', 'RUNNING', 'CANCELLING', 'COMPLETED', 'CANCELLED', 'FAILED']);

/** A replay. Times are milliseconds since the epoch. */
export const Replay = z.object({
  name: z.string(),
  archiveName: z.string(),
  busArn: z.string(),
  /** The only rules that receive the events; every rule of the bus if absent or empty. */
  filterArns: z.optional(z.array(z.string())),
  description: z.optional(z.string()),
  from: z.number(),
  /** Exclusive. */
  to: z.number(),
  /** The end of the last interval whose events are replayed. */
  next: z.number(),
  /** The time in the last event that was replayed. */
  lastReplayed: z.optional(z.number()),
  state: ReplayState,
  reason: z.optional(z.string()),
  startedAt: z.number(),
  endedAt: z.optional(z.number()),
});
export type Replay = z.infer<typeof Replay>;

export interface ReplayRunServices extends ArchiveServices, PassageServices {
  archives: Pick<Archives, 'eventsOf'>;
  /** Begins the deliveries of an event to the targets of a rule. */
  begin(rule: Rule, ingestion: Ingestion, cause: Cause): void;
  chance: Chance;
  /** Keeps these deliveries. */
  journal: Pick<Journal, 'written'>;
  rulesOf(bus: string): Rule[];
  tracer: Tracer;
}

/** A replay processes events in intervals of this length (API Reference, `StartReplay`). */
const INTERVAL_MS = 60_000;
/*
 * AWS documents no pace, except that a quota like that of `PutEvents` applies. This one is at most
 * 1,000 events a second.
 */
const PAUSE_MS = 100;
const EVENTS_BETWEEN_PAUSES = 100;

/**
 * Replays the events of an archive: one minute of event time after another, within a minute in any
 * order. After a restart it repeats the minute in which the process ended, so each event is replayed
 * at least once.
 */
export class ReplayRun {
  readonly #replay: Replay;
  readonly #services: ReplayRunServices;
  readonly #keep: () => void;

  /** @param keep called after each change of the replay */
  constructor(replay: Replay, services: ReplayRunServices, keep: () => void) {
    this.#replay = replay;
    this.#services = services;
    this.#keep = keep;
  }

  /** Runs until the replay is completed, cancelled or failed. */
  async finish(): Promise<void> {
    const replay = this.#replay;
    const { clock, log } = this.#services;
    await sleep(clock, PAUSE_MS);
    if (replay.state === 'STARTING') {
      replay.state = 'RUNNING';
      this.#keep();
    }
    try {
      await this.#replayAll();
      replay.state = this.#isRunning ? 'COMPLETED' : 'CANCELLED';
    } catch (error) {
      replay.state = 'FAILED';
      replay.reason = `${error instanceof Error ? error.message : error}`.slice(0, 512);
      log.error('eventbridge', `the replay ${replay.name} has failed: ${replay.reason}`);
    }
    replay.endedAt = clock.now();
    this.#keep();
  }

  // `CancelReplay` changes the state meanwhile.
  get #isRunning(): boolean {
    return this.#replay.state === 'RUNNING';
  }

  async #replayAll(): Promise<void> {
    const replay = this.#replay;
    const { archives, clock, journal } = this.#services;
    const { archiveName, from, next, to } = replay;
    const events = archives.eventsOf(archiveName, next, to);
    if (!events) throw new Error(`The archive ${archiveName} does not exist.`);
    for (const [interval, some] of [...byInterval(events, from)].sort(([a], [b]) => a - b)) {
      for (const [index, event] of this.#inAnyOrder(some).entries()) {
        if (!this.#isRunning) return;
        await this.#replayEvent(event);
        replay.lastReplayed = event.time;
        if (index % EVENTS_BETWEEN_PAUSES === EVENTS_BETWEEN_PAUSES - 1) await sleep(clock, PAUSE_MS);
      }
      // The deliveries first: what is not yet kept of them is replayed again after a restart.
      await journal.written();
      replay.next = from + (interval + 1) * INTERVAL_MS;
      this.#keep();
      await sleep(clock, PAUSE_MS);
    }
  }

  #inAnyOrder(events: readonly ArchivedEvent[]): ArchivedEvent[] {
    const place = ({ text }: ArchivedEvent) => this.#services.chance(`replay ${this.#replay.name}`, text);
    return events
      .map((event) => ({ event, at: place(event) }))
      .sort((a, b) => a.at - b.at)
      .map(({ event }) => event);
  }

  async #replayEvent({ text }: ArchivedEvent): Promise<void> {
    const { archiveName, busArn, filterArns = [], name } = this.#replay;
    const { account, begin, clock, recorder, rulesOf, tracer } = this.#services;
    const { resources, detail, ...metadata } = Event.parse(JSON.parse(text));
    // In the order of the fields of a replayed event in AWS.
    const event: Event = { ...metadata, 'replay-name': name, resources, detail };
    const rules = rulesOf(eventBusName(busArn)).filter(
      (rule) => (filterArns.length === 0 || filterArns.includes(rule.arn)) && rule.matches(event),
    );
    if (rules.length === 0) return;
    const origin = tracer.begin(`replay ${name} ${event.id}`);
    const request = { hop: callHop('events', 'StartReplay'), to: archiveArn(archiveName, account) };
    const payload = JSON.stringify({ ReplayName: name });
    const cause = recorder.note({ kind: 'request', ...request, payload }, origin);
    for (const rule of rules) {
      const point = { hop: replayHop(archiveName, rule.name), service: 'events', operation: 'Replay' };
      await pass(this.#services, point, cause, {
        step: { kind: 'event', to: rule.arn, payload: JSON.stringify(event) },
        act: async (own = cause) => begin(rule, { event, time: clock.now() }, own),
      });
    }
  }
}

/** Groups events by the number of their interval, counted from the start of the replay. */
function byInterval(events: readonly ArchivedEvent[], from: number): Map<number, ArchivedEvent[]> {
  const intervals = new Map<number, ArchivedEvent[]>();
  for (const event of events) {
    const interval = Math.floor((event.time - from) / INTERVAL_MS);
    const known = intervals.get(interval);
    if (known) known.push(event);
    else intervals.set(interval, [event]);
  }
  return intervals;
}
