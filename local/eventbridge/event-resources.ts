import * as z from 'zod/mini';
import { resourceType } from '../template/resource-type.ts';

/** `AWS::Events::EventBus`. */
export const EventBusResource = resourceType(
  z.strictObject({
    Name: z.string(),
    // Without effect on a laptop:
    Description: z.optional(z.string()),
    Tags: z.optional(z.unknown()),
  }),
  {
    name: ({ Name }) => Name,
    arn: (name, account) => `arn:aws:events:${account.region}:${account.id}:event-bus/${name}`,
    attributes: ({ name }) => ({ Name: name }),
  },
);

const Target = z.strictObject({
  Id: z.string(),
  Arn: z.string(),
  DeadLetterConfig: z.optional(z.strictObject({ Arn: z.string() })),
  Input: z.optional(z.string()),
  InputPath: z.optional(z.string()),
  InputTransformer: z.optional(
    z.strictObject({
      InputPathsMap: z.optional(z.record(z.string(), z.string())),
      InputTemplate: z.string(),
    }),
  ),
  // The defaults of AWS: 24 hours or 185 attempts.
  RetryPolicy: z._default(
    z.strictObject({
      MaximumEventAgeInSeconds: z._default(z.number(), 86_400),
      MaximumRetryAttempts: z._default(z.number(), 185),
    }),
    { MaximumEventAgeInSeconds: 86_400, MaximumRetryAttempts: 185 },
  ),
});
export type Target = z.infer<typeof Target>;

/** `AWS::Events::Rule` with an event pattern. Rules that run on a schedule are not supported. */
export const RuleResource = resourceType(
  z.strictObject({
    Name: z.optional(z.string()),
    EventBusName: z._default(z.string(), 'default'),
    EventPattern: z.record(z.string(), z.unknown()),
    State: z._default(z.enum(['ENABLED', 'DISABLED']), 'ENABLED'),
    Targets: z._default(z.array(Target), []),
    Description: z.optional(z.string()),
    Tags: z.optional(z.unknown()),
  }),
  {
    name: ({ Name }, generated) => Name ?? generated,
    arn: (name, { region, id }, { EventBusName: bus }) =>
      `arn:aws:events:${region}:${id}:rule/${bus === 'default' ? '' : `${bus}/`}${name}`,
  },
);
