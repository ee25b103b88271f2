import { randomUUID } from 'node:crypto';
import { parse } from '@aws-sdk/util-arn-parser';
import * as z from 'zod/mini';
import { inBackground } from '../../core/background.ts';
import { callHop, hopName, scheduleHop, unwantedHop } from '../../core/hop.ts';
import type { Journal, Section } from '../../core/journal.ts';
import { type Operation, parseInput } from '../../core/operation.ts';
import { AwsError, type Service } from '../../core/service.ts';
import { type Cause, causeOf, KeptCause, keptCause, type Tracer } from '../../core/trace.ts';
import type { Account } from '../../template/resource-type.ts';
import type { Template } from '../../template/template.ts';
import { Archives } from './archives.ts';
import { constrained, violation } from './constraints.ts';
import { Deliveries, Ingestion } from './deliveries.ts';
import type { DeliveryServices, Event } from './delivery.ts';
import { eventBusName } from './event-bus-arn.ts';
import { parseObject } from './event-json.ts';
import { EventBusResource, RuleResource } from './event-resources.ts';
import { Replays } from './replays.ts';
import { compileRule, type Rule } from './rule.ts';
import { ruleOperations } from './rule-operations.ts';
import { compileSchedule, type Schedule } from './schedule.ts';
import { TestEventPattern, testEventPattern } from './test-event-pattern.ts';

const MAXIMUM_ENTRIES = 10;
const MAXIMUM_BYTES = 1024 * 1024;
/** Source: EventBridge API Reference, `PutEventsRequestEntry`. */
const MAXIMUM_DETAIL_TYPE = 128;
const Entry = z.strictObject({
  Source: z.optional(z.string()),
  DetailType: z.optional(z.string()),
  Detail: z.optional(z.string()),
  EventBusName: z._default(
    constrained(
      1,
      1600,
      /^(arn:aws[\w-]*:events:[a-z]+-[a-z]+-[\w-]+:[0-9]{12}:event-bus\/)?[.\-_A-Za-z0-9]+$/,
    ),
    'default',
  ),
  /** Seconds since the epoch, in the range of a `Date`. */
  Time: z.optional(z.number().check(z.gte(-8.64e12), z.lte(8.64e12))),
  Resources: z._default(z.array(constrained(0, 2048)), []),
  TraceHeader: z.optional(constrained(1, 500)),
});
type Entry = z.infer<typeof Entry>;

const PutEvents = z.strictObject({
  Entries: z
    .array(Entry)
    .check(
      z.minLength(1, 'Member must have length greater than or equal to 1'),
      z.maxLength(MAXIMUM_ENTRIES, `Member must have length less than or equal to ${MAXIMUM_ENTRIES}`),
    ),
});
/** An event that its bus has accepted, and that its rules have not seen; its key is its ID. */
const KeptEvent = z.object({ ingestion: Ingestion, bus: z.string(), cause: KeptCause });

interface EventBridgeServices extends DeliveryServices {
  account: Account;
  /** Keeps the archives. */
  archiveJournal: Journal;
  /** Keeps the events that are not delivered. */
  journal: Journal;
  /** Replaces the URLs of AWS by those of this machine. */
  localize: (value: string) => string;
  tracer: Tracer;
}

/**
 * Amazon EventBridge: buses, rules and targets, by the "EventBridge API Reference". The constructor
 * starts the schedules.
 */
export class EventBridge implements Service {
  /** The rules of each bus, by its name. */
  readonly #buses: ReadonlyMap<string, Rule[]>;
  readonly #account: Account;
  readonly #services: EventBridgeServices;
  readonly #events: Section<typeof KeptEvent>;
  readonly #deliveries: Deliveries;
  readonly #archives: Archives;
  readonly #replays: Replays;
  /** The operations of archives, replays and rules. */
  readonly #operations: Readonly<Record<string, Operation>>;

