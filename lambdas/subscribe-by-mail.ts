import { setTimeout } from 'node:timers/promises';
import { SNSClient } from '@aws-sdk/client-sns';
import * as z from 'zod/mini';
import { NewSubscription, type PendingSubscription } from '../model/subscription.ts';
import { HttpProblem, jsonAnswer } from './http/http-answer.ts';
import { httpHandler, unavailable } from './http/http-handler.ts';
import { parseBody } from './http/request-body.ts';
import { environment } from './runtime/environment.ts';
import { logger } from './runtime/logger.ts';
import { sdkSettings } from './runtime/sdk-settings.ts';
import { FILTER_POLICY_QUOTA, TOPIC_ARN } from './subscriptions/environment.ts';
import { countFilterPolicies } from './subscriptions/filter-policies.ts';
import { type LimitKey, readLimitKey } from './subscriptions/limit-key.ts';
import { mailboxOf } from './subscriptions/mailbox.ts';
import { giveBack, pendingSeconds, take } from './subscriptions/rate-limit.ts';
import { roomFor } from './subscriptions/room.ts';
import { noRoom, subscribeAddress } from './subscriptions/subscribe-address.ts';

/** The parts used of an event of an API Gateway REST API. */
const Event = z.object({
  body: z.nullable(z.string()),
  requestContext: z.object({ requestId: z.string(), identity: z.object({ sourceIp: z.string() }) }),
});

/** The number of requests of an IP address that are served in an hour. */
const perIp = 5;

/**
 * The minimum time of a request in milliseconds. A request that makes fewer calls than others would
 * otherwise reveal, by its time, that the address is subscribed or over its limit.
 */
const minimumTime = 150;

// Each attempt to subscribe can send an e-mail, even if its response is lost, so the client decides
// whether to retry.
const sns = new SNSClient({ ...sdkSettings, maxAttempts: 1 });

/**
 * Handles `POST /subscriptions`: SNS mails a link to the address and, once the link is opened, each
 * new post in one of the topics. The response is the same whether the address is subscribed,
 * pending, over its limit, or none of these.
 */
export const handler = httpHandler(Event, async ({ body, requestContext }) => {
  logger.setCorrelationId(requestContext.requestId);
  const subscription = parseBody(NewSubscription, body);
  const { sourceIp } = requestContext.identity;
  const limitKey = await readLimitKey().catch(uncounted);
  const seconds = await counted(limitKey('ip', sourceIp), perIp);
  if (seconds > 0) {
    const detail = `The limit is ${perIp} requests to subscribe an hour for your IP address.`;
    throw new HttpProblem(429, detail, { retryAfter: seconds });
  }
  await Promise.all([request(subscription, sourceIp, limitKey), setTimeout(minimumTime)]);
  const pending: PendingSubscription = { status: 'pending confirmation' };
  return jsonAnswer(202, pending, {});
});

/**
 * Subscribes an address, unless it was requested within the hour. Another e-mail would then follow
 * the first, to an address whose owner may have requested none.
 * @throws {HttpProblem} 503 if the topic has no room, or a service fails; 400 if SNS refuses the
 * address
 */
async function request(subscription: NewSubscription, sourceIp: string, limitKey: LimitKey): Promise<void> {
  const reserve = limitKey('reserve', sourceIp);
  const room = await readRoom();
  if (room === 'none') throw noRoom();
  if (room === 'in reserve') {
    logger.warn('Half of the room for pending subscriptions is taken.');
    if ((await counted(reserve, 1, pendingSeconds)) > 0) throw noRoom();
  }
  const address = limitKey('address', mailboxOf(subscription.email));
  if ((await counted(address, 1)) > 0) {
    logger.info('The address was requested within the hour.');
    return;
  }
  try {
    await subscribeAddress(sns, subscription, limitKey('filter', subscription.email));
  } catch (error) {
    for (const limit of room === 'in reserve' ? [address, reserve] : [address])
      await giveBack(limit).catch((error: unknown) =>
        logger.warn('The limit still counts this request, although it sent no e-mail.', { error }),
      );
    throw error;
  }
}

/**
 * Counts a request against a limit. Returns the seconds to wait, 0 if the request is counted.
 * @throws {HttpProblem} 503 if the request could not be counted
 */
function counted(limit: string, max: number, windowSeconds?: number): Promise<number> {
  return take(limit, max, windowSeconds).catch(uncounted);
}

/** @throws {HttpProblem} 503 */
function uncounted(error: unknown): never {
  throw unavailable('The request could not be counted.', error);
}

/**
 * Returns the room of the topic. SNS would refuse only an address that it does not know, which
 * reveals whether it knows one.
 */
async function readRoom() {
  const subscriptions = await countFilterPolicies(sns, environment(TOPIC_ARN)).catch((error: unknown) => {
    logger.error('The filter policies of the topic could not be counted.', { error });
    return { confirmed: 0, pending: 0 };
  });
  return roomFor(subscriptions, Number(environment(FILTER_POLICY_QUOTA)));
}
