import * as z from 'zod/mini';
import type { Clock } from '../../core/clock.ts';
import type { Journal, Section } from '../../core/journal.ts';
import type { Log } from '../../core/log.ts';
import { type Operation, operationMaker } from '../../core/operation.ts';
import { AwsError } from '../../core/service.ts';
import type { Account } from '../../template/resource-type.ts';
import type { Template } from '../../template/template.ts';
import {
  ArchiveName,
  ArchiveResource,
  archiveArn,
  nameInArn,
  OwnedKey,
  ResourceArn,
  RetentionDays,
} from './archive-resource.ts';
import { archiveRule } from './archive-rule.ts';
import { constrained, violation } from './constraints.ts';
import { Event } from './delivery.ts';
import { eventBusName } from './event-bus-arn.ts';
import { compileEventPattern, MAXIMUM_PATTERN_LENGTH } from './event-pattern.ts';
import { pageOf, pageParameters, requireOneFilter } from './page.ts';
import type { Rule } from './rule.ts';

const DAY_MS = 24 * 60 * 60 * 1000;

/** What an archive is; its key is its name. */
const Definition = z.object({
  busArn: z.string(),
  /** As JSON; every event if absent. */
  pattern: z.optional(z.string()),
  description: z.optional(z.string()),
  /** 0 keeps the events forever. */
  retentionDays: z.number(),
  /** Milliseconds since the epoch. */
  createdAt: z.number(),
  /** Whether the template has created it, in contrast to `CreateArchive`. */
  ofTemplate: z.boolean(),
});
type Definition = z.infer<typeof Definition>;

/** An event in an archive; its key is `<archive>/<event ID>`. */
const ArchivedEvent = z.object({
  /** The time in the event, and the time from which it is retained, in milliseconds since the epoch. */
  time: z.number(),
  archivedAt: z.number(),
  /** As JSON: a text takes less memory than its objects. */
  text: z.string(),
});
export type ArchivedEvent = z.infer<typeof ArchivedEvent>;

interface Archive {
  name: string;
  definition: Definition;
  rule: Rule;
  /** By ID, those that expire first at the front. */
  events: Map<string, ArchivedEvent>;
}

export interface ArchiveServices {
  account: Account;
  /** Keeps the archives with their events, and the replays. */
  archiveJournal: Journal;
  clock: Clock;
  log: Log;
}

const fields = {
  ArchiveName,
  Description: z.optional(constrained(0, 512)),
  EventPattern: z.optional(constrained(0, MAXIMUM_PATTERN_LENGTH)),
  KmsKeyIdentifier: OwnedKey,
};
const CreateArchive = z.strictObject({
  ...fields,
  EventSourceArn: ResourceArn,
  RetentionDays: z._default(RetentionDays, 0),
});
const UpdateArchive = z.strictObject({ ...fields, RetentionDays: z.optional(RetentionDays) });
const NamedArchive = z.strictObject({ ArchiveName });
const ListArchives = z.strictObject({
  ...pageParameters,
  NamePrefix: z.optional(ArchiveName),
  EventSourceArn: z.optional(ResourceArn),
  State: z.optional(
    z.enum(['ENABLED', 'DISABLED', 'CREATING', 'UPDATING', 'CREATE_FAILED', 'UPDATE_FAILED']),
  ),
});

const operation = operationMaker(violation);

/**
 * The archives of event buses. They and their events are kept on disk, and each event until its
 * retention ends. Errors and their messages are as recorded from AWS, where a record exists.
 * Source: EventBridge User Guide, "Archiving and replaying events".
 */
export class Archives {
  readonly #services: ArchiveServices;
  readonly #buses: ReadonlySet<string>;
  readonly #kept: Omit<Section<typeof Definition>, 'left'>;
  readonly #keptEvents: Omit<Section<typeof ArchivedEvent>, 'left'>;
  readonly #archives = new Map<string, Archive>();

