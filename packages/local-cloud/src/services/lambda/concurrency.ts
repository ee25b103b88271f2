import { AwsError } from '../../core/service.ts';

/** Which limit an invocation is beyond. Source: API reference of `Invoke`, `TooManyRequestsException`. */
type ThrottleReason =
  | 'ConcurrentInvocationLimitExceeded'
  | 'ReservedFunctionConcurrentInvocationLimitExceeded';

/** Lambda's refusal of an invocation for which there is no concurrency. */
export class TooManyRequests extends AwsError {
  readonly reason: ThrottleReason;

  constructor(reason: ThrottleReason) {
    super('TooManyRequestsException', 'Rate Exceeded.', 429);
    this.reason = reason;
  }
}

/**
 * How many invocations may be under way at the same time: those of a function that reserves concurrency for itself, or
 * those of all others together.
 * Source: AWS Lambda Developer Guide, "Understanding Lambda function scaling".
 */
export class Concurrency {
  readonly limit: number;
  readonly #reason: ThrottleReason;
  #underWay = 0;

  constructor(limit: number, reason: ThrottleReason) {
    this.limit = limit;
    this.#reason = reason;
  }

  /** @throws {TooManyRequests} when there is no concurrency for it */
  async run<T>(invocation: () => Promise<T>): Promise<T> {
    if (this.#underWay >= this.limit) throw new TooManyRequests(this.#reason);
    this.#underWay++;
    try {
      return await invocation();
    } finally {
      this.#underWay--;
    }
  }
}
