import * as z from 'zod/mini';

/** The events of a replay, by their times. The end is exclusive. */
export interface ReplaySpan {
  from: Date;
  to: Date;
}

/** The facts about an archive that limit a replay. */
export interface Retention {
  createdAt: Date;
  /** 0 if events are kept forever. */
  days: number;
}

const DAY = 24 * 60 * 60 * 1000;

/** An ISO 8601 time with its offset: without one, it would depend on the machine. */
const Time = z.iso.datetime({ offset: true });

/**
 * Returns the span of two times in ISO 8601.
 * @param now the present time, in milliseconds since the epoch
 * @throws {Error} if one is no such time or in the future, or they are not in order
 */
export function replaySpan(from: string, to: string, now: number): ReplaySpan {
  const span = { from: timeOf('--from', from), to: timeOf('--to', to) };
  if (span.from >= span.to) throw new Error(`--from must be before --to, and ${from} is not before ${to}.`);
  if (span.to.getTime() > now)
    throw new Error(`--to must not be in the future. It is ${iso(new Date(now))} now, and --to is ${to}.`);
  return span;
}

/**
 * Checks that an archive can hold the events of a span.
 * @throws {Error} if it has deleted some, or was created later
 */
export function requireRetained({ from, to }: ReplaySpan, { createdAt, days }: Retention, now: number): void {
  const oldest = new Date(now - days * DAY);
  if (days > 0 && from < oldest)
    throw new Error(
      `--from must not be before ${iso(oldest)}, because the archive keeps events for ${days} days.`,
    );
  if (to <= createdAt)
    throw new Error(`--to must be after ${iso(createdAt)}, because the archive has no earlier events.`);
}

/** Returns a time in ISO 8601, to the second. */
export function iso(time: Date): string {
  return time.toISOString().replace(/\.\d+/, '');
}

function timeOf(option: string, text: string): Date {
  const { data } = Time.safeParse(text);
  if (data === undefined)
    throw new Error(`${option} must be a time in ISO 8601 such as 2026-11-29T00:00:00Z, not "${text}".`);
  return new Date(data);
}
