import { AwsError } from '../../core/service.ts';

/** AWS documents no limit. This one takes about a second, far more than any ordinary event needs. */
const MAXIMUM_STEPS = 5_000_000;

/** Counts the steps of matching one event. */
export class Steps {
  taken = 0;

  /** @throws {AwsError} `LimitExceededException` after the maximum number of steps */
  take(count = 1): void {
    this.taken += count;
    if (this.taken > MAXIMUM_STEPS)
      throw new AwsError(
        'LimitExceededException',
        `Matching the event pattern takes more than ${MAXIMUM_STEPS} steps for this event.`,
      );
  }
}
