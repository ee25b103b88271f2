import { parse } from '@aws-sdk/util-arn-parser';
import * as z from 'zod/mini';
import type { Chance } from '../../core/chance.ts';
import { type Clock, sleep } from '../../core/clock.ts';
import type { SendDeadLetter } from '../../core/dead-letter.ts';
import { ConnectionDropped } from '../../core/faults.ts';
import { deliveryHop, type Hop, hopName } from '../../core/hop.ts';
import type { Log } from '../../core/log.ts';
import { type PassageServices, pass } from '../../core/passage.ts';
import { AwsError } from '../../core/service.ts';
import type { Cause } from '../../core/trace.ts';
import type { Target } from './event-resources.ts';
import type { InputContext, InputRenderer } from './input-transformer.ts';

/**
 * An event as targets and archives see it. Source: EventBridge Events Reference, "AWS service event
 * metadata".
 */
export const Event = z.object({
  version: z.literal('0'),
  id: z.string(),
  'detail-type': z.string(),
  source: z.string(),
  account: z.string(),
  time: z.string(),
  region: z.string(),
  /** The name of the replay, in a replayed event. */
  'replay-name': z.optional(z.string()),
  resources: z.array(z.string()),
  detail: z.record(z.string(), z.unknown()),
});
export type Event = z.infer<typeof Event>;

/**
 * Hands a payload to the resource with this ARN for a rule; rejects if the resource does not accept
 * it.
 */
export type Invoke = (
  arn: string,
  payload: string,
  rule: { name: string; arn: string },
  cause: Cause,
) => Promise<void>;

export interface DeliveryServices extends PassageServices {
  clock: Clock;
  chance: Chance;
  log: Log;
  invoke: Invoke;
  sendDeadLetter: SendDeadLetter;
  /**
   * @throws {AwsError} unless the policy of the resource allows the service to act on it for the
   * source
   */
  authorizeService: (principal: string, action: string, resource: string, sourceArn: string) => void;
  /** Returns the name of a target in the log and in hops. */
  labelOf: (arn: string) => string;
}

/** The service that the resource policies of targets and dead-letter queues must allow. */
export const PRINCIPAL = 'events.amazonaws.com';

const FIRST_RETRY_MS = 1_000;
/** With this, and jitter that takes a quarter off on average, 185 retries take about 24 hours. */
const LAST_RETRY_MS = 640_000;

/** The progress of a delivery. Times are milliseconds since the epoch. */
export const Progress = z.object({
  acceptedAt: z.number(),
  /** The event waits until then. */
  waitsUntil: z.number(),
  retries: z.number(),
});
export type Progress = z.infer<typeof Progress>;

/** An event for a target of a rule. */
export interface Delivery {
  event: Event;
  target: Target;
  render: InputRenderer;
  context: InputContext;
  progress: Progress;
  /** Called with the progress before the event waits for a retry. */
  keep: (progress: Progress) => void;
}

/**
 * Delivers an event to a target at least once: retries within the target's retry policy, with
 * exponential back-off and jitter, then sends the event to the target's dead-letter queue. Never
 * rejects.
 * Source: EventBridge User Guide, "How EventBridge retries delivering events" and "Using
 * dead-letter queues to process undelivered events".
 */
