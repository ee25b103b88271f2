import {
  CancelReplayCommand,
  DescribeArchiveCommand,
  type DescribeArchiveResponse,
  DescribeReplayCommand,
  type DescribeReplayResponse,
  EventBridgeClient,
  IllegalStatusException,
  ListReplaysCommand,
  type Replay,
  StartReplayCommand,
} from '@aws-sdk/client-eventbridge';
import { parse } from '@aws-sdk/util-arn-parser';
import { replayRule } from './replay-rule.ts';
import { iso, replaySpan, requireRetained } from './replay-span.ts';
import type { Stack } from './stack.ts';

export interface ReplayerOptions {
  stack: Stack;
  /** Asks the operator a question, and returns whether the answer is yes. */
  confirm(question: string): Promise<boolean>;
  /** Returns, once for each time, whether the operator has pressed Ctrl-C. */
  interrupted(): boolean;
  print(line: string): void;
  /** The present time, in milliseconds since the epoch. */
  now: number;
  /** Resolves after a number of milliseconds, or earlier when the operator presses Ctrl-C. */
  sleep(ms: number): Promise<void>;
}

/** What to replay: the events of a span, whose times are ISO 8601, to one rule. */
export interface ReplayRequest {
  rule: string;
  from: string;
  to: string;
}

const MAXIMUM_NAME = 64;
/** AWS recommends to wait as long before a replay ("Archiving and replaying events", "Event delivery"). */
const ARCHIVE_DELAY = 10 * 60 * 1000;
const endStates: readonly (string | undefined)[] = ['COMPLETED', 'CANCELLED', 'FAILED'];

/** Replays events from the archive of a stack, and shows and cancels its replays. */
export class Replayer {
  readonly #options: ReplayerOptions;
  readonly #client: EventBridgeClient;

  constructor(options: ReplayerOptions) {
    this.#options = options;
    this.#client = new EventBridgeClient(options.stack.settings);
  }