  /**
   * Opens the archives that the previous process has left, and makes those of the template as the
   * template describes them.
   * @param buses the names of all event buses
   */
  constructor(template: Template, buses: ReadonlySet<string>, services: ArchiveServices) {
    this.#services = services;
    this.#buses = buses;
    const { left: definitions, ...kept } = services.archiveJournal.section('archives', Definition);
    const { left: events, ...keptEvents } = services.archiveJournal.section('archived', ArchivedEvent);
    this.#kept = kept;
    this.#keptEvents = keptEvents;
    for (const [name, definition] of definitions) this.#open(name, definition);
    for (const [key, event] of events) {
      const slash = key.indexOf('/');
      const archive = this.#archives.get(key.slice(0, slash));
      if (archive) archive.events.set(key.slice(slash + 1), event);
      else keptEvents.delete(key);
    }
    this.#deploy(template);
  }

  /** Returns the rules that send the events of a bus to its archives. */
  rulesOf(bus: string): Rule[] {
    return [...this.#archives.values()].flatMap(({ definition, rule }) =>
      eventBusName(definition.busArn) === bus ? rule : [],
    );
  }

  /** Returns the rules of all archives. */
  get rules(): Rule[] {
    return [...this.#archives.values()].map(({ rule }) => rule);
  }

  /**
   * Keeps an event, once however often it comes. Resolves once it survives the process.
   * @param payload the event, as JSON
   * @throws {AwsError} `ResourceNotFoundException` if there is no such archive
   */
  async put(arn: string, payload: string): Promise<void> {
    const archive = this.#named(nameInArn(arn));
    const { id, time } = Event.parse(JSON.parse(payload));
    this.#expire(archive);
    if (!archive.events.has(id)) {
      const event = { time: Date.parse(time), archivedAt: this.#services.clock.now(), text: payload };
      archive.events.set(id, event);
      this.#keptEvents.put(`${archive.name}/${id}`, event);
    }
    await this.#services.archiveJournal.written();
  }

  /** Returns the ARN of the bus of an archive; `undefined` if there is no such archive. */
  busOf(name: string): string | undefined {
    return this.#archives.get(name)?.definition.busArn;
  }

  /**
   * Returns the events whose time is in a span, whose end is exclusive, in milliseconds since the
   * epoch; `undefined` if there is no such archive.
   */
  eventsOf(name: string, from: number, to: number): ArchivedEvent[] | undefined {
    const archive = this.#archives.get(name);
    if (archive) this.#expire(archive);
    return archive && [...archive.events.values()].filter(({ time }) => time >= from && time < to);
  }

  readonly operations: Readonly<Record<string, Operation>> = {
    CreateArchive: operation(CreateArchive, async (input) => {
      const { ArchiveName: name, Description, EventPattern, EventSourceArn, RetentionDays } = input;
      this.#requireBus(EventSourceArn);
      if (this.#archives.has(name))
        throw new AwsError('ResourceAlreadyExistsException', `Archive ${name} already exists.`);
      if (EventPattern !== undefined) compileEventPattern(EventPattern);
      return this.#change(name, {
        busArn: EventSourceArn,
        pattern: EventPattern,
        description: Description,
        retentionDays: RetentionDays,
        createdAt: this.#services.clock.now(),
        ofTemplate: false,
      });
    }),
    UpdateArchive: operation(UpdateArchive, async (input) => {
      const { definition, name } = this.#named(input.ArchiveName);
      if (input.EventPattern !== undefined) compileEventPattern(input.EventPattern);
      return this.#change(name, {
        ...definition,
        pattern: input.EventPattern ?? definition.pattern,
        description: input.Description ?? definition.description,
        retentionDays: input.RetentionDays ?? definition.retentionDays,
      });
    }),
    DeleteArchive: operation(NamedArchive, async ({ ArchiveName: name }) => {
      this.#delete(this.#named(name));
      await this.#services.archiveJournal.written();
      return {};
    }),
    DescribeArchive: operation(NamedArchive, ({ ArchiveName: name }) => {
      const archive = this.#named(name);
      const { description: Description, pattern: EventPattern } = archive.definition;
      const ArchiveArn = archiveArn(name, this.#services.account);
      return { ArchiveArn, Description, EventPattern, ...this.#entry(archive) };
    }),
    ListArchives: operation(ListArchives, (input) => {
      requireOneFilter('ListArchives', input);
      const { EventSourceArn, NamePrefix = '', State = 'ENABLED' } = input;
      if (EventSourceArn !== undefined) this.#requireBus(EventSourceArn);
      const found = [...this.#archives.values()].filter(
        ({ definition, name }) =>
          name.startsWith(NamePrefix) &&
          State === 'ENABLED' &&
          (EventSourceArn === undefined || definition.busArn === EventSourceArn),
      );
      const { items, ...page } = pageOf(found, input);
      return { Archives: items.map((archive) => this.#entry(archive)), ...page };
    }),
  };

  /** Creates, changes and deletes archives as a deployment of the template would. */
  #deploy(template: Template): void {
    const resources = template.resources(ArchiveResource);
    const names = new Set(resources.map(({ name }) => name));
    for (const archive of this.#archives.values())
      if (archive.definition.ofTemplate && !names.has(archive.name)) this.#delete(archive);
    for (const { logicalId, name, properties } of resources) {
      const { Description, EventPattern, RetentionDays, SourceArn } = properties;
      if (template.skipped.sentence(SourceArn, 'events') !== undefined) continue;
      if (!this.#buses.has(eventBusName(SourceArn)))
        throw new Error(`${logicalId}: there is no event bus ${eventBusName(SourceArn)}.`);
      this.#open(name, {
        busArn: SourceArn,
        pattern: EventPattern && JSON.stringify(EventPattern),
        description: Description,
        retentionDays: RetentionDays,
        createdAt: this.#archives.get(name)?.definition.createdAt ?? this.#services.clock.now(),
        ofTemplate: true,
      });
    }
  }

  async #change(name: string, definition: Definition): Promise<object> {
    this.#open(name, definition);
    const { account, archiveJournal } = this.#services;
    await archiveJournal.written();
    return {
      ArchiveArn: archiveArn(name, account),
      CreationTime: definition.createdAt / 1000,
      State: 'ENABLED',
    };
  }

  #open(name: string, definition: Definition): void {
    const rule = archiveRule(name, definition, this.#services.account);
    const events = this.#archives.get(name)?.events ?? new Map();
    this.#archives.set(name, { name, definition, rule, events });
    this.#kept.put(name, definition);
  }

  #delete({ name, events }: Archive): void {
    this.#archives.delete(name);
    for (const id of events.keys()) this.#keptEvents.delete(`${name}/${id}`);
    this.#kept.delete(name);
  }

