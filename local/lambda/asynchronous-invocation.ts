import { randomUUID } from 'node:crypto';
import { type Clock, sleep } from '../clock.ts';
import type { SendDeadLetter } from '../dead-letter.ts';
import type { Log } from '../log.ts';
import type { LambdaFunction } from './function.ts';

/** How the asynchronous invocations of a function are retried; the values of its `EventInvokeConfig`. */
export interface InvokeConfig {
  maximumRetryAttempts: number;
  maximumEventAgeMs: number;
  /** The ARN of the queue for events that were given up. */
  onFailure: string | undefined;
}

/** What AWS uses for a function without `EventInvokeConfig`. */
export const defaultInvokeConfig: InvokeConfig = {
  maximumRetryAttempts: 2,
  maximumEventAgeMs: 6 * 3600_000,
  onFailure: undefined,
};

const RETRY_DELAYS_MS = [60_000, 120_000];

/**
 * Invokes a function as Lambda's event queue does: a failed invocation is tried again after one minute and after two
 * more, then a record of it goes to the failure destination. Resolves when the event is done with, either way.
 * Source: AWS Lambda Developer Guide, "How Lambda handles errors and retries with asynchronous invocation" and
 * "Retaining records of asynchronous invocations".
 */
export async function invokeAsynchronously(
  target: LambdaFunction,
  payload: string,
  config: InvokeConfig,
  { clock, log, sendDeadLetter }: { clock: Clock; log: Log; sendDeadLetter: SendDeadLetter },
): Promise<void> {
  const accepted = clock.now();
  for (let attempt = 0; ; attempt++) {
    const result = await target.invoke(payload);
    if (result.ok) return;
    const delay = RETRY_DELAYS_MS[Math.min(attempt, RETRY_DELAYS_MS.length - 1)] ?? 0;
    const tooOld = clock.now() + delay - accepted > config.maximumEventAgeMs;
    const exhausted = attempt >= config.maximumRetryAttempts;
    if (!exhausted && !tooOld) {
      log.warn(
        target.label,
        `failed (${result.errorType}: ${result.errorMessage}), tried again in ${delay / 1000} s`,
      );
      await sleep(clock, delay);
      continue;
    }
    log.error(
      target.label,
      `given up after ${attempt + 1} attempts (${result.errorType}: ${result.errorMessage})`,
    );
    if (!config.onFailure) return;
    const { errorType, errorMessage, trace } = result;
    await sendDeadLetter(
      config.onFailure,
      JSON.stringify({
        version: '1.0',
        timestamp: new Date(clock.now()).toISOString(),
        requestContext: {
          requestId: randomUUID(),
          functionArn: `${target.arn}:$LATEST`,
          condition: exhausted ? 'RetriesExhausted' : 'EventAgeExceeded',
          approximateInvokeCount: attempt + 1,
        },
        requestPayload: JSON.parse(payload),
        responseContext: { statusCode: 200, executedVersion: '$LATEST', functionError: 'Unhandled' },
        responsePayload: { errorType, errorMessage, trace },
      }),
    );
    return;
  }
}
