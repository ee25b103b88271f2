import {
  deadLetterHop,
  deliveryHop,
  eventHop,
  eventQueueOf,
  mailHop,
  replayHop,
  runHop,
  streamOf,
  streamReadHop,
} from '../core/hop.ts';
import { resourceName } from '../core/resource-name.ts';
import { parseStreamArn } from '../services/dynamodb/table-arn.ts';
import { ArchiveResource } from '../services/eventbridge/archive-resource.ts';
import { archiveRuleName } from '../services/eventbridge/archive-rule.ts';
import { eventBusName } from '../services/eventbridge/event-bus-arn.ts';
import { EventBusResource, RuleResource } from '../services/eventbridge/event-resources.ts';
import {
  EventInvokeConfigResource,
  EventSourceMappingResource,
  FunctionResource,
} from '../services/lambda/lambda-resources.ts';
import { TopicResource } from '../services/sns/topic-resource.ts';
import type { Template } from '../template/template.ts';
import type { Edge, FunctionLabels } from './edge.ts';

/** Returns the edges from tables through their streams to functions. */
export function streamEdges(template: Template, labels: FunctionLabels): Edge[] {
  return template.resources(EventSourceMappingResource).flatMap(({ properties }) => {
    const { DestinationConfig, EventSourceArn: stream, FunctionName: target } = properties;
    const { tableName: table } = parseStreamArn(stream);
    const run = runHop(streamOf(table), labels.get(target) ?? target);
    return [
      { from: table, to: stream, hop: streamReadHop(table), label: 'changes' },
      { from: stream, to: target, hop: run, label: 'batches' },
      ...deadLetterEdges(target, DestinationConfig?.OnFailure?.Destination),
    ];
  });
}

/** Returns the edges from buses through rules to their targets. */
export function ruleEdges(template: Template, labels: FunctionLabels): Edge[] {
  const buses = template.resources(EventBusResource).map(({ name }) => name);
  return template.resources(RuleResource).flatMap(({ arn, name, properties }) => {
    const { EventBusName: bus, EventPattern, ScheduleExpression, Targets } = properties;
    const matches: Edge = { from: bus, to: arn, hop: eventHop(bus, name), label: 'matches', faults: false };
    const label = ScheduleExpression ? 'when due' : 'delivers';
    const deliveries = Targets.flatMap(({ Arn: target, DeadLetterConfig }) => {
      const hop = deliveryHop(name, labels.get(target) ?? resourceName(target));
      return [
        { from: arn, to: target, hop, label },
        ...eventQueueEdges(target, labels),
        ...deadLetterEdges(target, DeadLetterConfig?.Arn),
      ];
    });
    return EventPattern && buses.includes(bus) ? [matches, ...deliveries] : deliveries;
  });
}

/**
 * Returns the edges from buses to their archives, and from archives to the rules that can receive
 * their events by a replay.
 */
export function archiveEdges(template: Template): Edge[] {
  const rules = template.resources(RuleResource).filter(({ properties }) => properties.EventPattern);
  return template.resources(ArchiveResource).flatMap(({ arn, name, properties }) => {
    const bus = eventBusName(properties.SourceArn);
    const rule = archiveRuleName(name);
    const replayed = rules.filter(({ properties: { EventBusName } }) => EventBusName === bus);
    return [
      { from: bus, to: arn, hop: deliveryHop(rule, name), label: 'archives' },
      ...replayed.map((to) => ({
        from: arn,
        to: to.arn,
        hop: replayHop(name, to.name),
        label: 'replays',
      })),
    ];
  });
}

/**
 * Returns the edge from a function to itself that its asynchronous invocations take; none for
 * another target.
 */
function eventQueueEdges(target: string, labels: FunctionLabels): Edge[] {
  const label = labels.get(target);
  if (label === undefined) return [];
  return [{ from: target, to: target, hop: runHop(eventQueueOf(label), label), label: 'runs, with retries' }];
}

/** Returns the edges from topics to e-mail. */
export function topicEdges(template: Template): Edge[] {
  return template
    .resources(TopicResource)
    .map(({ arn, name }) => ({ from: arn, to: 'mail', hop: mailHop(name), label: 'mails' }));
}

/** Returns the edges from functions to the queues of their failed asynchronous invocations. */
export function failureEdges(template: Template): Edge[] {
  const deadLetters = template
    .resources(FunctionResource)
    .flatMap(({ arn, properties }) => deadLetterEdges(arn, properties.DeadLetterConfig?.TargetArn));
  const failures = template
    .resources(EventInvokeConfigResource)
    .flatMap(({ properties: { DestinationConfig, FunctionName } }) =>
      deadLetterEdges(FunctionName, DestinationConfig?.OnFailure?.Destination),
    );
  return [...deadLetters, ...failures];
}

function deadLetterEdges(from: string, queue: string | undefined): Edge[] {
  if (queue === undefined) return [];
  return [{ from, to: queue, hop: deadLetterHop(resourceName(queue)), label: 'given up' }];
}