  /**
   * Replays events to one rule, once the operator has confirmed it, and shows the progress.
   * @returns whether the replay is completed
   * @throws {Error} if the request is not valid, before anything is started
   */
  async replay(request: ReplayRequest): Promise<boolean> {
    const { confirm, now, print, stack } = this.#options;
    const span = replaySpan(request.from, request.to, now);
    const archive = await this.#archive();
    const { ArchiveArn, CreationTime, EventCount, EventSourceArn = '', RetentionDays = 0 } = archive;
    requireRetained(span, { createdAt: CreationTime ?? new Date(0), days: RetentionDays }, now);
    const bus = nameIn(EventSourceArn);
    const { arn, name, targets } = await replayRule(this.#client, bus, request.rule);
    print(`Rule:    ${name} on the bus ${bus}`);
    print(`Targets: ${targets.map(nameIn).join(', ')}`);
    print(`Span:    ${iso(span.from)} to ${iso(span.to)}`);
    print(
      `Archive: ${archive.ArchiveName}, events in all since ` +
        `${iso(CreationTime ?? new Date(0))}: ${EventCount ?? 0}. EventBridge does not tell how many are in the span.`,
    );
    // The archive of the local cloud has no delay.
    if (stack.settings.endpoint === undefined && now - span.to.getTime() < ARCHIVE_DELAY)
      print('The archive can lack events of the last 10 minutes. A later --from and --to can repeat them.');
    if (!(await confirm(`Replay these events to ${name}, and to no other rule?`))) return false;

    const stamp = iso(new Date(now)).replace(/[-:]/g, '');
    const ReplayName = `${name.slice(0, MAXIMUM_NAME - stamp.length - 1)}-${stamp}`;
    await this.#client.send(
      new StartReplayCommand({
        ReplayName,
        EventSourceArn: ArchiveArn,
        EventStartTime: span.from,
        EventEndTime: span.to,
        Destination: { Arn: EventSourceArn, FilterArns: [arn] },
      }),
    );
    print('Ctrl-C asks whether to cancel the replay.');
    return (await this.#follow(ReplayName)) === 'COMPLETED';
  }

  /**
   * Cancels a replay, and waits for its end.
   * @returns whether it is cancelled
   * @throws {Error} if it has ended, or is not of this stack
   */
  async cancel(ReplayName: string): Promise<boolean> {
    const { ArchiveArn } = await this.#archive();
    const { EventSourceArn, State } = await this.#describe(ReplayName);
    if (EventSourceArn !== ArchiveArn)
      throw new Error(`The replay ${ReplayName} is not of this stack, but of ${EventSourceArn}.`);
    if (endStates.includes(State)) throw new Error(`The replay ${ReplayName} has ended. It is ${State}.`);
    await this.#cancel(ReplayName);
    return (await this.#follow(ReplayName)) === 'CANCELLED';
  }

  /** Prints the replays of the last 90 days, the newest first. */
  async list(): Promise<void> {
    const { ArchiveArn: EventSourceArn } = await this.#archive();
    const replays: Replay[] = [];
    let NextToken: string | undefined;
    do {
      const page = await this.#client.send(new ListReplaysCommand({ EventSourceArn, NextToken }));
      replays.push(...(page.Replays ?? []));
      NextToken = page.NextToken;
    } while (NextToken !== undefined);
    const started = ({ ReplayStartTime }: Replay) => ReplayStartTime?.getTime() ?? 0;
    for (const replay of replays.sort((a, b) => started(b) - started(a)))
      this.#options.print(`${replay.ReplayName}: ${progressOf(replay)}`);
    if (replays.length === 0) this.#options.print('There are no replays of the last 90 days.');
  }

  /** Prints the progress of a replay until it ends, and returns its last state. */
  async #follow(name: string): Promise<string | undefined> {
    const { confirm, interrupted, print, sleep, stack } = this.#options;
    const pause = stack.settings.endpoint === undefined ? 3_000 : 500;
    let shown = '';
    for (;;) {
      const replay = await this.#describe(name);
      const progress = progressOf(replay);
      if (progress !== shown) print(`${name}: ${progress}`);
      shown = progress;
      if (endStates.includes(replay.State)) return replay.State;
      await sleep(pause);
      if (interrupted() && (await confirm(`Cancel the replay ${name}?`))) await this.#cancel(name);
    }
  }

  /** Cancels a replay, unless it has ended meanwhile. */
  async #cancel(ReplayName: string): Promise<void> {
    try {
      await this.#client.send(new CancelReplayCommand({ ReplayName }));
    } catch (error) {
      if (!(error instanceof IllegalStatusException)) throw error;
    }
  }

  #describe(ReplayName: string): Promise<DescribeReplayResponse> {
    return this.#client.send(new DescribeReplayCommand({ ReplayName }));
  }

  /** @throws {Error} if the stack has no archive */
  async #archive(): Promise<DescribeArchiveResponse> {
    const { BlogArchiveName: ArchiveName } = this.#options.stack.outputs;
    if (ArchiveName === undefined)
      throw new Error('The stack has no archive of events. Deploy it from this version.');
    return this.#client.send(new DescribeArchiveCommand({ ArchiveName }));
  }
}

/** Returns the state of a replay, and how far it is. */
function progressOf({ EventEndTime, EventLastReplayedTime: last, State, StateReason }: Replay): string {
  const reason = StateReason ? ` (${StateReason})` : '';
  const end = EventEndTime ? ` of ${iso(EventEndTime)}` : '';
  return `${State}${reason}, ${last ? `replayed up to ${iso(last)}${end}` : 'nothing replayed'}`;
}

/** Returns the last part of an ARN, with the qualifier of a function. */
function nameIn(arn: string): string {
  return parse(arn)
    .resource.replace(/^.*\//, '')
    .replace(/^function:/, '');
}
