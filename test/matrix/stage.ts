import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import * as z from 'zod/mini';
import { Channel } from '../../lambdas/model/connection.ts';
import { CreatedPost, type NewPost, Post } from '../../lambdas/model/post.ts';
import { redrive } from '../../operations/redriver.ts';
import { localStackOf } from '../../operations/stack.ts';
import { Readers } from '../../soak/readers.ts';
import { checks, type Outcome, type StoredPost, type Submission } from '../../soak/verdict.ts';
import type { VirtualCloud } from '../e2e/virtual-cloud.ts';
import type { RecordedLog } from '../local/recorded-log.ts';
import { type Cell, faultsOf, mayNeedOperator, mayRefuse, mayRepeatPushes } from './hops.ts';
import { Watcher } from './watcher.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;

const topics = ['summer', 'autumn', 'winter', 'spring', 'été', '"quoted" & \\escaped'];

const postsOfCell = 20;

/** Seven watch each topic, two watch everything, and one comes when the post is saved: ten for each post. */
const watchersOfTopic = 7;
const watchersOfAll = 2;

/** How long the faults last that do not end by themselves, and how long what has failed may then take to heal. */
const faultsLast = 10 * MINUTE;
const healing = 15 * MINUTE;

/** What happened in a cell. */
export interface CellResult {
  cell: Cell;
  /** How often a fault struck. */
  strikes: number;
  /** Posts that were answered 201, and those that were not and had no key under which to be sent again. */
  accepted: number;
  refused: number;
  repeatedMails: number;
  /** States that clients were sent again that were there all the time. */
  repeatedPushes: number;
  /** Messages that waited for an operator. */
  deadLetters: number;
  /** What of the promise was not kept: nothing in a cell that passes. */
  broken: string[];
}

/** The public of a local cloud, before which cell after cell is played. */
export class Stage {
  readonly #cloud: VirtualCloud;
  readonly #log: RecordedLog;
  readonly #readers: Readers;
  /** Who is there all the time. */
  readonly #watchers: Watcher[];
  /** Who asks for posts on a connection that it has. */
  readonly #subscriber: Watcher;
  /** The posts of all cells so far, without those that were deleted. */
  #submissions: Submission[] = [];
  readonly #deleted = new Set<string>();
  #cells = 0;

  private constructor(
    cloud: VirtualCloud,
    log: RecordedLog,
    audience: { readers: Readers; watchers: Watcher[]; subscriber: Watcher },
  ) {
    this.#cloud = cloud;
    this.#log = log;
    this.#readers = audience.readers;
    this.#watchers = audience.watchers;
    this.#subscriber = audience.subscriber;
  }

  static async open(cloud: VirtualCloud, log: RecordedLog): Promise<Stage> {
    const readers = new Readers(cloud, topics);
    await readers.subscribe();
    const wanted = [
      ...topics.flatMap((topic) => Array.from({ length: watchersOfTopic }, () => ({ topic }))),
      ...Array.from({ length: watchersOfAll }, () => 'all' as const),
    ];
    const watchers = await Promise.all(
      wanted.map((wants, index) => Watcher.connect(cloud, `client ${index}`, { wants })),
    );
    const subscriber = await Watcher.connect(cloud, 'subscriber', {});
    return new Stage(cloud, log, { readers, watchers, subscriber });
  }

