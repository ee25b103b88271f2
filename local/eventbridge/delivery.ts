import type { Chance } from '../chance.ts';
import { type Clock, sleep } from '../clock.ts';
import type { SendDeadLetter } from '../dead-letter.ts';
import type { Log } from '../log.ts';
import { AwsError } from '../service.ts';
import type { Target } from './event-resources.ts';
import type { InputContext, InputRenderer } from './input-transformer.ts';

/** An event as targets and archives see it. Source: EventBridge Events Reference, "AWS service event metadata". */
export interface Event {
  version: '0';
  id: string;
  'detail-type': string;
  source: string;
  account: string;
  time: string;
  region: string;
  resources: string[];
  detail: unknown;
}

/** Hands a payload over to the resource with this ARN; rejects if it does not take it. */
export type Invoke = (arn: string, payload: string) => Promise<void>;

export interface DeliveryServices {
  clock: Clock;
  chance: Chance;
  log: Log;
  invoke: Invoke;
  sendDeadLetter: SendDeadLetter;
}

const FIRST_RETRY_MS = 1_000;
/** With this, 185 attempts take 24 hours. */
const LAST_RETRY_MS = 480_000;

/**
 * Delivers one event to one target of a rule: at least once, retried within the target's retry policy with exponential
 * back-off and jitter, then sent to the target's dead-letter queue. Never rejects.
 * Source: EventBridge User Guide, "How EventBridge retries delivering events" and "Using dead-letter queues".
 */
export async function deliver(
  event: Event,
  target: Target,
  render: InputRenderer,
  context: InputContext,
  { clock, chance, log, invoke, sendDeadLetter }: DeliveryServices,
): Promise<void> {
  const hop = `${context.ruleName} → ${target.Arn.split(':').at(-1)}`;
  const { MaximumRetryAttempts, MaximumEventAgeInSeconds } = target.RetryPolicy;
  const accepted = clock.now();
  for (let retries = 0; ; retries++) {
    let failure: AwsError;
    try {
      const payload = render(event, context);
      log.trace(hop, payload);
      await invoke(target.Arn, payload);
      return;
    } catch (error) {
      failure = error instanceof AwsError ? error : new AwsError('INTERNAL_ERROR', String(error), 500);
    }
    const jitter = 0.5 + chance(hop, `${event.id} ${retries}`) / 2;
    const delay = Math.min(FIRST_RETRY_MS * 2 ** retries, LAST_RETRY_MS) * jitter;
    const tooOld = clock.now() + delay - accepted > MaximumEventAgeInSeconds * 1000;
    const exhausted = retries >= MaximumRetryAttempts;
    if (isRetriable(failure) && !tooOld && !exhausted) {
      log.warn(
        hop,
        `failed (${failure.code}: ${failure.message}), tried again in ${Math.round(delay / 1000)} s`,
      );
      await sleep(clock, delay);
      continue;
    }
    log.error(hop, `given up after ${retries} retries (${failure.code}: ${failure.message})`);
    if (!target.DeadLetterConfig) return;
    await sendDeadLetter(target.DeadLetterConfig.Arn, JSON.stringify(event), {
      RULE_ARN: context.ruleArn,
      TARGET_ARN: target.Arn,
      ERROR_CODE: failure.code,
      ERROR_MESSAGE: failure.message,
      RETRY_ATTEMPTS: String(retries),
      ...(isRetriable(failure) && {
        EXHAUSTED_RETRY_CONDITION: exhausted ? 'MaximumRetryAttempts' : 'MaximumEventAgeInSeconds',
      }),
    });
    return;
  }
}

/** What the target refuses for good, for want of permission or of a resource, is not tried again. */
function isRetriable({ code, status }: AwsError): boolean {
  return status >= 500 || code.startsWith('Throttl');
}
