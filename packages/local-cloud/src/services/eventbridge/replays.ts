import * as z from 'zod/mini';
import { inBackground } from '../../core/background.ts';
import type { Section } from '../../core/journal.ts';
import { type Operation, operationMaker } from '../../core/operation.ts';
import { AwsError } from '../../core/service.ts';
import { archiveArn, nameInArn, ResourceArn } from './archive-resource.ts';
import { type Archives, requireBus } from './archives.ts';
import { constrained, Identifier, violation } from './constraints.ts';
import { pageOf, pageParameters, requireOneFilter } from './page.ts';
import { Replay, ReplayRun, type ReplayRunServices, ReplayState } from './replay-run.ts';
import type { Rule } from './rule.ts';

const KEPT_MS = 90 * 24 * 60 * 60 * 1000;
/** Source: EventBridge User Guide, "Replaying archived events". */
const MAXIMUM_ACTIVE = 10;

/** Seconds since the epoch, in the range of a `Date`. */
const Time = z.number().check(z.gte(-8.64e12), z.lte(8.64e12));

const StartReplay = z.strictObject({
  ReplayName: Identifier,
  Description: z.optional(constrained(0, 512)),
  EventSourceArn: ResourceArn,
  EventStartTime: Time,
  EventEndTime: Time,
  Destination: z.strictObject({
    Arn: constrained(1, 1600),
    FilterArns: z.optional(z.array(constrained(1, 1600))),
  }),
});
const NamedReplay = z.strictObject({ ReplayName: Identifier });
const ListReplays = z.strictObject({
  ...pageParameters,
  NamePrefix: z.optional(Identifier),
  EventSourceArn: z.optional(ResourceArn),
  State: z.optional(ReplayState),
});

interface ReplayServices extends ReplayRunServices {
  archives: Archives;
  buses: ReadonlySet<string>;
  /** Returns the rules of a bus, by its name. */
  rulesOf(bus: string): Rule[];
}

const operation = operationMaker(violation);

/**
 * The replays of archives. Each is kept for 90 days, and continues after a restart. Errors and their
 * messages are as recorded from AWS, where a record exists.
 * Source: EventBridge API Reference, `StartReplay`.
 */
export class Replays {
  readonly #services: ReplayServices;
  readonly #kept: Omit<Section<typeof Replay>, 'left'>;
  readonly #replays: Map<string, Replay>;

  constructor(services: ReplayServices) {
    this.#services = services;
    const { left, ...kept } = services.archiveJournal.section('replays', Replay);
    this.#kept = kept;
    this.#replays = new Map(left);
  }

