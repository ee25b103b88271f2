import type { Account } from '../../template/resource-type.ts';
import { archiveArn } from './archive-resource.ts';
import { eventBusName } from './event-bus-arn.ts';
import { compileEventPattern, explainMismatch } from './event-pattern.ts';
import { ruleArn } from './event-resources.ts';
import { compileInput } from './input-transformer.ts';
import type { Rule } from './rule.ts';

/** The service that manages the rules of archives, as `ListRules` names it. */
export const ARCHIVE_MANAGER = 'prod.vhs.events.aws.internal';

/** Returns the name of the rule that sends events to an archive. */
export function archiveRuleName(archive: string): string {
  return `Events-Archive-${archive}`;
}

/**
 * Returns the pattern of an archive's rule, as JSON. It matches no replayed event, so that a replay
 * does not archive events again. Source: EventBridge User Guide, "Preventing replayed events from
 * being delivered to an archive".
 * @param pattern of the archive, as JSON; every event if absent
 */
function archivePattern(pattern = '{}'): string {
  const given: object = JSON.parse(pattern);
  return JSON.stringify({ ...given, 'replay-name': [{ exists: false }] });
}

/** Returns the rule that EventBridge manages for an archive: the archive is its target. */
export function archiveRule(
  archive: string,
  { busArn, pattern }: { busArn: string; pattern?: string | undefined },
  account: Account,
): Rule {
  const bus = eventBusName(busArn);
  const name = archiveRuleName(archive);
  const EventPattern = archivePattern(pattern);
  const target = {
    Id: name,
    Arn: archiveArn(archive, account),
    RetryPolicy: { MaximumEventAgeInSeconds: 86_400, MaximumRetryAttempts: 185 },
  };
  return {
    name,
    arn: ruleArn(name, bus, account),
    hop: undefined,
    matches: compileEventPattern(EventPattern),
    pattern: EventPattern,
    explain: explainMismatch(JSON.parse(EventPattern)),
    targets: [{ target, render: compileInput(target) }],
    skipped: undefined,
  };
}