  /** Has authors post under the faults of a cell and an operator finish what has failed, and looks at what came of it. */
  async play(cell: Cell): Promise<CellResult> {
    const { clock, faults } = this.#cloud;
    // So that a reader does not get the mails of two cells in one second, which SNS would have enough of.
    await this.#cloud.pass(MINUTE);
    const before = await this.#look([]);
    const repeatsBefore = this.#repeatedPushes();
    this.#log.warnings.length = 0;
    await this.#addGoneConnection();

    for (const fault of faultsOf(cell)) faults.add(fault);
    const callOff = clock.schedule(() => faults.clear(), faultsLast);
    const submissions = this.#newSubmissions();
    await this.#publish(submissions);
    await this.#cloud.pass(30 * SECOND);
    await this.#deleteOne(submissions);
    const late = await this.#comeLate(submissions);
    const look = () => this.#look(late);
    await this.#waitForPromise(look, faultsLast + healing);
    callOff();
    faults.clear();

    const deadLetters = (await this.#cloud.queues()).filter(
      ({ queue }) => !queue.includes(queueOfEachMinute),
    );
    const waiting = deadLetters.flatMap(({ messages }) => messages.map(({ body }) => body));
    const lost = unaccounted(await look(), waiting);
    await this.#redrive();
    await this.#waitForPromise(look, healing);
    const after = await look();
    const result = {
      cell,
      strikes: this.#log.warnings.filter((line) => line.startsWith('fault: ')).length,
      accepted: submissions.filter(({ answers }) => answers.length > 0).length,
      refused: submissions.filter(({ answers }) => answers.length === 0).length,
      repeatedMails: repeatedMails(after) - repeatedMails(before),
      repeatedPushes: this.#repeatedPushes() - repeatsBefore,
      deadLetters: waiting.length,
    };
    const broken = [...lost, ...brokenIn(after), ...(await this.#leftovers()), ...unexpectedIn(result)];
    for (const watcher of late) watcher.leave();
    return { ...result, broken };
  }

  #newSubmissions(): Submission[] {
    const cell = this.#cells++;
    return Array.from({ length: postsOfCell }, (_, index) => ({
      content: {
        author: 'hunter s thompson',
        title: `Title ${cell}/${index}`,
        body: 'Joe is going to Spain',
        topic: topics[index % topics.length] ?? '',
      } satisfies NewPost,
      key: index % 2 === 0 ? `key-${cell}-${index}` : undefined,
      answers: [],
    }));
  }

  /**
   * Posts them all at once. What is refused is sent again every minute if it has a key, and what has a key once more when
   * it is answered. Of every fourth the state is asked for as soon as it is saved.
   */
  async #publish(submissions: Submission[]): Promise<void> {
    this.#submissions.push(...submissions);
    const submit = (some: Submission[]) =>
      this.#cloud.finish(Promise.all(some.map((submission) => this.#submit(submission))));
    let pending = submissions;
    for (let round = 0; round < 15 && pending.length > 0; round++) {
      if (round > 0) await this.#cloud.pass(MINUTE);
      await submit(pending);
      for (const { answers } of pending.filter((_, index) => index % 4 === 1))
        for (const { id } of answers) this.#subscriber.subscribe(id);
      const keyed = pending.filter(({ key }) => key !== undefined);
      await submit(keyed.filter(({ answers }) => answers.length > 0));
      pending = keyed.filter(({ answers }) => answers.length === 0);
    }
  }

