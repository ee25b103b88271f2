import { Concurrency } from '../../../local/lambda/concurrency.ts';
import type { FunctionServices } from '../../../local/lambda/function.ts';
import { seededChance } from '../../../packages/local-cloud/src/core/chance.ts';
import { type Clock, realClock } from '../../../packages/local-cloud/src/core/clock.ts';
import { Faults } from '../../../packages/local-cloud/src/core/faults.ts';
import { RecordedLog } from '../../../packages/local-cloud/test/fixtures/recorded-log.ts';

/** Services of a function for which nobody has switched on a fault yet. */
export function functionServices(clock: Clock = realClock, limit = 1_000): FunctionServices {
  return {
    clock,
    concurrency: new Concurrency(limit, 'ConcurrentInvocationLimitExceeded'),
    faults: new Faults({ chance: seededChance('test'), clock, log: new RecordedLog() }),
    running: new Map(),
  };
}
