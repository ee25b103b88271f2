import * as z from 'zod/mini';
import { deliveryHop, hopName, sendHop } from '../core/hop.ts';
import { explainIssue, sentencesOf } from '../core/issue.ts';
import type { Journal } from '../core/journal.ts';
import type { Recorder } from '../core/recorder.ts';
import { resourceName } from '../core/resource-name.ts';
import { AwsError } from '../core/service.ts';
import type { SendTarget } from '../core/steps.ts';
import type { Cause, Tracer } from '../core/trace.ts';
import { Event } from '../services/eventbridge/delivery.ts';
import { RuleResource } from '../services/eventbridge/event-resources.ts';
import type { EventBridge } from '../services/eventbridge/eventbridge.ts';
import { functionName, LATEST } from '../services/lambda/function-arn.ts';
import type { Lambda } from '../services/lambda/lambda.ts';
import { EventInvokeConfigResource } from '../services/lambda/lambda-resources.ts';
import { preferredFunctions } from '../services/lambda/qualifiers.ts';
import type { Template } from '../template/template.ts';
import type { ArchitectureGraph } from './architecture.ts';

/** The services that receive payloads from operators, and record them. */
export interface SendServices {
  architecture: ArchitectureGraph;
  eventBridge: Pick<EventBridge, 'deliverTo'>;
  journal: Pick<Journal, 'written'>;
  lambda: Pick<Lambda, 'invokeAsynchronously'>;
  recorder: Recorder;
  tracer: Tracer;
}

/** A payload cannot be sent; the message says why. */
export class NotSendable extends Error {}

interface Target extends SendTarget {
  arn: string;
  /**
   * Returns a function that delivers a payload.
   * @throws {NotSendable} if the target does not accept the payload
   */
  accept(payload: unknown): (cause: Cause) => void;
}

/** The targets of rules and the functions, to which an operator can send payloads. */
export class SendTargets {
  readonly #targets: Target[];
  readonly #services: SendServices;

  constructor(template: Template, services: SendServices) {
    this.#services = services;
    this.#targets = [...this.#rulesOf(template), ...this.#functionsOf(template)];
  }

  get list(): SendTarget[] {
    return this.#targets.map(({ id, label, rule, node, queues }) => ({ id, label, rule, node, queues }));
  }

  /**
   * Sends a payload to a target, with its retries and dead letters: an event to a target of a rule,
   * any JSON to a function as an asynchronous invocation.
   * @returns the trace that the payload begins
   * @throws {NotSendable} if the target does not exist, or does not accept the payload
   */
  async send(id: string, payload: unknown): Promise<string> {
    const { journal, recorder, tracer } = this.#services;
    const target = this.#targets.find((candidate) => candidate.id === id);
    if (!target) throw new NotSendable(`There is no target ${id}.`);
    const deliver = target.accept(payload);
    const { arn, label } = target;
    const text = JSON.stringify(payload);
    const begun = tracer.begin(`send ${id} ${text}`);
    const passing = { kind: 'request', hop: sendHop(label), to: arn, payload: text } as const;
    try {
      await recorder.record(passing, begun, async (own) => deliver(own));
      await journal.written();
    } catch (error) {
      throw error instanceof AwsError ? new NotSendable(error.message) : error;
    }
    return begun.trace;
  }

  #rulesOf(template: Template): Target[] {
    const { architecture, eventBridge } = this.#services;
    const rules = template.resources(RuleResource).filter(({ properties }) => properties.State === 'ENABLED');
    return rules.flatMap(({ arn: ruleArn, logicalId, name, properties }) =>
      properties.Targets.map(({ Arn, DeadLetterConfig, Id }) => ({
        id: `${logicalId}/${Id}`,
        label: hopName(deliveryHop(name, architecture.label(Arn))),
        rule: name,
        node: architecture.nodeId(Arn),
        queues: [DeadLetterConfig?.Arn ?? []].flat().map(resourceName),
        arn: ruleArn,
        accept(payload: unknown): (cause: Cause) => void {
          const event = z.safeParse(Event, payload, { error: explainIssue });
          if (!event.success)
            throw new NotSendable(
              `The payload is not an event. ${event.error.issues.flatMap(sentencesOf).join(' ')}`,
            );
          return (cause) => eventBridge.deliverTo(ruleArn, Id, event.data, cause);
        },
      })),
    );
  }

  #functionsOf(template: Template): Target[] {
    const { architecture, lambda } = this.#services;
    const configs = template.resources(EventInvokeConfigResource);
    return preferredFunctions(template).map(({ arn, qualifier = LATEST, resource }) => {
      const { logicalId, name, properties } = resource;
      const { DestinationConfig } =
        configs.find(
          (config) =>
            functionName(config.properties.FunctionName) === name &&
            config.properties.Qualifier === qualifier,
        )?.properties ?? {};
      const queues = [DestinationConfig?.OnFailure?.Destination, properties.DeadLetterConfig?.TargetArn];
      return {
        id: logicalId,
        label: architecture.label(logicalId),
        node: logicalId,
        queues: queues.flatMap((queue) => (queue ? [resourceName(queue)] : [])),
        arn,
        accept:
          (payload: unknown): ((cause: Cause) => void) =>
          (cause) =>
            lambda.invokeAsynchronously(arn, JSON.stringify(payload), { name: 'operator', cause }),
      };
    });
  }
}
