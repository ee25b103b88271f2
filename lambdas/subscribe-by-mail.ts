import { createHash } from 'node:crypto';
import {
  FilterPolicyLimitExceededException,
  InvalidParameterException,
  SNSClient,
  SubscribeCommand,
} from '@aws-sdk/client-sns';
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
import { giveBack, take } from './subscriptions/rate-limit.ts';

/** The parts used of an event of an API Gateway REST API. */
const Event = z.object({
  body: z.nullable(z.string()),
  requestContext: z.object({ requestId: z.string(), identity: z.object({ sourceIp: z.string() }) }),
});

/** The number of requests that are served in an hour. Each request can make SNS send an e-mail. */
const perIp = 5;
const perAddress = 1;

// Each attempt to subscribe can send an e-mail, even if its response is lost, so the client decides
// whether to retry.
const sns = new SNSClient({ ...sdkSettings, maxAttempts: 1 });

/**
 * Handles `POST /subscriptions`: SNS mails a link to the address and, once the link is opened, each
 * new post in one of the topics. The response, and the calls made for it, are the same whether the
 * address is subscribed or not.
 */
export const handler = httpHandler(Event, async ({ body, requestContext }) => {
  logger.setCorrelationId(requestContext.requestId);
  const subscription = parseBody(NewSubscription, body);
  await admit(`ip#${requestContext.identity.sourceIp}`, perIp, 'your IP address');
  // The table does not store the address itself.
  const address = `address#${createHash('sha256').update(subscription.email.toLowerCase()).digest('hex')}`;
  await admit(address, perAddress, 'this e-mail address');
  try {
    await subscribe(subscription);
  } catch (error) {
    await giveBack(address).catch((error: unknown) =>
      logger.warn('The address stays blocked for an hour although no e-mail was sent to it.', { error }),
    );
    throw error;
  }
  const pending: PendingSubscription = { status: 'pending confirmation' };
  return jsonAnswer(202, pending, {});
});

/**
 * Counts a request against a limit.
 * @throws {HttpProblem} 429 if the limit is reached, 503 if the request could not be counted
 */
async function admit(limit: string, max: number, what: string): Promise<void> {
  const seconds = await take(limit, max).catch((error: unknown) => {
    throw unavailable('The request could not be counted.', error);
  });
  if (seconds === 0) return;
  const times = max === 1 ? 'one request' : `${max} requests`;
  throw new HttpProblem(429, `The limit is ${times} to subscribe an hour for ${what}.`, {
    retryAfter: seconds,
  });
}

/**
 * Subscribes the address with SNS, which sends the confirmation link unless the address is
 * confirmed.
 * @throws {HttpProblem} 503 if the topic has no room or SNS fails; 400 if SNS refuses the address
 */
async function subscribe({ email, topics }: NewSubscription): Promise<void> {
  const topicArn = environment(TOPIC_ARN);
  const policies = await countFilterPolicies(sns, topicArn).catch((error: unknown) => {
    logger.error('The filter policies of the topic could not be counted.', { error });
    return 0;
  });
  // SNS would refuse only an address that it does not know, which reveals whether it knows one.
  if (policies >= Number(environment(FILTER_POLICY_QUOTA))) throw full();
  try {
    await sns.send(
      new SubscribeCommand({
        TopicArn: topicArn,
        Protocol: 'email',
        Endpoint: email,
        // Sorted, so that the order of the topics makes no difference to the filter.
        Attributes: {
          FilterPolicy: JSON.stringify({ topic: topics.toSorted() }),
          FilterPolicyScope: 'MessageBody',
        },
      }),
    );
    logger.info('SNS has the subscription.');
  } catch (error) {
    if (error instanceof FilterPolicyLimitExceededException) throw full();
    const refused = error instanceof InvalidParameterException ? error.message : '';
    if (refused.includes('Email address')) {
      logger.warn('SNS refused the address.', { error });
      const errors = [{ path: '/email', message: 'is not an address that can be subscribed' }];
      throw new HttpProblem(400, 'The request has fields that are not valid.', { errors });
    }
    if (!refused.includes('Subscription already exists with different attributes'))
      throw unavailable('The subscription could not be made.', error);
    logger.info('The address has a subscription to other topics, which stays unchanged.');
  }
}

function full(): HttpProblem {
  logger.error('The topic has as many filter policies as SNS allows.');
  return new HttpProblem(503, 'There is no room for another subscription at the moment.', {
    retryAfter: 3600,
  });
}
