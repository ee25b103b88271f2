import { parse } from '@aws-sdk/util-arn-parser';
import type { Service } from '../core/service.ts';
import { type DeliveryServices, type Invoke, PRINCIPAL } from '../services/eventbridge/delivery.ts';
import type { Lambda } from '../services/lambda/lambda.ts';

/** The services whose resources can be targets of rules. */
export interface TargetServices extends Pick<DeliveryServices, 'authorizeService'> {
  lambda: Pick<Lambda, 'invokeAsynchronously'>;
  sns: Service;
  sqs: Service;
}

/**
 * Returns a function that hands payloads to functions, topics and queues for EventBridge, as their
 * resource policies allow. Source: EventBridge User Guide, "Event bus targets in Amazon EventBridge".
 */
export function ruleTargets({ authorizeService, lambda, sns, sqs }: TargetServices): Invoke {
  return async (arn, payload, rule, cause) => {
    const { resource, service } = parse(arn);
    if (service === 'lambda') {
      const forRule = { principal: PRINCIPAL, sourceArn: rule.arn };
      lambda.invokeAsynchronously(arn, payload, { name: rule.name, cause, service: forRule });
    } else if (service === 'sns') {
      authorizeService(PRINCIPAL, 'sns:Publish', arn, rule.arn);
      await sns.call('Publish', { TopicArn: arn, Message: payload }, cause);
    } else {
      authorizeService(PRINCIPAL, 'sqs:SendMessage', arn, rule.arn);
      await sqs.call('SendMessage', { QueueUrl: resource, MessageBody: payload }, cause);
    }
  };
}