  async #submit({ content, key, answers }: Submission): Promise<void> {
    const answer = await fetch(`${this.#cloud.url}/posts`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...(key !== undefined && { 'idempotency-key': key }) },
      body: JSON.stringify(content),
    });
    if (answer.status === 201) answers.push(CreatedPost.parse(await answer.json()));
    else if (answer.status < 500) throw new Error(`A post was answered ${answer.status}.`);
  }

  /** Somebody who has connected an hour ago and is gone, with nobody told of it. */
  async #addGoneConnection(): Promise<void> {
    await this.#cloud.dynamoDb('PutItem', {
      TableName: this.#cloud.outputs.ConnectionsTableName,
      Item: {
        channel: { S: Channel.all },
        connectionId: { S: goneConnection },
        connectedAt: { S: new Date(this.#cloud.clock.now() - 60 * MINUTE).toISOString() },
        expiresAt: { N: String(Math.floor(this.#cloud.clock.now() / 1000) + 3600) },
      },
    });
  }

  /** An operator deletes the last post, enriched or not. */
  async #deleteOne(submissions: Submission[]): Promise<void> {
    const [answer] = submissions.at(-1)?.answers ?? [];
    if (!answer) return;
    const { id } = answer;
    const TableName = this.#cloud.outputs.PostsTableName;
    await this.#cloud.dynamoDb('DeleteItem', { TableName, Key: { id: { S: id } } });
    this.#deleted.add(id);
    this.#submissions = this.#submissions.filter(({ answers: [first] }) => first?.id !== id);
  }

  /** Clients connect for every other post, and ask for the others on a connection. */
  async #comeLate(submissions: Submission[]): Promise<Watcher[]> {
    const ids = submissions.flatMap(({ answers: [answer] }) => answer?.id ?? []);
    for (const id of ids.filter((_, index) => index % 4 === 3)) this.#subscriber.subscribe(id);
    return Promise.all(
      ids
        .filter((_, index) => index % 2 === 0)
        .map((postId) => Watcher.connect(this.#cloud, `client of ${postId}`, { postId })),
    );
  }

  async #waitForPromise(look: () => Promise<Outcome>, ms: number): Promise<void> {
    const end = this.#cloud.clock.now() + ms;
    while (this.#cloud.clock.now() < end && brokenIn(await look()).length > 0) await this.#cloud.pass(MINUTE);
  }

  async #redrive(): Promise<void> {
    const { clock, outputs } = this.#cloud;
    await redrive({
      stack: localStackOf(outputs),
      unfinished: true,
      confirm: async () => true,
      print: () => {},
      now: clock.now(),
      sleep: (ms) => this.#cloud.pass(ms),
    });
  }

  async #look(late: Watcher[]): Promise<Outcome> {
    await this.#readers.collect();
    const queues = await this.#cloud.queues();
    return {
      submissions: this.#submissions,
      unexpected: [],
      stored: await this.#stored(),
      readers: this.#readers.list,
      mails: new Map(this.#readers.mails),
      clients: [...this.#watchers, this.#subscriber, ...late],
      queues: new Map(queues.map(({ queue, messages }) => [queue, messages.length])),
      losses: this.#log.errors.filter((line) => /LOST|SUSPENDED/.test(line)),
    };
  }

  async #stored(): Promise<Outcome['stored']> {
    const stored = new Map<string, StoredPost>();
    for (const item of await this.#scan(this.#cloud.outputs.PostsTableName)) {
      const { id } = z.object({ id: z.string() }).parse(item);
      if (this.#deleted.has(id)) continue;
      const { revision, outboxShard, ...post } = StoredItem.parse(item);
      stored.set(id, { post, revision, marked: outboxShard !== undefined });
    }
    return stored;
  }

  /** What should not be there any more: deleted posts, and the connection that is gone. */
  async #leftovers(): Promise<string[]> {
    const [posts, connections] = [
      JSON.stringify(await this.#scan(this.#cloud.outputs.PostsTableName)),
      JSON.stringify(await this.#scan(this.#cloud.outputs.ConnectionsTableName)),
    ];
    return [
      ...[...this.#deleted].filter((id) => posts.includes(id)).map((id) => `${id} was deleted, and is back`),
      ...(connections.includes(goneConnection) ? ['a connection is gone, and its row still there'] : []),
    ];
  }

  async #scan(TableName: string | undefined): Promise<unknown[]> {
    const answer = await this.#cloud.dynamoDb('Scan', { TableName });
    return ScanOutput.parse(JSON.parse(answer)).Items.map((image) => unmarshall(image));
  }

  #repeatedPushes(): number {
    return this.#watchers.reduce((sum, { repeats }) => sum + repeats, 0);
  }
}

/** The relay does the next minute what it could not do in this one; its queue is there to tell an operator. */
const queueOfEachMinute = 'RelayAnnouncementsFailures';

/** As API Gateway makes them. */
const goneConnection = 'L0SM9cOFvHcCIhw=';

const Image = z.record(
  z.string(),
  z.custom<AttributeValue>((value) => typeof value === 'object'),
);
const ScanOutput = z.object({ Items: z.array(Image) });
const StoredItem = z.extend(Post, { revision: z.int(), outboxShard: z.optional(z.string()) });

/** What of the promise is not kept. */
function brokenIn(outcome: Outcome): string[] {
  return checks.flatMap(({ violations }) => violations(outcome));
}

/** Before an operator has done anything: what is neither done, nor waits in a queue, nor has its marker. */
function unaccounted({ submissions, stored }: Outcome, waiting: string[]): string[] {
  return submissions.flatMap(({ answers: [answer] }) => {
    const item = answer && stored.get(answer.id);
    if (!item || item.post.entities || item.post.enrichment || item.marked) return [];
    return waiting.some((body) => body.includes(answer.id)) ? [] : `${answer.id} waits nowhere`;
  });
}

/** What should not have been noticed of a fault of this kind at this hop. */
function unexpectedIn(result: Omit<CellResult, 'broken'>): string[] {
  const { cell, strikes, refused, repeatedPushes, deadLetters } = result;
  return [
    ...(strikes === 0 ? ['no fault has struck'] : []),
    ...(refused > 0 && !mayRefuse(cell) ? [`${refused} posts were refused`] : []),
    ...(repeatedPushes > 0 && !mayRepeatPushes(cell) ? [`${repeatedPushes} pushes were repeated`] : []),
    ...(deadLetters > 0 && !mayNeedOperator(cell) ? [`${deadLetters} messages waited for an operator`] : []),
  ];
}

function repeatedMails({ mails }: Outcome): number {
  return [...mails.values()].reduce((sum, count) => sum + count - 1, 0);
}
