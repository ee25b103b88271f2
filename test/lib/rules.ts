import { resources, textOf } from './stage-template.ts';

interface Rule {
  name?: string;
  /** The default bus if absent. */
  bus?: string;
  pattern?: unknown;
  schedule?: string;
  targets: string[];
}

/** Returns the rules that a construct of the stack creates. */
export function rulesOf(construct: string): Rule[] {
  const rules = Object.entries(resources('AWS::Events::Rule')).filter(([name]) => name.startsWith(construct));
  return rules.map(([, { Properties }]) => ({
    name: Properties.Name,
    ...('EventBusName' in Properties && { bus: textOf(Properties.EventBusName) }),
    pattern: Properties.EventPattern,
    schedule: Properties.ScheduleExpression,
    targets: Properties.Targets.map(({ Arn }: { Arn: unknown }) => textOf(Arn)),
  }));
}