export async function deliver(delivery: Delivery, cause: Cause, services: DeliveryServices): Promise<void> {
  const { event, target, context, keep, progress } = delivery;
  const { clock, chance, log, sendDeadLetter, authorizeService, labelOf } = services;
  const hop = deliveryHop(context.ruleName, labelOf(target.Arn));
  const name = hopName(hop);
  const { MaximumRetryAttempts, MaximumEventAgeInSeconds } = target.RetryPolicy;
  // A clock that starts anew can be behind the one of the previous process.
  const acceptedAt = Math.min(progress.acceptedAt, clock.now());
  let { waitsUntil } = progress;
  for (let { retries } = progress; ; retries++) {
    const wait = Math.min(waitsUntil - clock.now(), LAST_RETRY_MS);
    if (wait > 0) await sleep(clock, wait);
    const failure = await attempt(delivery, hop, cause, services);
    if (!failure) return;
    const { code, message, retriable } = failure;
    const jitter = 0.5 + chance(name, `${cause.trace} ${retries}`) / 2;
    const delay = Math.min(FIRST_RETRY_MS * 2 ** retries, LAST_RETRY_MS) * jitter;
    const tooOld = clock.now() + delay - acceptedAt > MaximumEventAgeInSeconds * 1000;
    const exhausted = retries >= MaximumRetryAttempts;
    if (retriable && !tooOld && !exhausted) {
      log.warn(name, `failed (${code}: ${message}), retry in ${Math.round(delay / 1000)} s`);
      waitsUntil = clock.now() + delay;
      keep({ acceptedAt, waitsUntil, retries: retries + 1 });
      continue;
    }
    log.error(name, `given up after ${retries} retries (${code}: ${message})`);
    const queueArn = target.DeadLetterConfig?.Arn;
    if (queueArn === undefined) return;
    return sendDeadLetter({
      queueArn,
      body: JSON.stringify(event),
      attributes: {
        RULE_ARN: context.ruleArn,
        TARGET_ARN: target.Arn,
        ERROR_CODE: code,
        ERROR_MESSAGE: message,
        RETRY_ATTEMPTS: String(retries),
        ...(retriable && {
          EXHAUSTED_RETRY_CONDITION: exhausted ? 'MaximumRetryAttempts' : 'MaximumEventAgeInSeconds',
        }),
      },
      authorize: () => authorizeService(PRINCIPAL, 'sqs:SendMessage', queueArn, context.ruleArn),
      failed: { hop, cause },
    });
  }
}

/**
 * Delivers an event to a target once, without retries and dead letters.
 * @throws {Error} with the reason, if the target does not accept the event
 */
export async function deliverOnce(
  delivery: Pick<Delivery, 'event' | 'target' | 'render' | 'context'>,
  cause: Cause,
  services: DeliveryServices,
): Promise<void> {
  const { target, context } = delivery;
  const hop = deliveryHop(context.ruleName, services.labelOf(target.Arn));
  const failure = await attempt(delivery, hop, cause, services);
  if (failure) throw new Error(`${failure.code}: ${failure.message}`);
}

/** The operation that delivers to a target, by its service. */
const operations: Readonly<Record<string, string>> = {
  events: 'Archive',
  sns: 'Publish',
  sqs: 'SendMessage',
};

/** Returns the reason why the target did not accept the event; `undefined` if it did. */
async function attempt(
  { event, target, render, context }: Pick<Delivery, 'event' | 'target' | 'render' | 'context'>,
  hop: Hop,
  cause: Cause,
  services: DeliveryServices,
): Promise<Failure | undefined> {
  const { service } = parse(target.Arn);
  const point = { hop, service, operation: operations[service] ?? 'Invoke' };
  const rule = { name: context.ruleName, arn: context.ruleArn };
  try {
    const payload = render(event, context);
    services.log.trace(hopName(hop), payload);
    await pass(services, point, cause, {
      step: { kind: 'delivery', to: target.Arn, payload },
      act: (own = cause) => services.invoke(target.Arn, payload, rule, own),
    });
    return undefined;
  } catch (error) {
    return failureOf(error);
  }
}

/** Why a target did not accept an event, by the error codes of dead letters. */
interface Failure {
  code: string;
  message: string;
  /** Whether a retry may help. It does not if a permission or the resource is missing. */
  retriable: boolean;
}

function failureOf(error: unknown): Failure {
  const message = error instanceof Error ? error.message : String(error);
  const retried = (code: string) => ({ code, message, retriable: true });
  const final = (code: string) => ({ code, message, retriable: false });
  if (error instanceof ConnectionDropped) return retried('CONNECTION_FAILURE');
  if (!(error instanceof AwsError)) return retried('INTERNAL_ERROR');
  const { code, status } = error;
  if (status === 429 || /Throttl/.test(code)) return retried('THROTTLING');
  if (status >= 500) return retried('ERROR_FROM_TARGET');
  if (/AccessDenied|Authorization/.test(code)) return final('NO_PERMISSIONS');
  if (/NotFound/.test(code)) return final('NO_RESOURCE');
  return final(code === 'INVALID_JSON' ? code : 'INVALID_PARAMETER');
}
