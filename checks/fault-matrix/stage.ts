import { Fault } from 'local-cloud/faults';
import type { RecordedLog } from 'local-cloud/fixtures/recorded-log';
import { Channel, connectionKey } from '../../model/connection.ts';
import { CreatedPost, type NewPost } from '../../model/post.ts';
import { Tombstone } from '../../model/tombstone.ts';
import { redrive } from '../../operations/redriver.ts';
import { localStackOf } from '../../operations/stack.ts';
import type { VirtualCloud } from '../../testing/virtual-cloud.ts';
import type { Outcome, Submission } from '../soak/promise.ts';
import { Readers } from '../soak/readers.ts';
import { itemsOf, storedPosts } from '../soak/stored-posts.ts';
import { type Cell, faultsOf, isRequired, mayOvertake, type PassedHop, postsOfCell } from './cells.ts';
import type { Hop } from './hops.ts';
import { correctPost, deletePost, removeAsOperator } from './post-changes.ts';
import {
  brokenIn,
  type CellResult,
  lostIn,
  repeatedMails,
  unaccounted,
  unansweredIn,
  unexpectedIn,
} from './verdict.ts';
import { Watcher } from './watcher.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;

const topics = ['summer', 'autumn', 'winter', 'spring', 'été', '"quoted" & \\escaped'];

/**
 * Five clients watch each post: three its topic, one all posts, and one that comes when the post is
 * saved.
 */
const watchersOfTopic = 3;
const watchersOfAll = 1;

/**
 * The duration of faults that do not end by themselves, and the time that recovery may then take.
 */
const faultsLast = 10 * MINUTE;
const healing = 15 * MINUTE;

/** Authors, readers and clients of a local cloud, for one cell after the other. */
export class Stage {
  readonly #cloud: VirtualCloud;
  readonly #log: RecordedLog;
  readonly #readers: Readers;
  /** The clients that are connected all the time. */
  readonly #watchers: Watcher[];
  /** The client that subscribes to posts on its open connection. */
  readonly #subscriber: Watcher;
  /** The posts of all cells so far, without the deleted and the removed ones. */
  #submissions: Submission[] = [];
  readonly #deleted = new Set<string>();
  /** By their IDs. */
  readonly #removed = new Map<string, CreatedPost>();
  /** Responses that authors must not receive. */
  readonly #unexpected: string[] = [];
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

