import * as z from 'zod/mini';
import { deliveryHop, hopName, runHop, sendHop, streamOf } from '../core/hop.ts';
import type { RedriveResult } from '../core/queue-contents.ts';
import type { Recorder } from '../core/recorder.ts';
import type { Tracer } from '../core/trace.ts';
import { parseStreamArn } from '../services/dynamodb/table-arn.ts';
import { Event } from '../services/eventbridge/delivery.ts';
import type { EventBridge } from '../services/eventbridge/eventbridge.ts';
import type { EventSourceMapping } from '../services/lambda/event-source-mapping.ts';
import type { Lambda } from '../services/lambda/lambda.ts';
import { FunctionResource } from '../services/lambda/lambda-resources.ts';
import { preferredFunctions } from '../services/lambda/qualifiers.ts';
import { type Message, type Queue, receiptHandle } from '../services/sqs/queue.ts';
import type { Sqs } from '../services/sqs/sqs.ts';
import type { Template } from '../template/template.ts';
import type { ArchitectureGraph } from './architecture.ts';
import { type DeadLetterSource, deadLetterSource, oneLine } from './dead-letter-source.ts';

/** The services that failed work is given back to. */
export interface RedriveServices {
  architecture: Pick<ArchitectureGraph, 'label'>;
  eventBridge: Pick<EventBridge, 'deliverOnce'>;
  lambda: Pick<Lambda, 'invoke'>;
  mappings: readonly Pick<EventSourceMapping, 'connects' | 'deliverOnce'>[];
  recorder: Recorder;
  sqs: Pick<Sqs, 'queues'>;
  tracer: Tracer;
}

/** Longer than any function runs, in seconds. A message reappears after it if the process ends. */
const VISIBILITY_TIMEOUT = 16 * 60;
/** The number of messages that are redriven at the same time. */
const PARALLEL = 4;
/** The number of messages that may fail before the rest is left: the target is still broken. */
const PATIENCE = 100;

/** Gives the messages of dead-letter queues back to what failed. */
export class Redrive {
  readonly #services: RedriveServices;
  /** The functions whose `DeadLetterConfig` names a queue, by the ARN of the queue. */
  readonly #functions: ReadonlyMap<string, string[]>;
  /** Where messages came from: a body of 1 MB is parsed once. */
  readonly #sources = new WeakMap<Message, DeadLetterSource>();
  /** The reasons why messages stayed. */
  readonly #kept = new WeakMap<Message, { reason: string; trace: string }>();

  constructor(template: Template, services: RedriveServices) {
    this.#services = services;
    const preferred = preferredFunctions(template);
    const functions = new Map<string, string[]>();
    for (const { logicalId, properties } of template.resources(FunctionResource)) {
      const queue = properties.DeadLetterConfig?.TargetArn;
      const arn = preferred.find(({ resource }) => resource.logicalId === logicalId)?.arn;
      if (queue !== undefined && arn !== undefined)
        functions.set(queue, [...(functions.get(queue) ?? []), arn]);
    }
    this.#functions = functions;
  }

  /** Returns where a message came from. */
  sourceOf(queue: Pick<Queue, 'arn'>, message: Message): DeadLetterSource {
    const known = this.#sources.get(message);
    if (known) return known;
    const functions = this.#functions.get(queue.arn) ?? [];
    const source = deadLetterSource(message, functions.length === 1 ? functions[0] : undefined);
    this.#sources.set(message, source);
    return source;
  }

  /** Returns the name of what failed; `undefined` if it is unknown. */
  nameOf(source: DeadLetterSource): string | undefined {
    const { label } = this.#services.architecture;
    switch (source.kind) {
      case 'delivery':
        return hopName(deliveryHop(label(source.ruleArn), label(source.targetArn)));
      case 'invocation':
        return label(source.functionArn);
      case 'batch': {
        const stream = streamOf(label(parseStreamArn(source.streamArn).tableName));
        return hopName(runHop(stream, label(source.functionArn)));
      }
      case 'queue':
        return label(source.queueArn);
      case 'unknown':
        return undefined;
    }
  }

  /** Returns why the last redrive of a message failed; `undefined` if it was not redriven. */
  keptBecause(message: Message): { reason: string; trace: string } | undefined {
    return this.#kept.get(message);
  }

