import { seededChance } from '../../../src/core/chance.ts';
import { type Clock, realClock } from '../../../src/core/clock.ts';
import { Faults } from '../../../src/core/faults.ts';
import { Recorder } from '../../../src/core/recorder.ts';
import { Concurrency } from '../../../src/services/lambda/concurrency.ts';
import type { FunctionServices } from '../../../src/services/lambda/function.ts';
import { RecordedLog } from '../../fixtures/recorded-log.ts';

/** Returns the services of a function, without faults. */
export function functionServices(clock: Clock = realClock, limit = 1_000): FunctionServices {
  return {
    clock,
    concurrency: new Concurrency(limit, 'ConcurrentInvocationLimitExceeded'),
    faults: new Faults({ chance: seededChance('test'), clock, log: new RecordedLog() }),
    recorder: new Recorder(clock, false),
    running: new Map(),
  };
}