  /**
   * Returns the hops that posts pass without faults, with the number of passages. A delay of 0 ms
   * is injected at every hop, so the log has each passage.
   * @throws {Error} if the promise is broken nevertheless
   */
  async rehearse(hops: Hop[]): Promise<PassedHop[]> {
    const { faults } = this.#cloud;
    for (const { struck } of hops)
      faults.add(Fault.parse({ hop: struck[0], fault: 'delay', ms: 0, times: 1 }));
    const submissions = this.#newSubmissions();
    await this.#publish(submissions);
    await this.#cloud.pass(30 * SECOND);
    await this.#correct(submissions[1]);
    await this.#takeOut(submissions.slice(-1));
    const late = await this.#comeLate(submissions);
    await this.#waitForPromise(() => this.#look(late), healing);
    faults.clear();
    const broken = brokenIn(await this.#look(late));
    if (broken.length > 0) throw new Error(`The promise is broken without any fault: ${broken.join(', ')}`);
    return hops.flatMap((hop) => {
      const strike = `fault: delay at ${hop.struck[0]} of `;
      const passages = this.#log.warnings.filter((line) => line.startsWith(strike)).length;
      return passages > 0 ? { ...hop, passages } : [];
    });
  }

  /**
   * Publishes posts under the faults of a cell, redrives what has failed, and returns the result.
   */
  async play(cell: Cell): Promise<CellResult> {
    const { clock, faults } = this.#cloud;
    // Otherwise a reader receives the e-mails of two cells in one second, and SNS suspends the
    // subscription.
    await this.#cloud.pass(MINUTE);
    const before = await this.#look([]);
    const repeatsBefore = this.#repeatedPushes();
    this.#log.warnings.length = 0;
    const errorsBefore = this.#log.errors.length;
    await this.#addGoneConnection();

    for (const fault of faultsOf(cell)) faults.add(fault);
    const callOff = clock.schedule(() => faults.clear(), faultsLast);
    const submissions = this.#newSubmissions();
    await this.#publish(submissions);
    // A late save cannot tell a deleted post from a new one. With a fault there, all are taken out
    // later.
    if (!isRequired(cell.hop)) await this.#takeOut(submissions.slice(-2));
    await this.#cloud.pass(30 * SECOND);
    await this.#takeOut(submissions.slice(-3));
    await this.#correct(submissions[1]);
    const late = await this.#comeLate(submissions);
    // The promise may not mention the consumer that fails.
    if (cell.kind === 'errors for 10 min') await this.#cloud.pass(faultsLast);
    const look = () => this.#look(late);
    // The messages in a queue wait for the operator.
    await this.#waitForPromise(async () => ({ ...(await look()), queues: new Map() }), faultsLast + healing);
    callOff();
    faults.clear();

    const queues = await this.#cloud.queues();
    const isOfRelay = ({ queue }: { queue: string }) => queue.includes(queueOfEachMinute);
    const waiting = queues.filter((one) => !isOfRelay(one)).flatMap(({ messages }) => messages);
    const bodies = waiting.map(({ body }) => body);
    const lost = [...unaccounted(await look(), bodies), ...lostIn(this.#log.errors.slice(errorsBefore))];
    await this.#redrive();
    await this.#waitForPromise(look, healing);
    // Lambda's last retries belong to this cell.
    await this.#cloud.pass(4 * MINUTE);
    const after = await look();
    const result = {
      cell,
      struck: this.#log.warnings.filter((line) => line.startsWith('fault: ')),
      accepted: submissions.filter(({ answers }) => answers.length > 0).length,
      refused: submissions.filter(({ key, answers }) => key === undefined && answers.length === 0).length,
      repeatedMails: repeatedMails(after) - repeatedMails(before),
      repeatedPushes: this.#repeatedPushes() - repeatsBefore,
      deadLetters: waiting.length,
      failedRelays: queues.filter(isOfRelay).flatMap(({ messages }) => messages).length,
    };
    const clients = [...this.#watchers, this.#subscriber, ...late];
    const broken = [
      ...lost,
      ...brokenIn(after),
      ...(await this.#leftovers()),
      ...unansweredIn(submissions),
      ...clients.flatMap(({ wrong }) => wrong.splice(0)),
      ...clients.flatMap(({ overtaken }) => overtaken.splice(0)).filter(() => !mayOvertake(cell)),
      ...unexpectedIn(result),
    ];
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
   * Sends all posts at once. Sends a post with a key again, immediately and then every minute,
   * until it has received a 201 twice. For every fourth post, a client subscribes as soon as the
   * post is saved.
   */
  async #publish(submissions: Submission[]): Promise<void> {
    this.#submissions.push(...submissions);
    let pending = submissions;
    for (let round = 0; round < 15 && pending.length > 0; round++) {
      if (round > 1) await this.#cloud.pass(MINUTE);
      const unanswered = pending.filter(({ answers }) => answers.length === 0);
      await this.#cloud.finish(Promise.all(pending.map((submission) => this.#submit(submission))));
      for (const submission of unanswered)
        if (submissions.indexOf(submission) % 4 === 1) this.#subscribe(submission);
      pending = pending.filter(({ key, answers }) => key !== undefined && answers.length < 2);
    }
  }

  async #submit({ content, key, answers }: Submission): Promise<void> {
    const answer = await this.#cloud.request('/posts', {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...(key !== undefined && { 'idempotency-key': key }) },
      body: JSON.stringify(content),
    });
    const { status, headers } = answer;
    if (status === 201) answers.push(CreatedPost.parse(await answer.json()));
    else if (status < 500 || (status === 503 && !headers.has('retry-after')))
      this.#unexpected.push(`${content.title} received the status ${status}: ${await answer.text()}`);
  }

  #subscribe({ answers: [answer] }: Submission): void {
    if (answer) this.#subscriber.subscribe(answer.id);
  }

  /**
   * Adds the items of a connection that was lost without a `$disconnect`. One of its channels
   * receives no posts.
   */
  async #addGoneConnection(): Promise<void> {
    const channels = [Channel.all, Channel.topic('nothing')];
    const items = [
      ...channels.map((channel) => ({ channel: { S: channel } })),
      { channel: { S: connectionKey(goneConnection).channel }, channels: { SS: channels } },
    ];
    for (const item of items)
      await this.#cloud.dynamoDb('PutItem', {
        TableName: this.#cloud.outputs.ConnectionsTableName,
        Item: {
          ...item,
          connectionId: { S: goneConnection },
          connectedAt: { S: new Date(this.#cloud.clock.now() - 60 * MINUTE).toISOString() },
          expiresAt: { N: String(Math.floor(this.#cloud.clock.now() / 1000) + 3600) },
        },
      });
  }

  /** Takes posts out of the table, enriched or not: the first by its removal, the others by deletion. */
  async #takeOut(submissions: Submission[]): Promise<void> {
    const answered = submissions.flatMap(({ answers: [answer] }) => answer ?? []);
    const remaining = answered.filter(({ id }) => !this.#deleted.has(id) && !this.#removed.has(id));
    for (const [index, post] of remaining.entries()) {
      if (index > 0) await deletePost(this.#cloud, post.id);
      else await removeAsOperator(this.#cloud, post.id);
      if (index > 0) this.#deleted.add(post.id);
      else this.#removed.set(post.id, post);
    }
    this.#submissions = this.#submissions.filter(
      ({ answers: [answer] }) => !answer || !(this.#deleted.has(answer.id) || this.#removed.has(answer.id)),
    );
  }

  /** Corrects the entities of a post, if it is saved. */
  async #correct(submission: Submission | undefined): Promise<void> {
    const [answer] = submission?.answers ?? [];
    if (answer) await correctPost(this.#cloud, answer.id);
  }

  /** Connects a client for every other post, and subscribes to half of the other posts. */
  #comeLate(submissions: Submission[]): Promise<Watcher[]> {
    for (const [index, submission] of submissions.entries()) if (index % 4 === 3) this.#subscribe(submission);
    return Promise.all(
      submissions
        .filter((_, index) => index % 2 === 0)
        .flatMap(({ answers: [answer] }) => answer?.id ?? [])
        .map((postId) => Watcher.connect(this.#cloud, `client of ${postId}`, { postId })),
    );
  }

  async #waitForPromise(look: () => Promise<Outcome>, ms: number): Promise<void> {
    const end = this.#cloud.clock.now() + ms;
    while (this.#cloud.clock.now() < end && brokenIn(await look()).length > 0) await this.#cloud.pass(MINUTE);
  }

  async #redrive(): Promise<void> {
    const { clock, outputs } = this.#cloud;
    // The clock also advances for the functions that the redrive waits for.
    await this.#cloud.finish(
      redrive({
        stack: localStackOf(outputs),
        unfinished: false,
        confirm: async () => true,
        print: () => {},
        now: clock.now(),
        sleep: (ms) => this.#cloud.pass(ms),
      }),
    );
  }

  async #look(late: Watcher[]): Promise<Outcome> {
    await this.#readers.collect();
    const queues = await this.#cloud.queues();
    return {
      submissions: this.#submissions,
      unexpected: this.#unexpected,
      stored: await storedPosts(
        localStackOf(this.#cloud.outputs),
        new Set([...this.#deleted, ...this.#removed.keys()]),
      ),
      removed: this.#removed,
      readers: this.#readers.list,
      mails: new Map(this.#readers.mails),
      clients: [...this.#watchers, this.#subscriber, ...late],
      queues: new Map(queues.map(({ queue, messages }) => [queue, messages.length])),
      losses: this.#log.errors.filter((line) => /LOST|SUSPENDED/.test(line)),
    };
  }

  /**
   * Returns deleted and removed posts that are in the table again, and whether the lost connection
   * still has an item.
   */
  async #leftovers(): Promise<string[]> {
    const stack = localStackOf(this.#cloud.outputs);
    const posts = await itemsOf(stack, stack.outputs.PostsTableName);
    const again = posts
      .filter((item) => !Tombstone.safeParse(item).success)
      .map(({ id }) => String(id))
      .filter((id) => this.#deleted.has(id) || this.#removed.has(id));
    const connections = JSON.stringify(await itemsOf(stack, stack.outputs.ConnectionsTableName));
    return [
      ...again.map((id) => `${id} was deleted, but exists again`),
      ...(connections.includes(goneConnection) ? ['a lost connection still has an item'] : []),
    ];
  }

  #repeatedPushes(): number {
    return this.#watchers.reduce((sum, { repeats }) => sum + repeats, 0);
  }
}

/** The relay makes up for a failed run in the next minute. Its queue only informs an operator. */
const queueOfEachMinute = 'RelayAnnouncementsFailures';

/** A connection ID in the form of API Gateway's. */
const goneConnection = 'L0SM9cOFvHcCIhw=';
