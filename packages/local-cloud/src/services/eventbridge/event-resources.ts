import * as z from 'zod/mini';
import { type Account, compiledBy, resourceType } from '../../template/resource-type.ts';
import { constrained, Identifier } from './constraints.ts';
import { eventBusArn } from './event-bus-arn.ts';
import { compileEventPattern, MAXIMUM_PATTERN_LENGTH } from './event-pattern.ts';
import { compileInput } from './input-transformer.ts';
import { compileSchedule } from './schedule.ts';

/** `AWS::Events::EventBus`. */
export const EventBusResource = resourceType(
  z.strictObject({
    Name: constrained(1, 256, /^[/.\-_A-Za-z0-9]+$/),
    // Ignored locally:
    Description: z.optional(constrained(0, 512)),
    Tags: z.optional(z.unknown()),
  }),
  {
    name: ({ Name }) => Name,
    arn: eventBusArn,
    attributes: ({ name }) => ({ Name: name }),
  },
);

const Target = z
  .strictObject({
    Id: Identifier,
    Arn: z
      .string()
      .check(
        z.regex(/^arn:aws:(lambda|sns|sqs):[^:]*:[^:]*:./, 'only functions, topics and queues are supported'),
      ),
    DeadLetterConfig: z.optional(z.strictObject({ Arn: z.string() })),
    Input: z.optional(constrained(0, 8192)),
    InputPath: z.optional(constrained(0, 256)),
    InputTransformer: z.optional(
      z.strictObject({
        InputPathsMap: z.optional(z.record(z.string(), constrained(0, 256))),
        InputTemplate: constrained(1, 8192),
      }),
    ),
    RetryPolicy: z.prefault(
      z.strictObject({
        MaximumEventAgeInSeconds: z._default(z.int().check(z.gte(60), z.lte(86_400)), 86_400),
        MaximumRetryAttempts: z._default(z.int().check(z.gte(0), z.lte(185)), 185),
      }),
      {},
    ),
  })
  .check(compiledBy(compileInput));
export type Target = z.infer<typeof Target>;

/** Returns the ARN of a rule, which names its bus unless that is the default one. */
export function ruleArn(name: string, bus: string, { id, region }: Account): string {
  return `arn:aws:events:${region}:${id}:rule/${bus === 'default' ? '' : `${bus}/`}${name}`;
}

/**
 * `AWS::Events::Rule`: with an event pattern, a schedule, or both. Source: EventBridge API
 * Reference, `PutRule`, `RetryPolicy`; User Guide, "Amazon EventBridge quotas".
 */
export const RuleResource = resourceType(
  z
    .strictObject({
      Name: z.optional(Identifier),
      EventBusName: z._default(z.string(), 'default'),
      EventPattern: z.optional(
        z.record(z.string(), z.unknown()).check(
          z.refine(
            (pattern) => JSON.stringify(pattern).length <= MAXIMUM_PATTERN_LENGTH,
            `Member must have length less than or equal to ${MAXIMUM_PATTERN_LENGTH}`,
          ),
          compiledBy(compileEventPattern),
        ),
      ),
      ScheduleExpression: z.optional(constrained(0, 256).check(compiledBy(compileSchedule))),
      State: z._default(z.enum(['ENABLED', 'DISABLED']), 'ENABLED'),
      Targets: z._default(z.array(Target).check(z.maxLength(5)), []),
      Description: z.optional(constrained(0, 512)),
      Tags: z.optional(z.unknown()),
    })
    .check(
      z.refine(
        ({ EventPattern, ScheduleExpression }) =>
          EventPattern !== undefined || ScheduleExpression !== undefined,
        'Parameter(s) EventPattern or ScheduleExpression must be specified',
      ),
      z.refine(
        ({ EventBusName, ScheduleExpression }) =>
          ScheduleExpression === undefined || EventBusName === 'default',
        'ScheduleExpression is supported only on the default event bus',
      ),
    ),
  {
    name: ({ Name }, generated) => Name ?? generated,
    arn: (name, account, { EventBusName }) => ruleArn(name, EventBusName, account),
    parts: ['Targets'],
  },
);

export type RuleProperties = z.infer<typeof RuleResource.properties>;
