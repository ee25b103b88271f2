import type WebSocket from 'ws';
import type { PostCreated, PostUpdated } from '../../model/messages.ts';
import type { VirtualCloud } from '../../testing/virtual-cloud.ts';
import { Follower, queryOf, ServerMessage } from '../soak/follower.ts';
import type { Client } from '../soak/promise.ts';

/** API Gateway closes a connection that is idle for 10 minutes. A message either way counts. */
const pingPause = 9 * 60_000;

/**
 * The time in milliseconds that a send may be under way: three attempts of 2 s and the pauses between
 * them. A retry of the push comes after a minute.
 */
const longestSend = 10_000;

/** A client that stays connected. */
export class Watcher extends Follower {
  /**
   * Messages that the client must not receive: errors, and states that were outdated when they were
   * sent.
   */
  readonly wrong: string[] = [];
  /** New posts that were sent after a later state, which only a retry may cause. */
  readonly overtaken: string[] = [];
  /** When the last state of each post arrived. */
  readonly #toldAt = new Map<string, number>();
  readonly openedAt: number;
  readonly #socket: WebSocket;
  readonly #clock: VirtualCloud['clock'];
  #callOffPing = (): void => {};

  private constructor(
    cloud: VirtualCloud,
    name: string,
    wants: Client['wants'],
    { socket, messages }: Awaited<ReturnType<VirtualCloud['connect']>>,
  ) {
    super(name, wants);
    // The clock stands still while the client connects and posts are created.
    this.openedAt = cloud.clock.now() - 1;
    this.#socket = socket;
    this.#clock = cloud.clock;
    for (const early of messages) this.#read(early);
    socket.on('message', (data) => {
      this.#pingLater();
      this.#read(JSON.parse(data.toString()));
    });
    this.#pingLater();
  }

  /** Connects a client that watches all posts, the posts of a topic, one post, or none yet. */
  static async connect(
    cloud: VirtualCloud,
    name: string,
    { wants = 'none', postId }: { wants?: Client['wants']; postId?: string },
  ): Promise<Watcher> {
    const connection = await cloud.connect(`?${queryOf(wants, postId)}`);
    const watcher = new Watcher(cloud, name, wants, connection);
    if (postId !== undefined) watcher.asked.add(postId);
    return watcher;
  }

  get isOpen(): boolean {
    return this.#socket.readyState === this.#socket.OPEN;
  }

  subscribe(postId: string): void {
    this.asked.add(postId);
    this.#socket.send(JSON.stringify({ action: 'subscribe', postId }));
  }

  #pingLater(): void {
    this.#callOffPing();
    this.#callOffPing = this.#clock.schedule(() => {
      if (!this.isOpen) return;
      this.#socket.send('{"action":"ping"}');
      this.#pingLater();
    }, pingPause);
  }

  #read(json: unknown): void {
    const { data: message } = ServerMessage.safeParse(json);
    if (!message) {
      this.wrong.push(`${this.name} received ${JSON.stringify(json)}`);
      return;
    }
    if (message.type === 'post.created' || message.type === 'post.updated') this.#check(message);
    this.receive(message);
    if ('post' in message && message.post && this.told.get(message.post.id)?.post === message.post)
      this.#toldAt.set(message.post.id, this.#clock.now());
  }

  #check({ type, revision, post }: PostCreated | PostUpdated): void {
    if (revision >= (this.told.get(post.id)?.revision ?? 0)) return;
    const violation = `${this.name} received the outdated revision ${revision} of ${post.id}`;
    const sinceUpdate = this.#clock.now() - (this.#toldAt.get(post.id) ?? 0);
    if (type === 'post.updated') this.wrong.push(violation);
    // Otherwise the enrichment overtook a send that was under way, which needs no fault.
    else if (sinceUpdate > longestSend) this.overtaken.push(violation);
  }

  leave(): void {
    this.#callOffPing();
    this.#socket.terminate();
  }
}