  constructor(template: Template, services: EventBridgeServices) {
    this.#account = services.account;
    this.#services = services;
    this.#events = services.journal.section('events', KeptEvent);
    this.#deliveries = new Deliveries({
      ...services,
      invoke: (arn, payload, ...others) =>
        parse(arn).service === 'events'
          ? this.#archives.put(arn, payload)
          : services.invoke(arn, payload, ...others),
    });
    const buses = new Map<string, Rule[]>([['default', []]]);
    for (const { name } of template.resources(EventBusResource)) buses.set(name, []);
    for (const resource of template.resources(RuleResource)) {
      const { EventBusName, ScheduleExpression, State } = resource.properties;
      const rules = buses.get(EventBusName);
      const isSkipped = template.skipped.sentence(EventBusName, 'events') !== undefined;
      const { logicalId } = resource;
      if (!rules && !isSkipped) throw new Error(`${logicalId}: there is no event bus ${EventBusName}.`);
      if (!rules || State === 'DISABLED') continue;
      const skipped = template.skipped.partsSentence(logicalId);
      const rule = compileRule(resource, { skipped, localize: services.localize });
      rules.push(rule);
      if (ScheduleExpression) this.#repeat(rule, compileSchedule(ScheduleExpression));
    }
    this.#buses = buses;
    const names = new Set(buses.keys());
    this.#archives = new Archives(template, names, services);
    this.#replays = new Replays({
      ...services,
      archives: this.#archives,
      begin: (...delivery) => this.#deliveries.begin(...delivery),
      buses: names,
      rulesOf: (bus) => buses.get(bus) ?? [],
    });
    const archiveRulesOf = (bus: string) => this.#archives.rulesOf(bus);
    this.#operations = {
      ...this.#archives.operations,
      ...this.#replays.operations,
      ...ruleOperations(template, { buses: names, archiveRulesOf }),
    };
  }

  async call(operation: string, input: unknown, cause?: Cause): Promise<object> {
    if (operation === 'PutEvents')
      return this.#putEvents(parseInput(PutEvents, input, violation).Entries, cause);
    if (Object.hasOwn(this.#operations, operation)) return this.#operations[operation]?.(input, cause) ?? {};
    if (operation === 'TestEventPattern')
      return testEventPattern(parseInput(TestEventPattern, input, violation));
    throw new AwsError('UnknownOperationException', `The local EventBridge does not support ${operation}.`);
  }

  /**
   * Delivers an event to one target of a rule, whether the rule matches it or not.
   * @param targetId the `Id` of the target
   * @throws {AwsError} `ResourceNotFoundException` (404), also for a rule that is disabled
   */
  deliverTo(ruleArn: string, targetId: string, event: Event, cause: Cause): void {
    const rule = this.#rules.find(({ arn }) => arn === ruleArn);
    const targets = rule?.targets.filter(({ target }) => target.Id === targetId) ?? [];
    if (!rule || targets.length === 0)
      throw new AwsError('ResourceNotFoundException', `${ruleArn} has no target ${targetId}.`, 404);
    this.#deliveries.begin({ ...rule, targets }, { event, time: this.#services.clock.now() }, cause);
  }

  /**
   * Delivers an event once to the target of a rule that has this ARN, without retries and dead
   * letters.
   * @throws {Error} with the reason, if the target does not accept the event or no longer exists
   */
  async deliverOnce(ruleArn: string, targetArn: string, event: Event, cause: Cause): Promise<void> {
    const rule = this.#rules.find(({ arn }) => arn === ruleArn);
    const target = rule?.targets.find(({ target }) => target.Arn === targetArn);
    if (!rule || !target) throw new Error(`The rule ${ruleArn} no longer has the target ${targetArn}.`);
    await this.#deliveries.once(rule, target, { event, time: this.#services.clock.now() }, cause);
  }

  /** Continues with the events that were not delivered when the previous process ended. */
  resume(): void {
    this.#deliveries.resume(this.#rules);
    for (const { bus, ingestion, cause } of this.#events.left.values()) {
      this.#distribute(bus, ingestion, JSON.stringify(ingestion.event), cause);
    }
    this.#replays.resume();
  }

  /** Returns the rules of a bus, with those of its archives; `undefined` if there is no such bus. */
  #rulesOf(bus: string): Rule[] | undefined {
    const rules = this.#buses.get(bus);
    return rules && [...rules, ...this.#archives.rulesOf(bus)];
  }

  get #rules(): Rule[] {
    return [...this.#buses.values(), this.#archives.rules].flat();
  }

  #putEvents(entries: Entry[], cause: Cause | undefined): object {
    const size = entries.reduce((sum, entry) => sum + entrySize(entry), 0);
    if (size > MAXIMUM_BYTES) {
      throw new AwsError(
        'ValidationException',
        'Total size of the entries in the request is over the limit.',
      );
    }
    const results = entries.map((entry) => this.#putEvent(entry, cause));
    return { FailedEntryCount: results.filter((result) => 'ErrorCode' in result).length, Entries: results };
  }

  #putEvent(
    entry: Entry,
    cause: Cause | undefined,
  ): { EventId: string } | { ErrorCode: string; ErrorMessage: string } {
    for (const name of ['Source', 'DetailType', 'Detail'] as const) {
      if (!entry[name]) {
        const message = `Parameter ${name} is not valid. Reason: ${name} is a required argument.`;
        return { ErrorCode: 'InvalidArgument', ErrorMessage: message };
      }
    }
    if (entry.DetailType && entry.DetailType.length > MAXIMUM_DETAIL_TYPE) {
      const message = `Parameter DetailType is not valid. Reason: DetailType must not be longer than ${MAXIMUM_DETAIL_TYPE} characters.`;
      return { ErrorCode: 'InvalidArgument', ErrorMessage: message };
    }
    if (entry.Source?.startsWith('aws.')) {
      return { ErrorCode: 'NotAuthorizedForSourceException', ErrorMessage: 'Not authorized for the source.' };
    }
    const detail = parseObject(entry.Detail ?? '');
    if (!detail) return { ErrorCode: 'MalformedDetail', ErrorMessage: 'Detail is malformed.' };
    const { clock, log, recorder, tracer } = this.#services;
    const now = clock.now();
    const time = entry.Time === undefined ? now : entry.Time * 1000;
    const { Source = '', DetailType = '', Resources } = entry;
    const content = { 'detail-type': DetailType, source: Source, resources: Resources, detail };
    const event = this.#event(content, time);
    const busName = eventBusName(entry.EventBusName);
    log.trace(hopName({ from: 'PutEvents', to: busName }), event);
    const rules = this.#rulesOf(busName);
    // The response is the same: AWS does not report it to the caller
    // (github.com/aws/aws-cli/issues/9186).
    if (!rules) log.error('eventbridge', `LOST an event: there is no event bus ${busName}`);
    const payload = JSON.stringify(event);
    const own = cause
      ? causeOf(cause, entry.Detail ?? '')
      : recorder.note(
          { kind: 'request', hop: callHop('events', 'PutEvents'), to: busName, payload },
          tracer.begin(JSON.stringify(entry)),
        );
    const ingestion = { event, time: now };
    this.#events.put(event.id, { ingestion, bus: busName, cause: keptCause(own) });
    // After the caller has its response.
    setImmediate(() => this.#distribute(busName, ingestion, payload, own));
    return { EventId: event.id };
  }

  /**
   * Begins the deliveries of an event on a bus. From then on, they keep it.
   * @param payload the event, as JSON
   */
  #distribute(bus: string, ingestion: Ingestion, payload: string, cause: Cause): void {
    const { log, recorder } = this.#services;
    const rules = this.#rulesOf(bus) ?? [];
    // An archive keeps an event, but does nothing with it.
    const isWanted = rules.some(({ hop, matches }) => hop && matches(ingestion.event));
    const own = isWanted
      ? cause
      : recorder.note({ kind: 'unwanted', hop: unwantedHop(bus), to: bus, payload }, cause);
    for (const rule of rules) inBackground(rule.name, this.#route(rule, ingestion, payload, own), log);
    this.#events.delete(ingestion.event.id);
  }

  /** @param payload the event, as JSON */
  async #route(rule: Rule, ingestion: Ingestion, payload: string, cause: Cause): Promise<void> {
    const { log, recorder } = this.#services;
    const { hop } = rule;
    if (!hop) {
      if (rule.matches(ingestion.event)) this.#deliveries.begin(rule, ingestion, cause);
      return;
    }
    const passing = { hop, to: rule.arn, payload };
    if (rule.matches(ingestion.event)) {
      this.#deliveries.begin(rule, ingestion, recorder.note({ ...passing, kind: 'event' }, cause));
    } else {
      recorder.note({ ...passing, kind: 'unmatched', why: rule.explain }, cause);
      log.trace(`${rule.name} does not match`, ingestion.event.id);
    }
  }

  /**
   * Runs a rule whenever its schedule is due. Source: User Guide, "Creating a scheduled rule
   * (legacy)".
   */
  #repeat(rule: Rule, next: Schedule): void {
    const { clock, recorder, tracer } = this.#services;
    const time = next(clock.now());
    if (time === undefined) return;
    const run = () => {
      // A clock may be early: it cannot wait for more than 25 days.
      if (clock.now() < time) return wait();
      const content = {
        'detail-type': 'Scheduled Event',
        source: 'aws.events',
        resources: [rule.arn],
        detail: {},
      };
      const event = this.#event(content, time);
      const passing = { kind: 'event', hop: scheduleHop(rule.name), to: rule.arn } as const;
      const payload = JSON.stringify(event);
      const cause = recorder.note({ ...passing, payload }, tracer.begin(rule.arn));
      this.#deliveries.begin(rule, { event, time }, cause);
      this.#repeat(rule, next);
    };
    const wait = () => void clock.schedule(run, time - clock.now());
    wait();
  }

  #event(content: Pick<Event, 'detail-type' | 'source' | 'resources' | 'detail'>, time: number): Event {
    return {
      version: '0',
      id: randomUUID(),
      'detail-type': content['detail-type'],
      source: content.source,
      account: this.#account.id,
      time: new Date(time).toISOString().replace(/\.\d+/, ''),
      region: this.#account.region,
      resources: content.resources,
      detail: content.detail,
    };
  }
}

/**
 * Returns the size of an entry. Source: EventBridge User Guide, "Calculating PutEvents event entry
 * size".
 */
function entrySize({ Source = '', DetailType = '', Detail = '', Resources, Time }: Entry): number {
  const texts = [Source, DetailType, Detail, ...Resources];
  return texts.reduce((sum, text) => sum + Buffer.byteLength(text), Time === undefined ? 0 : 14);
}