  /** Deletes the events whose retention has ended. */
  #expire({ definition, events, name }: Archive): void {
    if (definition.retentionDays === 0) return;
    const oldest = this.#services.clock.now() - definition.retentionDays * DAY_MS;
    for (const [id, { archivedAt }] of events) {
      if (archivedAt > oldest) return;
      events.delete(id);
      this.#keptEvents.delete(`${name}/${id}`);
    }
  }

  #entry(archive: Archive): object {
    this.#expire(archive);
    const { definition, events, name } = archive;
    return {
      ArchiveName: name,
      EventSourceArn: definition.busArn,
      State: 'ENABLED',
      RetentionDays: definition.retentionDays,
      SizeBytes: [...events.values()].reduce((size, { text }) => size + Buffer.byteLength(text), 0),
      EventCount: events.size,
      CreationTime: definition.createdAt / 1000,
    };
  }

  #named(name: string): Archive {
    const archive = this.#archives.get(name);
    if (!archive) throw new AwsError('ResourceNotFoundException', `Archive ${name} does not exist.`);
    return archive;
  }

  #requireBus(arn: string): void {
    requireBus(arn, this.#buses);
  }
}

/** @throws {AwsError} `ResourceNotFoundException` unless the bus with this ARN or name exists */
export function requireBus(reference: string, buses: ReadonlySet<string>): void {
  const bus = eventBusName(reference);
  if (!buses.has(bus)) throw new AwsError('ResourceNotFoundException', `Event bus ${bus} does not exist.`);
}
