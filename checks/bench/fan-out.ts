import { once } from 'node:events';
import { setTimeout } from 'node:timers/promises';
import { eventually } from 'local-cloud/fixtures/eventually';
import pMap from 'p-map';
import WebSocket from 'ws';
import * as z from 'zod/mini';
import { examplePost } from '../../contracts/examples.ts';
import { LocalCloud } from '../../testing/local-cloud.ts';
import { UNTHROTTLED } from '../../testing/unthrottled.ts';
import { median } from './statistics.ts';

/** The number of changes for each row. The row with lost connections has one. */
const CHANGES = 5;
/** The age in milliseconds up to which a connection that answers 410 may still be opening. */
const HANDSHAKE_AGE = 30_000;
/**
 * The number of clients that connect or subscribe at the same time. Lambda throttles above 1,000.
 */
const AT_ONCE = 50;
const PATIENCE = 120_000;

/** The figures of one change of a post. */
export interface FanOutFigures {
  listeners: number;
  /** The listeners whose connection has ended without `$disconnect`. */
  gone: number;
  /** Milliseconds from the write of the change to the last listener that is connected. */
  time: number;
  /** The calls of the functions that push, by the name of the AWS operation. */
  calls: Map<string, number>;
  /** The connected listeners that received the change exactly once. */
  toldOnce: number;
  /** The items of ended connections in the Connections table. */
  deadItems: number;
}

const Saved = z.object({ id: z.string() });
const Update = z.object({ type: z.literal('post.updated'), revision: z.int() });
const Subscribed = z.object({ type: z.literal('subscribed') });
const Count = z.object({ Count: z.int(), LastEvaluatedKey: z.optional(z.unknown()) });
const Pushed = z.object({ delivered: z.int(), gone: z.int() });

/** A client that counts how often it receives each revision of the post. */
class Listener {
  readonly told = new Map<number, number>();
  toldAt = 0;
  readonly socket: WebSocket;

  constructor(url: string) {
    this.socket = new WebSocket(url);
    this.socket.on('message', (data) => {
      const { data: update } = Update.safeParse(JSON.parse(data.toString()));
      if (!update) return;
      this.toldAt = performance.now();
      this.told.set(update.revision, (this.told.get(update.revision) ?? 0) + 1);
    });
  }

  opened(): Promise<void> {
    return new Promise((resolve, reject) => this.socket.once('open', resolve).once('error', reject));
  }

  async subscribe(postId: string): Promise<void> {
    const answer = once(this.socket, 'message');
    this.socket.send(JSON.stringify({ action: 'subscribe', postId }));
    const [data] = await answer;
    Subscribed.parse(JSON.parse(String(data)));
  }
}

/**
 * Opens WebSocket connections, each with a topic without posts. Then changes a post with one
 * listener, with many listeners, and after a tenth of the listeners have ended without
 * `$disconnect`.
 */
export async function measureFanOut(connections: number, listeners: number): Promise<FanOutFigures[]> {
  // The calls are counted in the output of the local cloud.
  const cloud = await LocalCloud.start([...UNTHROTTLED, '--verbose']);
  try {
    const opened = performance.now();
    const clients = await open(cloud, connections);
    const post = await ListenedPost.create(cloud);
    const [first, ...more] = clients.slice(0, listeners);
    if (!first) throw new Error(`There must be at least one listener, not ${listeners}.`);
    await post.subscribe([first]);
    const one = await post.change(CHANGES, [first], connections);
    await post.subscribe(more);
    const many = await post.change(CHANGES, [first, ...more], connections);
    await setTimeout(Math.max(0, opened + HANDSHAKE_AGE + 1_000 - performance.now()));
    const gone = more.slice(0, listeners / 10);
    await lose(cloud, gone);
    const some = await post.change(1, [first, ...more.slice(gone.length)], connections, gone.length);
    return [one, many, some];
  } finally {
    await cloud.stop();
  }
}

async function open(cloud: LocalCloud, count: number): Promise<Listener[]> {
  const clients: Listener[] = [];
  const openSome = async (): Promise<void> => {
    while (clients.length < count) {
      const client = new Listener(`${cloud.webSocketUrl}/?topic=topic ${clients.length % 100}`);
      clients.push(client);
      await client.opened();
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, openSome));
  return clients;
}

