import * as z from 'zod/mini';
import { sleep } from '../../core/clock.ts';
import type { Log } from '../../core/log.ts';
import { AwsError } from '../../core/service.ts';
import { TooManyRequests } from './concurrency.ts';
import type { FailedInvocation } from './execution-environment.ts';
import { describeFailure } from './failed-invocation.ts';
import {
  type FailureDestinations,
  type FailureServices,
  type GivenUpEvent,
  reportFailure,
} from './failure-report.ts';
import type { EventInvokeConfigProperties, FunctionProperties } from './lambda-resources.ts';

/** The progress of an event in the event queue of a function. Times are milliseconds since the epoch. */
export const Progress = z.object({
  acceptedAt: z.number(),
  /** The event waits until then. */
  waitsUntil: z.number(),
  /** The number of attempts that ran the function. */
  runs: z.number(),
  /** The number of attempts since then that Lambda refused. */
  refusals: z.number(),
});
export type Progress = z.infer<typeof Progress>;

/** An event in the event queue of a function. */
interface QueuedEvent extends Pick<GivenUpEvent, 'target' | 'payload' | 'invoker' | 'requestId'> {
  progress: Progress;
  /** Called with the progress before the event waits. */
  keep: (progress: Progress) => void;
}

/** How the asynchronous invocations of a function are retried, and where failed events go. */
export interface InvokeConfig extends FailureDestinations {
  maximumRetryAttempts: number;
  maximumEventAgeMs: number;
}

/**
 * Returns the configuration of a function; without `EventInvokeConfig`, it consists of AWS's
 * defaults.
 */
export function invokeConfig(
  config: Partial<EventInvokeConfigProperties> = {},
  { DeadLetterConfig }: Partial<FunctionProperties> = {},
): InvokeConfig {
  const { MaximumRetryAttempts = 2, MaximumEventAgeInSeconds = 6 * 3600, DestinationConfig } = config;
  return {
    maximumRetryAttempts: MaximumRetryAttempts,
    maximumEventAgeMs: MaximumEventAgeInSeconds * 1000,
    onFailure: DestinationConfig?.OnFailure?.Destination,
    deadLetterQueue: DeadLetterConfig?.TargetArn,
  };
}

const RETRY_DELAYS_MS = [60_000, 120_000];
const MAXIMUM_BACK_OFF_MS = 300_000;

/**
 * Invokes a function as Lambda's event queue does. Resolves once the event is processed or given
 * up.
 *
 * - An error of the function has two retries, the first after one minute and the second after two
 *   more.
 * - An invocation that Lambda refuses, for lack of concurrency or because of its own error, returns
 *   to the queue for 1 second at first and twice as long each time, at most 5 minutes. It does not
 *   count as an attempt.
 * - An event without attempts left, or one that would exceed its maximum age, is given up and its
 *   failure reported.
 *
 * Source: AWS Lambda Developer Guide, "How Lambda handles errors and retries with asynchronous
 * invocation".
 */
export async function invokeAsynchronously(
  event: QueuedEvent,
  config: InvokeConfig,
  services: FailureServices & { log: Log },
): Promise<void> {
  const { clock, log } = services;
  const { target } = event;
  // A clock that starts anew can be behind the one of the previous process.
  const acceptedAt = Math.min(event.progress.acceptedAt, clock.now());
  let { runs, refusals, waitsUntil } = event.progress;
  for (;;) {
    const wait = Math.min(waitsUntil - clock.now(), MAXIMUM_BACK_OFF_MS);
    if (wait > 0) await sleep(clock, wait);
    const failure = await attempt(event);
    if (!failure) return;
    let delay: number;
    if (failure instanceof AwsError) {
      delay = Math.min(1000 * 2 ** refusals++, MAXIMUM_BACK_OFF_MS);
    } else {
      delay = RETRY_DELAYS_MS[Math.min(runs++, RETRY_DELAYS_MS.length - 1)] ?? 0;
      refusals = 0;
    }
    const condition = target.disabled
      ? 'ZeroReservedConcurrency'
      : runs > config.maximumRetryAttempts
        ? 'RetriesExhausted'
        : clock.now() + delay - acceptedAt > config.maximumEventAgeMs
          ? 'EventAgeExceeded'
          : undefined;
    if (condition) {
      log.error(target.label, `given up after ${runs} attempts, ${condition} (${describe(failure)})`);
      await reportFailure({ ...event, condition, runs, failure }, config, services);
      return;
    }
    log.warn(target.label, `failed (${describe(failure)}), retry in ${delay / 1000} s`);
    waitsUntil = clock.now() + delay;
    event.keep({ acceptedAt, waitsUntil, runs, refusals });
  }
}

async function attempt({
  target,
  payload,
  invoker,
  requestId,
}: QueuedEvent): Promise<FailedInvocation | AwsError | undefined> {
  try {
    const result = await target.invoke(payload, invoker, requestId);
    return result.ok ? undefined : result;
  } catch (error) {
    if (error instanceof AwsError) return error;
    throw error;
  }
}

function describe(failure: FailedInvocation | AwsError): string {
  if (failure instanceof TooManyRequests) return `${failure.code}: ${failure.message} ${failure.reason}`;
  if (failure instanceof AwsError) return `${failure.code}: ${failure.message}`;
  return describeFailure(failure);
}
