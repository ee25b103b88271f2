import { RequestFailed } from './api.ts';
import { backoff } from './backoff.ts';

/** Why a read failed. */
export interface ReadFailure {
  /** The end of a sentence. */
  reason: string;
  /**
   * When the read is retried, in milliseconds since the epoch. Absent if a retry would not help.
   */
  retryAt?: number;
}

/** Retries a failed read with growing delays, but not before the server wants it. */
export class ReadRetry {
  readonly #random: () => number;
  #failures = 0;
  #again: (() => void) | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** When the server wants the retry at the earliest, in milliseconds since the epoch. */
  #earliest = 0;
  #hasEnded = false;

  constructor(random = Math.random) {
    this.#random = random;
  }

  /** Takes the place of a planned retry. Call it when a read begins. */
  begin(): void {
    clearTimeout(this.#timer);
    this.#again = undefined;
  }

  succeed(): void {
    this.#failures = 0;
  }

  /** Plans to call `again` if that could help. */
  fail(error: unknown, again: () => void): ReadFailure {
    const reason = reasonOf(error);
    if (this.#hasEnded || !(error instanceof RequestFailed) || !isTemporary(error)) return { reason };
    this.#failures++;
    const wanted = (error.retryAfter ?? 0) * 1000;
    const delay = backoff(this.#failures, this.#random) + wanted;
    this.#earliest = Date.now() + wanted;
    this.#again = again;
    this.#timer = setTimeout(() => this.now(), delay);
    return { reason, retryAt: Date.now() + delay };
  }

  /**
   * Makes the planned retry now, e.g. because the browser is online again. If that is earlier than
   * the server wants it, the retry stays planned.
   */
  now(): void {
    if (Date.now() < this.#earliest) return;
    const again = this.#again;
    this.begin();
    again?.();
  }

  /** Ends the retries for good. */
  end(): void {
    this.#hasEnded = true;
    this.begin();
  }
}

function isTemporary({ status }: RequestFailed): boolean {
  return status === undefined || status === 429 || status >= 500;
}

function reasonOf(error: unknown): string {
  if (!(error instanceof RequestFailed)) return String(error);
  const { status, message } = error;
  if (status === undefined) return 'the server cannot be reached';
  if (status === 429) return 'too many requests arrive at the moment';
  if (status >= 500) return 'the server has a problem';
  return message.charAt(0).toLowerCase() + message.slice(1).replace(/\.$/, '');
}
