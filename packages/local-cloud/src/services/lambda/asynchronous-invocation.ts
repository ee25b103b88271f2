import { randomUUID } from 'node:crypto';
import { sleep } from '../../core/clock.ts';
import type { Log } from '../../core/log.ts';
import { AwsError } from '../../core/service.ts';
import { TooManyRequests } from './concurrency.ts';
import type { FailedInvocation } from './execution-environment.ts';
import {
  type FailureDestinations,
  type FailureServices,
  type GivenUpEvent,
  reportFailure,
} from './failure-report.ts';
import type { EventInvokeConfigProperties, FunctionProperties } from './lambda-resources.ts';

/** An event in the event queue of a function. */
type QueuedEvent = Pick<GivenUpEvent, 'target' | 'payload' | 'invoker'>;

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
  const requestId = randomUUID();
  const accepted = clock.now();
  let runs = 0;
  let refusals = 0;
  for (;;) {
    const failure = await attempt(event, requestId);
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
        : clock.now() + delay - accepted > config.maximumEventAgeMs
          ? 'EventAgeExceeded'
          : undefined;
    if (condition) {
      log.error(target.label, `given up after ${runs} attempts, ${condition} (${describe(failure)})`);
      await reportFailure({ ...event, requestId, condition, runs, failure }, config, services);
      return;
    }
    log.warn(target.label, `failed (${describe(failure)}), retry in ${delay / 1000} s`);
    await sleep(clock, delay);
  }
}

async function attempt(
  { target, payload, invoker }: QueuedEvent,
  requestId: string,
): Promise<FailedInvocation | AwsError | undefined> {
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
  return `${failure.errorType}: ${failure.errorMessage}`;
}
