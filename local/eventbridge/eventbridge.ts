import { randomUUID } from 'node:crypto';
import * as z from 'zod/mini';
import { parseInput } from '../operation-input.ts';
import { AwsError, type Service } from '../service.ts';
import type { Account } from '../template/resource-type.ts';
import type { Template } from '../template/template.ts';
import { isJsonObject, type JsonObject } from './comparison.ts';
import { type DeliveryServices, deliver, type Event } from './delivery.ts';
import { compileEventPattern, type EventMatcher } from './event-pattern.ts';
import { EventBusResource, RuleResource, type Target } from './event-resources.ts';
import { compileInput, type InputRenderer } from './input-transformer.ts';

const MAXIMUM_ENTRIES = 10;
const MAXIMUM_BYTES = 1024 * 1024;

const Entry = z.strictObject({
  Source: z.optional(z.string()),
  DetailType: z.optional(z.string()),
  Detail: z.optional(z.string()),
  EventBusName: z._default(z.string(), 'default'),
  /** Seconds since the epoch, no more of them than a `Date` holds. */
  Time: z.optional(z.number().check(z.gte(-8.64e12), z.lte(8.64e12))),
  Resources: z._default(z.array(z.string()), []),
  TraceHeader: z.optional(z.string()),
});
type Entry = z.infer<typeof Entry>;

const PutEvents = z.strictObject({
  Entries: z.array(Entry).check(z.minLength(1), z.maxLength(MAXIMUM_ENTRIES)),
});
const TestEventPattern = z.strictObject({ EventPattern: z.string(), Event: z.string() });

interface Rule {
  name: string;
  arn: string;
  matches: EventMatcher;
  targets: { target: Target; render: InputRenderer }[];
}

/** Amazon EventBridge: buses, rules and targets, as the "EventBridge API Reference" has them. */
export class EventBridge implements Service {
  /** The rules of each bus, by its name. */
  readonly #buses: ReadonlyMap<string, Rule[]>;
  readonly #account: Account;
  readonly #services: DeliveryServices;

  constructor(template: Template, services: DeliveryServices & { account: Account }) {
    this.#account = services.account;
    this.#services = services;
    const buses = new Map<string, Rule[]>([['default', []]]);
    for (const { name } of template.resources(EventBusResource)) buses.set(name, []);
    for (const { logicalId, name, arn, properties } of template.resources(RuleResource)) {
      const rules = buses.get(properties.EventBusName);
      if (!rules) throw new Error(`${logicalId}: there is no event bus ${properties.EventBusName}.`);
      if (properties.State === 'DISABLED') continue;
      rules.push({
        name,
        arn,
        matches: compileEventPattern(properties.EventPattern),
        targets: properties.Targets.map((target) => ({ target, render: compileInput(target) })),
      });
    }
    this.#buses = buses;
  }

  async call(operation: string, input: unknown): Promise<object> {
    if (operation === 'PutEvents') return this.#putEvents(parseInput(PutEvents, input, invalid).Entries);
    if (operation === 'TestEventPattern')
      return testEventPattern(parseInput(TestEventPattern, input, invalid));
    throw new AwsError('UnknownOperationException', `The local EventBridge does not support ${operation}.`);
  }

  #putEvents(entries: Entry[]): object {
    const size = entries.reduce((sum, entry) => sum + entrySize(entry), 0);
    if (size > MAXIMUM_BYTES) {
      throw new AwsError(
        'ValidationException',
        'Total size of the entries in the request is over the limit.',
      );
    }
    const results = entries.map((entry) => this.#putEvent(entry));
    return { FailedEntryCount: results.filter((result) => 'ErrorCode' in result).length, Entries: results };
  }

  #putEvent(entry: Entry): { EventId: string } | { ErrorCode: string; ErrorMessage: string } {
    for (const name of ['Source', 'DetailType', 'Detail'] as const) {
      if (!entry[name]) {
        const message = `Parameter ${name} is not valid. Reason: ${name} is a required argument.`;
        return { ErrorCode: 'InvalidArgument', ErrorMessage: message };
      }
    }
    const detail = parseObject(entry.Detail ?? '');
    if (!detail) return { ErrorCode: 'MalformedDetail', ErrorMessage: 'Detail is malformed.' };
    const busName = entry.EventBusName.replace(/^arn:.*:event-bus\//, '');
    const rules = this.#buses.get(busName);
    if (!rules) {
      return { ErrorCode: 'ResourceNotFoundException', ErrorMessage: `Event bus ${busName} does not exist.` };
    }
    const now = this.#services.clock.now();
    const event: Event = {
      version: '0',
      id: randomUUID(),
      'detail-type': entry.DetailType ?? '',
      source: entry.Source ?? '',
      account: this.#account.id,
      time: new Date(entry.Time === undefined ? now : entry.Time * 1000).toISOString().replace(/\.\d+/, ''),
      region: this.#account.region,
      resources: entry.Resources,
      detail,
    };
    this.#services.log.trace(`PutEvents → ${busName}`, event);
    // Each target on its own, once the caller has its answer.
    setImmediate(() => this.#route(rules, event, new Date(now).toISOString()));
    return { EventId: event.id };
  }

  #route(rules: Rule[], event: Event, ingestionTime: string): void {
    for (const { name, arn, matches, targets } of rules) {
      if (!matches(event)) {
        this.#services.log.trace(`${name} does not match`, event.id);
        continue;
      }
      for (const { target, render } of targets) {
        void deliver(event, target, render, { ruleArn: arn, ruleName: name, ingestionTime }, this.#services);
      }
    }
  }
}

/** `test-event-pattern` wants the fields that every event has. */
const TestedEvent = z.looseObject({
  id: z.string(),
  account: z.string(),
  source: z.string(),
  time: z.string(),
  region: z.string(),
  resources: z.array(z.string()),
  'detail-type': z.string(),
});

function testEventPattern({ EventPattern, Event: text }: z.infer<typeof TestEventPattern>): object {
  const matches = compileEventPattern(EventPattern);
  const event = TestedEvent.safeParse(parseObject(text));
  if (!event.success) throw new AwsError('ValidationException', 'Parameter Event is not valid.');
  return { Result: matches(event.data) };
}

/** EventBridge User Guide, "Calculating PutEvents event entry size". */
function entrySize({ Source = '', DetailType = '', Detail = '', Resources, Time }: Entry): number {
  const texts = [Source, DetailType, Detail, ...Resources];
  return texts.reduce((sum, text) => sum + Buffer.byteLength(text), Time === undefined ? 0 : 14);
}

function parseObject(text: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isJsonObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function invalid(parameter: string, reason: string): AwsError {
  return new AwsError('ValidationException', `Parameter ${parameter} is not valid. Reason: ${reason}.`);
}