  readonly operations: Readonly<Record<string, Operation>> = {
    StartReplay: operation(StartReplay, async (input) => {
      const { Destination, ReplayName: name, EventSourceArn } = input;
      const archiveName = this.#archiveOf(EventSourceArn, Destination.Arn);
      if (input.EventStartTime >= input.EventEndTime)
        refuse('EventEndTime', 'EventStartTime must be before EventEndTime');
      this.#expire();
      if (this.#replays.has(name))
        throw new AwsError('ResourceAlreadyExistsException', `Replay ${name} already exists.`);
      this.#requireRules(Destination.FilterArns ?? [], Destination.Arn);
      if ([...this.#replays.values()].filter(isActive).length >= MAXIMUM_ACTIVE)
        throw new AwsError(
          'LimitExceededException',
          `There are ${MAXIMUM_ACTIVE} active replays, the maximum of an account in a Region.`,
        );
      const from = input.EventStartTime * 1000;
      const replay: Replay = {
        name,
        archiveName,
        busArn: Destination.Arn,
        filterArns: Destination.FilterArns,
        description: input.Description,
        from,
        to: input.EventEndTime * 1000,
        next: from,
        state: 'STARTING',
        startedAt: this.#services.clock.now(),
      };
      this.#replays.set(name, replay);
      this.#keep(replay);
      await this.#services.archiveJournal.written();
      this.#run(replay);
      const { ReplayArn } = this.#identityOf(replay);
      return { ReplayArn, ReplayStartTime: replay.startedAt / 1000, State: 'STARTING' };
    }),
    DescribeReplay: operation(NamedReplay, ({ ReplayName }) => {
      const replay = this.#named(ReplayName);
      const { busArn: Arn, description: Description, filterArns: FilterArns } = replay;
      const { ReplayArn } = this.#identityOf(replay);
      return { ReplayArn, Description, Destination: { Arn, FilterArns }, ...this.#entry(replay) };
    }),
    ListReplays: operation(ListReplays, (input) => {
      requireOneFilter('ListReplays', input);
      this.#expire();
      const { EventSourceArn, NamePrefix = '', State } = input;
      const found = [...this.#replays.values()].filter(
        (replay) =>
          replay.name.startsWith(NamePrefix) &&
          (State === undefined || replay.state === State) &&
          (EventSourceArn === undefined || this.#identityOf(replay).EventSourceArn === EventSourceArn),
      );
      const { items, ...page } = pageOf(found, input);
      return { Replays: items.map((replay) => this.#entry(replay)), ...page };
    }),
    CancelReplay: operation(NamedReplay, async ({ ReplayName }) => {
      const replay = this.#named(ReplayName);
      if (replay.state !== 'STARTING' && replay.state !== 'RUNNING')
        throw new AwsError(
          'IllegalStatusException',
          `Replay ${ReplayName} is not in a valid state for this operation.`,
        );
      replay.state = 'CANCELLING';
      this.#keep(replay);
      await this.#services.archiveJournal.written();
      return { ReplayArn: this.#identityOf(replay).ReplayArn, State: 'CANCELLING' };
    }),
  };

  /** Continues with the replays that were active when the previous process ended. */
  resume(): void {
    this.#expire();
    for (const replay of this.#replays.values()) if (isActive(replay)) this.#run(replay);
  }

  #run(replay: Replay): void {
    const run = new ReplayRun(replay, this.#services, () => this.#keep(replay));
    inBackground(`replay ${replay.name}`, run.finish(), this.#services.log);
  }

  #keep(replay: Replay): void {
    this.#kept.put(replay.name, { ...replay });
  }

  #expire(): void {
    const oldest = this.#services.clock.now() - KEPT_MS;
    for (const replay of this.#replays.values()) {
      if (isActive(replay) || replay.startedAt > oldest) continue;
      this.#replays.delete(replay.name);
      this.#kept.delete(replay.name);
    }
  }

  /** Returns the name of an archive whose events may be replayed to a bus. */
  #archiveOf(arn: string, busArn: string): string {
    const { archives, buses } = this.#services;
    if (!/^arn:aws[a-z-]*:events:[a-zA-Z0-9-]+:\d{12}:event-bus\//.test(busArn))
      refuse('Destination.Arn', 'Must contain an event bus ARN');
    requireBus(busArn, buses);
    const name = nameInArn(arn);
    const archived = archives.busOf(name);
    if (archived === undefined) refuse('EventSourceArn', `Archive ${name} does not exist`);
    if (archived !== busArn) refuse('Destination.Arn', 'Cross event bus replay is not permitted');
    return name;
  }

  #requireRules(arns: string[], busArn: string): void {
    const bus = nameInArn(busArn);
    const known = this.#services.rulesOf(bus).map(({ arn }) => arn);
    const unknown = arns.find((arn) => !known.includes(arn));
    if (unknown === undefined) return;
    const rule = unknown.replace(/^.*\//, '');
    throw new AwsError('ResourceNotFoundException', `Rule ${rule} does not exist on EventBus ${bus}.`);
  }

  #named(name: string): Replay {
    this.#expire();
    const replay = this.#replays.get(name);
    if (!replay) throw new AwsError('ResourceNotFoundException', `Replay ${name} does not exist.`);
    return replay;
  }

  #identityOf({ archiveName, name }: Replay): { ReplayArn: string; EventSourceArn: string } {
    const { account } = this.#services;
    const EventSourceArn = archiveArn(archiveName, account);
    return { ReplayArn: EventSourceArn.replace(/:archive\/.*/, `:replay/${name}`), EventSourceArn };
  }

  #entry(replay: Replay): object {
    const { endedAt, from, lastReplayed, name, reason, startedAt, state, to } = replay;
    const seconds = (ms: number | undefined) => ms && ms / 1000;
    return {
      ReplayName: name,
      EventSourceArn: this.#identityOf(replay).EventSourceArn,
      State: state,
      StateReason: reason,
      EventStartTime: from / 1000,
      EventEndTime: to / 1000,
      EventLastReplayedTime: seconds(lastReplayed),
      ReplayStartTime: startedAt / 1000,
      ReplayEndTime: seconds(endedAt),
    };
  }
}

function isActive({ state }: Replay): boolean {
  return state === 'STARTING' || state === 'RUNNING' || state === 'CANCELLING';
}

function refuse(parameter: string, reason: string): never {
  throw new AwsError('ValidationException', `Parameter ${parameter} is not valid. Reason: ${reason}.`);
}