  /**
   * Redrives messages of a queue: repeats once what failed, and deletes the message when that
   * succeeds. Otherwise the message stays. Messages that arrive meanwhile are not redriven. After
   * 100 failures, the rest is not tried.
   * @param ids the IDs of the messages; all if absent
   */
  async redrive(queue: Queue, ids?: readonly string[]): Promise<RedriveResult> {
    const left = ids ? [...ids] : queue.messages.map(({ id }) => id);
    const result: RedriveResult = { redriven: 0, kept: [], untried: 0 };
    const work = async (): Promise<void> => {
      for (let id = left.shift(); id !== undefined; id = left.shift()) {
        const outcome = await this.#redriveOne(queue, id);
        if ('reason' in outcome) result.kept.push({ id, reason: outcome.reason });
        else Object.assign(result, { redriven: result.redriven + 1, trace: outcome.trace });
        if (result.kept.length >= PATIENCE) return;
      }
    };
    await Promise.all(Array.from({ length: PARALLEL }, work));
    return { ...result, untried: left.length };
  }

  async #redriveOne(queue: Queue, id: string): Promise<{ trace: string } | { reason: string }> {
    // Hidden meanwhile, so that no other consumer processes it too.
    const message = queue.receiveById(id, VISIBILITY_TIMEOUT);
    if (!message) {
      const isHidden = queue.messages.some((candidate) => candidate.id === id);
      return { reason: isHidden ? 'Another consumer has received it.' : 'It is no longer in the queue.' };
    }
    const handle = receiptHandle(message);
    const source = this.sourceOf(queue, message);
    const label = this.nameOf(source);
    const { recorder, tracer } = this.#services;
    const begun = tracer.begin(`redrive ${queue.name} ${message.body}`);
    try {
      if (label === undefined) throw new Error('It is not known what failed. Send it again to a target.');
      const passing = {
        kind: 'request',
        hop: sendHop(label),
        to: placeOf(source),
        payload: message.body,
      } as const;
      await recorder.record(passing, begun, (own) => this.#repeat(source, message, own));
      queue.delete(handle);
      return begun;
    } catch (error) {
      const reason = oneLine(error instanceof Error ? error.message : String(error));
      this.#kept.set(message, { reason, trace: begun.trace });
      // It may have been deleted meanwhile, or received again if the function ran for very long.
      const isOurs = receiptHandle(message) === handle && queue.messages.includes(message);
      if (isOurs) queue.changeVisibility(handle, 0);
      return { reason };
    }
  }

  /**
   * Repeats once what failed.
   * @throws {Error} with the reason, if it fails again
   */
  async #repeat(source: DeadLetterSource, message: Message, cause: { trace: string }): Promise<void> {
    const { eventBridge, lambda, mappings, sqs } = this.#services;
    switch (source.kind) {
      case 'delivery': {
        const event = Event.safeParse(source.event);
        if (!event.success) throw new Error(`The message is not an event. ${z.prettifyError(event.error)}`);
        return eventBridge.deliverOnce(source.ruleArn, source.targetArn, event.data, cause);
      }
      case 'invocation': {
        const invoker = { name: 'operator', cause };
        const result = await lambda.invoke(source.functionArn, source.payload, invoker);
        if (!result.ok) throw new Error(`${result.errorType}: ${result.errorMessage}`);
        return;
      }
      case 'batch': {
        const { first, functionArn, last, streamArn } = source;
        const mapping = mappings.find((candidate) => candidate.connects(streamArn, functionArn));
        if (!mapping) throw new Error(`${functionArn} no longer reads the stream ${streamArn}.`);
        return mapping.deliverOnce(first, last, cause);
      }
      case 'queue': {
        const origin = sqs.queues.find(({ arn }) => arn === source.queueArn);
        if (!origin) throw new Error(`There is no queue ${source.queueArn}.`);
        const { attributes, body, groupId, traces } = message;
        origin.send(body, attributes, { groupId, traces });
        return;
      }
    }
  }
}

/** Returns the ARN that the redrive of a message goes to. */
function placeOf(source: DeadLetterSource): string {
  switch (source.kind) {
    case 'delivery':
      return source.ruleArn;
    case 'queue':
      return source.queueArn;
    case 'unknown':
      return '';
    default:
      return source.functionArn;
  }
}
