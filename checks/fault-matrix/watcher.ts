import type WebSocket from 'ws';
import type { VirtualCloud } from '../../testing/virtual-cloud.ts';
import { Follower, queryOf, ServerMessage } from '../soak/follower.ts';
import type { Client } from '../soak/promise.ts';

/** API Gateway closes a connection that is idle for 10 minutes. A message either way counts. */
const pingPause = 9 * 60_000;

/** A client that stays connected. */
export class Watcher extends Follower {
  /**
   * Messages that the client must not receive: errors, and states that were outdated when they were
   * sent.
   */
  readonly wrong: string[] = [];
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
    // The enrichment can overtake a new post: the post was read before it changed, and is sent after.
    if (message.type === 'post.updated') {
      const { revision, post } = message;
      if (revision < (this.told.get(post.id)?.revision ?? 0))
        this.wrong.push(`${this.name} received the outdated revision ${revision} of ${post.id}`);
    }
    this.receive(message);
  }

  leave(): void {
    this.#callOffPing();
    this.#socket.terminate();
  }
}
