import { setTimeout } from 'node:timers/promises';
import WebSocket from 'ws';
import { ContractViolation, checkMessage } from '../../testing/contract.ts';
import { topics } from './authors.ts';
import type { Dice } from './dice.ts';
import { Follower, queryOf, ServerMessage } from './follower.ts';
import type { Client } from './promise.ts';

/** The channel that a client watches, and whether it asks for posts when it connects or later. */
type Habit = { wants: Client['wants']; asks: 'at connect' | 'by subscribe' | 'never' };

/**
 * Returns the habit of a client. In each 200 clients, 20 watch all posts, 50 a topic, 65 one post,
 * and 65 subscribe to post after post.
 */
export function habitOf(index: number): Habit {
  if (index < 20) return { wants: 'all', asks: 'never' };
  if (index < 70) return { wants: { topic: topics[index % topics.length] ?? '' }, asks: 'never' };
  return { wants: 'none', asks: index < 135 ? 'at connect' : 'by subscribe' };
}

/**
 * The average time that a connection lasts, in milliseconds. Every fourth client stays connected
 * instead.
 */
const stay = 60_000;

/**
 * The time in milliseconds between two checks of a client's connection, and the numbers of these
 * rounds between two pings and between two subscriptions.
 */
const round = 1_000;
const pingRounds = 20;
const subscribeRounds = 5;

/** The maximum number of posts that a client asks for on one connection. */
const askedAtMost = 5;

/** A client that connects and disconnects. After a lost connection it connects and asks again. */
export class Watcher extends Follower {
  openedAt = Number.POSITIVE_INFINITY;
  /** The messages that were not as documented. */
  readonly unexpected: string[] = [];
  pongs = 0;
  /** The number of times that the client has connected, and that the connection was refused. */
  connects = 0;
  refused = 0;
  readonly #url: string;
  readonly #dice: Dice;
  readonly #asks: Habit['asks'];
  readonly #recentPost: (dice: Dice) => string | undefined;
  /** The IDs of the posts for which the server has answered `subscribed` on this connection. */
  readonly #subscribed = new Set<string>();
  #socket: WebSocket | undefined;

  constructor(
    index: number,
    options: { url: string; dice: Dice; recentPost: (dice: Dice) => string | undefined },
  ) {
    const { wants, asks } = habitOf(index);
    super(`client ${index}`, wants);
    this.#asks = asks;
    this.#url = options.url;
    this.#dice = options.dice;
    this.#recentPost = options.recentPost;
  }

  get isOpen(): boolean {
    return this.#socket?.readyState === WebSocket.OPEN;
  }

  /**
   * Connects and disconnects until a time in milliseconds since the epoch, then stays connected
   * until `signal` aborts.
   */
  async watch(until: number, signal: AbortSignal): Promise<void> {
    const leaves = this.#dice.happens(0.75);
    let leavesAt = 0;
    for (let rounds = 0; !signal.aborted; rounds++) {
      const mayLeave = leaves && Date.now() < until;
      if (!this.isOpen) {
        await this.#connect();
        leavesAt = Date.now() + this.#dice.waitingTime(stay);
      } else if (mayLeave && Date.now() > leavesAt) this.#leave();
      else this.#talk(rounds);
      await setTimeout(round * (0.5 + this.#dice.draw()));
    }
    this.#socket?.terminate();
  }

  async #connect(): Promise<void> {
    let postId: string | undefined;
    if (this.#asks === 'at connect') {
      const [last] = this.asked;
      postId = last !== undefined && this.#dice.happens(0.5) ? last : this.#recentPost(this.#dice);
      if (postId === undefined) return;
      this.asked.clear();
      this.asked.add(postId);
    }
    if (this.#asks === 'by subscribe' && this.#dice.happens(0.5)) this.asked.clear();
    this.#subscribed.clear();
    const socket = new WebSocket(`${this.#url}/?${queryOf(this.wants, postId)}`);
    this.#socket = socket;
    socket.on('message', (data) => this.#hear(data.toString()));
    const opened = await new Promise<boolean>((resolve) => {
      socket.once('open', () => resolve(true));
      // An error may follow the first.
      socket.on('error', () => resolve(false));
      socket.once('close', () => resolve(false));
    });
    if (opened) {
      this.connects++;
      this.openedAt = Date.now();
    } else this.refused++;
  }

  /** Ends the connection with a close frame or, like a lost network, without. */
  #leave(): void {
    if (this.#dice.happens(0.5)) this.#socket?.close();
    else this.#socket?.terminate();
  }

  #talk(rounds: number): void {
    if (rounds % pingRounds === 0) this.#send({ action: 'ping' });
    if (this.#asks !== 'by subscribe') return;
    const postId = rounds % subscribeRounds === 0 ? this.#recentPost(this.#dice) : undefined;
    if (postId !== undefined && this.asked.size < askedAtMost) this.asked.add(postId);
    for (const asked of this.asked)
      if (!this.#subscribed.has(asked)) this.#send({ action: 'subscribe', postId: asked });
  }

  #send(message: object): void {
    this.#socket?.send(JSON.stringify(message), () => {});
  }

  #hear(text: string): void {
    try {
      checkMessage(text);
    } catch (error) {
      if (!(error instanceof ContractViolation)) throw error;
      this.unexpected.push(error.message);
      return;
    }
    const { success, data } = ServerMessage.safeParse(JSON.parse(text));
    // An error message, after which the client asks again.
    if (!success) return;
    if (data.type === 'pong') this.pongs++;
    if (data.type === 'subscribed') this.#subscribed.add(data.postId);
    this.receive(data);
  }
}
