import { parse } from '@aws-sdk/util-arn-parser';
import type { Service } from '../core/service.ts';
import { type DeliveryServices, type Invoke, PRINCIPAL } from '../services/eventbridge/delivery.ts';
import type { Lambda } from '../services/lambda/lambda.ts';

/** The services whose resources can be targets of rules. */
export interface TargetServices extends Pick<DeliveryServices, 'authorizeService'> {
  lambda: Pick<Lambda, 'invokeAsynchronously'>;
  sns: Service;
}

/**
 * Returns a function that hands payloads to functions and topics for EventBridge, as their resource
 * policies allow.
 */
export function ruleTargets({ authorizeService, lambda, sns }: TargetServices): Invoke {
  return async (arn, payload, rule, cause) => {
    if (parse(arn).service === 'lambda') {
      const service = { principal: PRINCIPAL, sourceArn: rule.arn };
      lambda.invokeAsynchronously(arn, payload, { name: rule.name, cause, service });
    } else {
      authorizeService(PRINCIPAL, 'sns:Publish', arn, rule.arn);
      await sns.call('Publish', { TopicArn: arn, Message: payload }, cause);
    }
  };
}