/** Ends connections while the function that handles `$disconnect` fails. */
async function lose(cloud: LocalCloud, clients: Listener[]): Promise<void> {
  const faults = `${cloud.url}/_local/faults`;
  const from = cloud.output.length;
  await fetch(faults, {
    method: 'POST',
    body: JSON.stringify({ function: 'manage-connections', fault: 'error' }),
  });
  for (const { socket } of clients) socket.terminate();
  await eventually(() => {
    const struck = cloud.output.slice(from).match(/fault +error at .*manage-connections/g) ?? [];
    if (struck.length < clients.length)
      throw new Error(`Only ${struck.length} of ${clients.length} connections have ended.`);
  }, PATIENCE);
  await fetch(faults, { method: 'DELETE' });
}

/** A post that is changed several times. */
class ListenedPost {
  readonly #cloud: LocalCloud;
  readonly #id: string;
  #revision = 2;

  private constructor(cloud: LocalCloud, id: string) {
    this.#cloud = cloud;
    this.#id = id;
  }

  static async create(cloud: LocalCloud): Promise<ListenedPost> {
    const { id } = Saved.parse(await (await cloud.post(examplePost)).json());
    await eventually(() => pushedOf(cloud.output, id, 0), PATIENCE);
    return new ListenedPost(cloud, id);
  }

  async subscribe(clients: Listener[]): Promise<void> {
    await pMap(clients, (client) => client.subscribe(this.#id), { concurrency: AT_ONCE });
  }

  /**
   * Changes the post `times` times and returns the figures, with the median of the times.
   * @param living the connected listeners
   * @param connections the number of all connections made
   * @param gone the number of lost listeners
   */
  async change(times: number, living: Listener[], connections: number, gone = 0): Promise<FanOutFigures> {
    const listeners = living.length + gone;
    const durations: number[] = [];
    let calls = new Map<string, number>();
    let toldOnce = 0;
    for (let change = 0; change < times; change++) {
      const from = this.#cloud.output.length;
      const revision = ++this.#revision;
      const started = performance.now();
      await this.#write(revision);
      await eventually(() => {
        if (living.some(({ told }) => !told.has(revision)))
          throw new Error('Some listeners have not received the change yet.');
        // Includes lost listeners: a part of the push may contain only them, and be the last.
        pushedOf(this.#cloud.output.slice(from), this.#id, listeners);
      }, PATIENCE);
      durations.push(Math.max(...living.map(({ toldAt }) => toldAt)) - started);
      calls = callsIn(this.#cloud.output.slice(from));
      toldOnce = living.filter(({ told }) => told.get(revision) === 1).length;
    }
    // Each connection has an item and one for its topic; a listener has one more for the post.
    const deadItems = (await countItems(this.#cloud)) - 2 * (connections - gone) - living.length;
    return { listeners, gone, time: median(durations), calls, toldOnce, deadItems };
  }

  async #write(revision: number): Promise<void> {
    await this.#cloud.dynamoDb('UpdateItem', {
      TableName: this.#cloud.outputs.PostsTableName,
      Key: { id: { S: this.#id } },
      UpdateExpression: 'SET revision = :revision',
      ExpressionAttributeValues: { ':revision': { N: String(revision) } },
    });
  }
}

/** Throws until the functions have logged that they pushed a post to this number of connections, lost ones included. */
function pushedOf(output: string, id: string, connections: number): void {
  const lines = output.matchAll(/The update is pushed\. (\{.*\})/g);
  const pushed = [...lines].flatMap(([, json = '']) =>
    json.includes(id) ? Pushed.parse(JSON.parse(json)) : [],
  );
  const sum = pushed.reduce((total, { delivered, gone }) => total + delivered + gone, 0);
  if (pushed.length === 0 || sum < connections)
    throw new Error(`The post is pushed to ${sum} of ${connections} connections.`);
}

function callsIn(output: string): Map<string, number> {
  const calls = new Map<string, number>();
  for (const [, call = ''] of output.matchAll(/^\S+ +push-\S+ → \w[\w-]*:(\w+) /gm))
    calls.set(call, (calls.get(call) ?? 0) + 1);
  return calls;
}

async function countItems(cloud: LocalCloud): Promise<number> {
  let items = 0;
  let page: z.infer<typeof Count> | undefined;
  do {
    const input = {
      TableName: cloud.outputs.ConnectionsTableName,
      Select: 'COUNT',
      ExclusiveStartKey: page?.LastEvaluatedKey,
    };
    page = Count.parse(JSON.parse(await cloud.dynamoDb('Scan', input)));
    items += page.Count;
  } while (page.LastEvaluatedKey !== undefined);
  return items;
}
