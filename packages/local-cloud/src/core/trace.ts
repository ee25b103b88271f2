import { createHash } from 'node:crypto';
import * as z from 'zod/mini';

/**
 * The cause of something in the cloud: the request, the message or the tick of a schedule that
 * began it. `trace` is the unique part of an X-Ray trace ID, 24 hexadecimal digits. A batch has
 * several causes: `members` has the cause of each item under its key. `step` is the recorded step
 * that led here, on which no random number depends.
 */
export interface Cause {
  trace: string;
  step?: number;
  members?: ReadonlyMap<string, Cause>;
  /** Whether the work waited while the local cloud was stopped, and continues after the restart. */
  resumed?: true;
}

/** A cause in a journal. The steps that it refers to do not outlive the process. */
export const KeptCause = z.pipe(
  z.object({ trace: z.string(), members: z.array(z.tuple([z.string(), z.string()])) }),
  z.transform(({ trace, members }): Cause => {
    const resumed = (own: string) => ({ trace: own, resumed: true }) as const;
    if (members.length === 0) return resumed(trace);
    return { ...resumed(trace), members: new Map(members.map(([key, member]) => [key, resumed(member)])) };
  }),
);

export function keptCause({ trace, members }: Cause): z.input<typeof KeptCause> {
  return { trace, members: [...(members ?? [])].map(([key, member]) => [key, member.trace]) };
}

/** Returns whether a cause, or that of an item of its batch, continues after a restart. */
export function isResumed({ members, resumed }: Cause): boolean {
  return members ? [...members.values()].some(isResumed) : resumed === true;
}

/** The number of origins that are remembered, in order to number equal ones. */
const REMEMBERED = 10_000;

/**
 * Makes the causes of a cloud. They depend on the seed and the origin alone: the n-th of equal
 * requests has the same trace in every run, however many other requests there are.
 */
export class Tracer {
  readonly #seed: string;
  readonly #occurrences = new Map<string, number>();

  constructor(seed: string) {
    this.#seed = seed;
  }

  /**
   * @param origin a text that is the same in every run, e.g. the method, path and body of a request
   */
  begin(origin: string): Cause {
    const key = digest(this.#seed, origin);
    const occurrence = this.#occurrences.get(key) ?? 0;
    this.#occurrences.delete(key);
    this.#occurrences.set(key, occurrence + 1);
    const [oldest] = this.#occurrences.keys();
    if (this.#occurrences.size > REMEMBERED && oldest !== undefined) this.#occurrences.delete(oldest);
    return { trace: digest(key, String(occurrence)) };
  }
}

function digest(...parts: string[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 24);
}

/**
 * Returns the cause of content that a batch led to: of the items whose keys it contains, or of the
 * whole batch.
 */
export function causeOf(cause: Cause, content: string): Cause {
  const named = [...(cause.members ?? [])].filter(([key]) => content.includes(key));
  const [[, member] = []] = named;
  if (!member) return cause;
  return named.length === 1 ? member : { trace: member.trace, members: new Map(named) };
}

/** Returns the traces of a cause: one, or those of the members of a batch. */
export function tracesOf({ trace, members }: Cause): string[] {
  return members ? [...members.values()].map((member) => member.trace) : [trace];
}

/** Returns the beginning of X-Ray's header. Source: X-Ray Developer Guide, "Tracing header". */
export function rootOf({ trace }: Cause, now: number): string {
  const seconds = Math.floor(now / 1000)
    .toString(16)
    .padStart(8, '0');
  return `Root=1-${seconds}-${trace}`;
}
