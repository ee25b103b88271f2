import type WebSocket from 'ws';
import * as z from 'zod/mini';
import { Pong, PostUpdated, Subscribed } from '../../lambdas/model/messages.ts';
import type { Client } from '../../soak/verdict.ts';
import type { VirtualCloud } from '../e2e/virtual-cloud.ts';

const ServerMessage = z.discriminatedUnion('type', [PostUpdated, Subscribed, Pong]);

/** A connection is closed that has been idle for 10 minutes. */
const pingPause = 9 * 60_000;

/** A client that stays connected, and ignores a revision not above the last that it saw of a post. */
export class Watcher implements Client {
  readonly asked = new Set<string>();
  readonly told: Map<string, Pick<PostUpdated, 'revision' | 'post'>> = new Map();
  /** How often it was sent a state that it had been sent before. */
  repeats = 0;
  readonly name: string;
  readonly wants: Client['wants'];
  readonly openedAt: number;
  readonly #socket: WebSocket;

  private constructor(
    cloud: VirtualCloud,
    name: string,
    wants: Client['wants'],
    { socket, messages }: Awaited<ReturnType<VirtualCloud['connect']>>,
  ) {
    this.name = name;
    this.wants = wants;
    // The clock stands still while it connects and posts are created.
    this.openedAt = cloud.clock.now() - 1;
    this.#socket = socket;
    for (const early of messages) this.#receive(early);
    socket.on('message', (data) => this.#receive(JSON.parse(data.toString())));
    const ping = (): void => {
      if (!this.isOpen) return;
      socket.send('{"action":"ping"}');
      cloud.clock.schedule(ping, pingPause);
    };
    cloud.clock.schedule(ping, pingPause);
  }

  /** Watches every post, or the posts of a topic, or one post, or none yet. */
  static async connect(
    cloud: VirtualCloud,
    name: string,
    { wants = 'none', postId }: { wants?: Client['wants']; postId?: string },
  ): Promise<Watcher> {
    const query = new URLSearchParams();
    if (wants !== 'all') query.set('topic', wants === 'none' ? 'nobody writes here' : wants.topic);
    if (postId !== undefined) query.set('postId', postId);
    const watcher = new Watcher(cloud, name, wants, await cloud.connect(`?${query}`));
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

  leave(): void {
    this.#socket.terminate();
  }

  #receive(json: unknown): void {
    const message = ServerMessage.parse(json);
    if (message.type === 'pong') return;
    const { revision, post } = message;
    if (revision === undefined || post === undefined) return;
    const told = this.told.get(post.id);
    if (!told || revision > told.revision) this.told.set(post.id, { revision, post });
    else this.repeats++;
  }
}
