import { eventHop, type Hop } from '../../core/hop.ts';
import type { Resource } from '../../template/resource.ts';
import { compileEventPattern, type EventMatcher, explainMismatch } from './event-pattern.ts';
import type { RuleProperties, Target } from './event-resources.ts';
import { compileInput, type InputRenderer } from './input-transformer.ts';

/** A target of a rule, and its input. */
export interface RuleTarget {
  target: Target;
  render: InputRenderer;
}

export interface Rule {
  name: string;
  arn: string;
  /** The hop from its bus; absent for the rule of an archive, which the flow does not show. */
  hop: Hop | undefined;
  matches: EventMatcher;
  /** As JSON; absent if the rule has a schedule alone. */
  pattern: string | undefined;
  /** Returns the reason why an event does not match; `undefined` if it matches. */
  explain: (event: unknown) => string | undefined;
  targets: RuleTarget[];
  /** The targets that are skipped, and why; absent if none are. */
  skipped: string | undefined;
}

/**
 * Compiles the pattern and the inputs of a rule. A rule without a pattern matches no event.
 * @param options.localize replaces the URLs of AWS in an input by those of this machine
 */
export function compileRule(
  { name, arn, properties }: Resource<RuleProperties>,
  { skipped, localize }: { skipped: string | undefined; localize: (value: string) => string },
): Rule {
  const { EventBusName, EventPattern, Targets } = properties;
  return {
    name,
    arn,
    hop: eventHop(EventBusName, name),
    matches: EventPattern ? compileEventPattern(EventPattern) : () => false,
    pattern: EventPattern && JSON.stringify(EventPattern),
    explain: EventPattern ? explainMismatch(EventPattern) : () => 'The rule has a schedule and no pattern.',
    targets: Targets.map((target) => ({ target, render: compileInput(localized(target, localize)) })),
    skipped,
  };
}

function localized(target: Target, localize: (value: string) => string): Target {
  const { Input, InputTransformer } = target;
  return {
    ...target,
    ...(Input !== undefined && { Input: localize(Input) }),
    ...(InputTransformer && {
      InputTransformer: { ...InputTransformer, InputTemplate: localize(InputTransformer.InputTemplate) },
    }),
  };
}
