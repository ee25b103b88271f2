import * as z from 'zod/mini';
import { resourceType } from '../../template/resource-type.ts';

const Properties = z.strictObject({
  TopicName: z.optional(z.string()),
  // Ignored locally:
  Tags: z.optional(z.unknown()),
  TracingConfig: z.optional(z.string()),
});

/** `AWS::SNS::Subscription` of an e-mail address. */
export const SubscriptionResource = resourceType(
  z.strictObject({
    TopicArn: z.string(),
    Protocol: z.literal('email', 'only e-mail addresses are supported'),
    Endpoint: z.email(),
  }),
);

export type TopicProperties = z.infer<typeof Properties>;

/** `AWS::SNS::Topic`: a standard topic. */
export const TopicResource = resourceType(Properties, {
  name: (properties, generated) => properties.TopicName ?? generated.slice(0, 256),
  arn: (name, account) => `arn:aws:sns:${account.region}:${account.id}:${name}`,
  ref: ({ arn }) => arn,
  attributes: ({ name, arn }) => ({ TopicArn: arn, TopicName: name }),
});
