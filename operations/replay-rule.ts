import {
  type EventBridgeClient,
  ListRulesCommand,
  ListTargetsByRuleCommand,
  type Rule,
} from '@aws-sdk/client-eventbridge';
import { parse } from '@aws-sdk/util-arn-parser';

/** A rule to which events can be replayed. */
export interface ReplayRule {
  name: string;
  arn: string;
  /** The ARNs of its targets. */
  targets: string[];
}

/** The services whose targets would send e-mails, or could pass events on to others that do. */
const mailing: Readonly<Record<string, string>> = { sns: 'topic', events: 'event bus' };

/**
 * Finds a rule on a bus, and checks that events may be replayed to it. EventBridge replays as fast as
 * it can (EventBridge API Reference, `StartReplay`), and SNS suspends each subscription that receives
 * more than 10 e-mails in a second, so a rule with a topic among its targets is always refused.
 * @throws {Error} with the reason
 */
export async function replayRule(
  client: EventBridgeClient,
  EventBusName: string,
  name: string,
): Promise<ReplayRule> {
  const rules = (await rulesOf(client, EventBusName)).filter(({ ManagedBy }) => ManagedBy === undefined);
  const rule = rules.find(({ Name }) => Name === name);
  if (!rule?.Arn)
    throw new Error(
      `There is no rule "${name}" on the bus ${EventBusName}, only ${rules.map(({ Name }) => Name).join(', ')}.`,
    );
  if (rule.State !== 'ENABLED')
    throw new Error(`The rule ${name} is disabled, so it would deliver no replayed event.`);
  const targets = await targetsOf(client, EventBusName, name);
  if (targets.length === 0)
    throw new Error(`The rule ${name} has no target, so it would deliver no replayed event.`);
  const refused = targets.map((arn) => ({ arn, kind: mailing[parse(arn).service] }));
  for (const { arn, kind } of refused)
    if (kind !== undefined)
      throw new Error(
        `Refused: the rule ${name} delivers to the ${kind} ${parse(arn).resource}. A replay has no limit of pace, ` +
          'and SNS suspends each subscription that receives more than 10 e-mails in a second. ' +
          'E-mails are repeated by npm run redrive alone.',
      );
  return { name, arn: rule.Arn, targets };
}

async function rulesOf(client: EventBridgeClient, EventBusName: string): Promise<Rule[]> {
  const rules: Rule[] = [];
  let NextToken: string | undefined;
  do {
    const page = await client.send(new ListRulesCommand({ EventBusName, NextToken }));
    rules.push(...(page.Rules ?? []));
    NextToken = page.NextToken;
  } while (NextToken !== undefined);
  return rules;
}

async function targetsOf(client: EventBridgeClient, EventBusName: string, Rule: string): Promise<string[]> {
  const arns: string[] = [];
  let NextToken: string | undefined;
  do {
    const page = await client.send(new ListTargetsByRuleCommand({ EventBusName, Rule, NextToken }));
    arns.push(...(page.Targets ?? []).flatMap(({ Arn }) => Arn ?? []));
    NextToken = page.NextToken;
  } while (NextToken !== undefined);
  return arns;
}
