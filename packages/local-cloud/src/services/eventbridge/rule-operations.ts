import * as z from 'zod/mini';
import { type Operation, operationMaker } from '../../core/operation.ts';
import { AwsError } from '../../core/service.ts';
import type { Template } from '../../template/template.ts';
import { ARCHIVE_MANAGER } from './archive-rule.ts';
import { requireBus } from './archives.ts';
import { constrained, Identifier, violation } from './constraints.ts';
import { eventBusName } from './event-bus-arn.ts';
import { RuleResource } from './event-resources.ts';
import { pageOf, pageParameters } from './page.ts';
import type { Rule } from './rule.ts';

const bus = z._default(constrained(1, 1600), 'default');
const ListRules = z.strictObject({
  ...pageParameters,
  EventBusName: bus,
  NamePrefix: z.optional(Identifier),
});
const ListTargetsByRule = z.strictObject({ ...pageParameters, EventBusName: bus, Rule: Identifier });

/** A rule as an operator sees it. */
interface Description {
  entry: { Name: string; Arn: string; EventBusName: string } & Record<string, unknown>;
  targets: object[];
}

interface RuleServices {
  buses: ReadonlySet<string>;
  /** Returns the rules of the archives of a bus, with their patterns. */
  archiveRulesOf(bus: string): Rule[];
}

const operation = operationMaker(violation);

/**
 * Returns the operations that show the rules of the template, also those that are disabled, and the
 * rules of archives.
 */
export function ruleOperations(
  template: Template,
  { archiveRulesOf, buses }: RuleServices,
): Readonly<Record<string, Operation>> {
  const own = template.resources(RuleResource).map(({ arn, name, properties }): Description => {
    const { Description, EventBusName, EventPattern, ScheduleExpression, State, Targets } = properties;
    return {
      entry: {
        Name: name,
        Arn: arn,
        EventPattern: EventPattern && JSON.stringify(EventPattern),
        State,
        Description,
        ScheduleExpression,
        EventBusName,
      },
      targets: Targets,
    };
  });
  const rulesOf = (reference: string): Description[] => {
    requireBus(reference, buses);
    const EventBusName = eventBusName(reference);
    const managed = archiveRulesOf(EventBusName).map(({ arn: Arn, name: Name, pattern, targets }) => ({
      entry: {
        Name,
        Arn,
        EventPattern: pattern,
        State: 'ENABLED',
        ManagedBy: ARCHIVE_MANAGER,
        EventBusName,
      },
      targets: targets.map(({ target: { Arn, Id } }) => ({ Arn, Id })),
    }));
    return [...own.filter(({ entry }) => entry.EventBusName === EventBusName), ...managed].sort((a, b) =>
      a.entry.Name < b.entry.Name ? -1 : 1,
    );
  };
  return {
    ListRules: operation(ListRules, (input) => {
      const { NamePrefix = '' } = input;
      const found = rulesOf(input.EventBusName).filter(({ entry }) => entry.Name.startsWith(NamePrefix));
      const { items, ...page } = pageOf(found, input);
      return { Rules: items.map(({ entry }) => entry), ...page };
    }),
    ListTargetsByRule: operation(ListTargetsByRule, (input) => {
      const rule = rulesOf(input.EventBusName).find(({ entry }) => entry.Name === input.Rule);
      if (!rule)
        throw new AwsError(
          'ResourceNotFoundException',
          `Rule ${input.Rule} does not exist on EventBus ${eventBusName(input.EventBusName)}.`,
        );
      const { items, ...page } = pageOf(rule.targets, input);
      return { Targets: items, ...page };
    }),
  };
}
