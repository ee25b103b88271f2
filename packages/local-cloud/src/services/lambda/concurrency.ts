import { AwsError } from '../../core/service.ts';

/**
 * The limit that an invocation exceeds. Source: API Reference, `Invoke`,
 * `TooManyRequestsException`.
 */
type ThrottleReason =
  | 'ConcurrentInvocationLimitExceeded'
  | 'ReservedFunctionConcurrentInvocationLimitExceeded';

/** Lambda throttles an invocation. */
export class TooManyRequests extends AwsError {
  readonly reason: ThrottleReason;

  constructor(reason: ThrottleReason) {
    super('TooManyRequestsException', 'Rate Exceeded.', 429);
    this.reason = reason;
  }
}

/**
 * Limits the concurrent invocations: of a function with reserved concurrency, or of all other
 * functions together.
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

  /**
   * Runs an invocation.
   * @throws {TooManyRequests} if it exceeds the concurrency
   */
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
