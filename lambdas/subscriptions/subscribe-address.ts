import {
  FilterPolicyLimitExceededException,
  InvalidParameterException,
  type SNSClient,
  SubscribeCommand,
} from '@aws-sdk/client-sns';
import type { NewSubscription } from '../../model/subscription.ts';
import { HttpProblem } from '../http/http-answer.ts';
import { unavailable } from '../http/http-handler.ts';
import { environment } from '../runtime/environment.ts';
import { logger } from '../runtime/logger.ts';
import { TOPIC_ARN } from './environment.ts';
import { rememberedFilter, rememberFilter } from './requested-filter.ts';

/**
 * Subscribes an address with SNS, which sends the confirmation link unless the address is
 * confirmed. If the address has a pending subscription to other topics, SNS sends the link of that
 * one again. Each call has a filter policy, because the address could confirm a subscription
 * without one and receive every post.
 * @param filterKey the key under which the filter policy of the address is stored
 * @throws {HttpProblem} 503 if the topic has no room or SNS fails; 400 if SNS refuses the address
 */
export async function subscribeAddress(
  sns: SNSClient,
  { email, topics }: NewSubscription,
  filterKey: string,
): Promise<void> {
  // Sorted, so that the order of the topics makes no difference to the filter.
  const filterPolicy = JSON.stringify({ topic: topics.toSorted() });
  if (await isAccepted(sns, email, filterPolicy)) {
    logger.info('SNS has accepted the subscription.');
    await rememberFilter(filterKey, filterPolicy).catch((error: unknown) =>
      logger.warn('The topics could not be stored. A request for other topics will send no e-mail.', {
        error,
      }),
    );
    return;
  }
  logger.info('The address has a subscription to other topics, which stays unchanged.');
  try {
    const earlier = await rememberedFilter(filterKey);
    if (earlier !== undefined) await isAccepted(sns, email, earlier);
  } catch (error) {
    // The response must not reveal that SNS knows the address.
    logger.error('The link to the other topics could not be sent again.', { error });
  }
}

/**
 * Subscribes an address with a filter policy. Returns false if the address has another one.
 * @throws {HttpProblem} as `subscribeAddress` does
 */
async function isAccepted(sns: SNSClient, email: string, filterPolicy: string): Promise<boolean> {
  try {
    await sns.send(
      new SubscribeCommand({
        TopicArn: environment(TOPIC_ARN),
        Protocol: 'email',
        Endpoint: email,
        Attributes: { FilterPolicy: filterPolicy, FilterPolicyScope: 'MessageBody' },
      }),
    );
    return true;
  } catch (error) {
    if (error instanceof FilterPolicyLimitExceededException) throw noRoom();
    const refused = error instanceof InvalidParameterException ? error.message : '';
    if (refused.includes('Email address')) {
      logger.warn('SNS refused the address.', { error });
      const errors = [{ path: '/email', message: 'is not an address that can be subscribed' }];
      throw new HttpProblem(400, 'The request has fields that are not valid.', { errors });
    }
    if (refused.includes('Subscription already exists with different attributes')) return false;
    throw unavailable('The subscription could not be made.', error);
  }
}

/** Logs that the topic has no room, and returns the 503 for the client. */
export function noRoom(): HttpProblem {
  logger.error('The topic has no room for another subscription.');
  return new HttpProblem(503, 'There is no room for another subscription at the moment.', {
    retryAfter: 3600,
  });
}
