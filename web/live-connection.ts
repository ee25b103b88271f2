import { signal } from '@preact/signals';
import { type ClientMessage, ServerMessage } from '../model/messages.ts';
import { Revision } from '../model/post.ts';
import { backoff } from './backoff.ts';
import { parseJson } from './parse-json.ts';
import type { PostState } from './post-store.ts';

/** In milliseconds, as all times here. */
const second = 1000;
const minute = 60 * second;

/** The time within which the server must open a connection or respond on it. */
const patience = 10 * second;

/**
 * API Gateway closes a connection after 10 idle minutes, and any after 2 hours ("Amazon API Gateway
 * quotas").
 */
const pingInterval = 5 * minute;
const renewalAge = 110 * minute;

/**
 * The posts to receive, new and updated ones: those of a topic, or all posts; or one post, whose
 * updates to receive.
 */
export type Interest = { topic?: string; postId?: never } | { postId: string; topic?: never };

/**
 * - `connecting`: the first attempt.
 * - `live`: updates arrive. `opened` counts the connections: after each new one, read the changes
 *   that it missed.
 * - `reconnecting`: the connection is lost. `retryAt` is when the next attempt begins, in
 *   milliseconds since the epoch. It is absent during an attempt.
 */
export type LiveState =
  | { status: 'connecting' }
  | { status: 'live'; opened: number }
  | { status: 'reconnecting'; retryAt?: number };

/** The part of a WebSocket that is used. */
type Socket = Pick<WebSocket, 'addEventListener' | 'send' | 'close'>;

/**
 * Receives the updates of posts for as long as the page is open. It detects a dead connection,
 * reconnects with growing delays, and replaces an old connection before API Gateway closes it.
 */
export class LiveConnection {
  readonly state = signal<LiveState>({ status: 'connecting' });
  readonly #url: string;
  readonly #onPost: (state: PostState) => void;
  readonly #onRemoval: (id: string) => void;
  readonly #open: (url: string) => Socket;
  readonly #random: () => number;

  #interest: Interest = {};
  /** The URL of the connection for the interest. */
  #wanted = '';
  #current: Connection | undefined;
  #next: Connection | undefined;
  #opened = 0;
  #failures = 0;
  #retry: ReturnType<typeof setTimeout> | undefined;
  /** The posts that wait for their enrichment, each with the timer that asks again. */
  readonly #watched = new Map<string, ReturnType<typeof setTimeout> | undefined>();

  /**
   * @param url the URL of the WebSocket API, without a slash at the end
   * @param onPost receives each state of a post that arrives, outdated ones too
   * @param onRemoval receives the ID of each post that was removed, perhaps several times
   */
  constructor(
    url: string,
    onPost: (state: PostState) => void,
    onRemoval: (id: string) => void,
    open: (url: string) => Socket = (url) => new WebSocket(url),
    random = Math.random,
  ) {
    this.#url = url;
    this.#onPost = onPost;
    this.#onRemoval = onRemoval;
    this.#open = open;
    this.#random = random;
  }

  /** Connects for other updates. The former ones arrive until the new connection is open. */
  follow(interest: Interest): void {
    const { postId, topic } = interest;
    const query = new URLSearchParams(postId === undefined ? { from: 'created' } : { postId });
    if (topic !== undefined) query.set('topic', topic);
    const url = `${this.#url}/?${query}`;
    if (url === this.#wanted) return;
    this.#interest = interest;
    this.#wanted = url;
    this.#connect();
  }

  /**
   * Checks immediately whether the connection is dead, e.g. after a sleep, and makes a delayed
   * attempt now.
   */
  check(): void {
    this.#current?.ping();
    if (this.#retry !== undefined) this.#connect();
  }

  /** Waits for the enrichment of a new post, whichever updates are followed. */
  watch(postId: string): void {
    this.#watched.set(postId, undefined);
    this.#askFor(postId);
  }

  #connect(): void {
    clearTimeout(this.#retry);
    this.#retry = undefined;
    this.#next?.end();
    const connection = new Connection(this.#wanted, this.#open, {
      onOpen: () => this.#replaceBy(connection),
      onMessage: (message) => this.#take(message),
      onLost: () => this.#lost(connection),
      onOld: () => this.#connect(),
    });
    this.#next = connection;
    if (this.state.value.status === 'reconnecting') this.state.value = { status: 'reconnecting' };
  }

  #replaceBy(connection: Connection): void {
    this.#current?.end();
    this.#current = connection;
    this.#next = undefined;
    for (const postId of this.#watched.keys()) this.#askFor(postId);
    this.#opened++;
    this.state.value = { status: 'live', opened: this.#opened };
  }

  #lost(connection: Connection): void {
    if (connection === this.#next) {
      this.#next = undefined;
      // The current connection is of no use if it is for other updates.
      if (this.#current?.url !== this.#wanted) {
        this.#current?.end();
        this.#current = undefined;
      }
    } else {
      this.#current = undefined;
      if (this.#next) {
        this.state.value = { status: 'reconnecting' };
        return;
      }
    }
    this.#failures++;
    const delay = backoff(this.#failures, this.#random);
    clearTimeout(this.#retry);
    this.#retry = setTimeout(() => this.#connect(), delay);
    if (!this.#current) this.state.value = { status: 'reconnecting', retryAt: Date.now() + delay };
  }

  #take(message: ServerMessage): void {
    // A message on a connection that is being replaced does not show that the next one can be made.
    if (!this.#next && this.#retry === undefined) this.#failures = 0;
    if (message.type === 'post.created' || message.type === 'post.updated') this.#takePost(message);
    if (message.type === 'post.removed') this.#takeRemoval(message.postId);
    if (message.type !== 'subscribed' || !('postId' in message)) return;
    clearTimeout(this.#watched.get(message.postId));
    const { post, revision, removed } = message;
    if (removed) this.#takeRemoval(message.postId);
    if (post && revision !== undefined) this.#takePost({ post, revision });
  }

  #takePost({ post, revision }: PostState): void {
    if (revision > Revision.created && this.#watched.has(post.id)) this.#unwatch(post.id);
    this.#onPost({ post, revision });
  }

  #takeRemoval(postId: string): void {
    if (this.#watched.has(postId)) this.#unwatch(postId);
    this.#onRemoval(postId);
  }

  #unwatch(postId: string): void {
    clearTimeout(this.#watched.get(postId));
    this.#watched.delete(postId);
    // A connection holds 100 subscriptions. The one to the post that the page shows is the
    // connection's own.
    if (this.#interest.postId !== postId) this.#current?.send({ action: 'unsubscribe', postId });
  }

  /**
   * Asks for the state of a post. Asks again if no response arrives, e.g. because the API is
   * throttled or the connection dead.
   */
  #askFor(postId: string): void {
    clearTimeout(this.#watched.get(postId));
    if (!this.#current) return;
    this.#current.send({ action: 'subscribe', postId });
    const again = () => {
      this.#current?.ping();
      this.#askFor(postId);
    };
    this.#watched.set(postId, setTimeout(again, patience));
  }
}

/**
 * One WebSocket. It reports when it opens and, once, when it is lost. A connection on which the
 * server does not respond counts as lost.
 */
class Connection {
  readonly url: string;
  readonly #socket: Socket;
  readonly #onLost: () => void;
  #ended = false;
  #pings: ReturnType<typeof setInterval> | undefined;
  #renewal: ReturnType<typeof setTimeout> | undefined;
  /** Ends a connection that does not open or does not answer a ping. */
  #overdue: ReturnType<typeof setTimeout> | undefined;

  constructor(
    url: string,
    open: (url: string) => Socket,
    {
      onOpen,
      onMessage,
      onLost,
      onOld,
    }: {
      onOpen: () => void;
      onMessage: (message: ServerMessage) => void;
      onLost: () => void;
      onOld: () => void;
    },
  ) {
    this.url = url;
    this.#onLost = onLost;
    this.#socket = open(url);
    this.#overdue = setTimeout(() => this.#lose(), patience);
    this.#socket.addEventListener('open', () => {
      if (this.#ended) return;
      this.#heard();
      this.#pings = setInterval(() => this.ping(), pingInterval);
      this.#renewal = setTimeout(onOld, renewalAge);
      this.ping();
      onOpen();
    });
    this.#socket.addEventListener('message', ({ data }) => {
      if (this.#ended) return;
      this.#heard();
      const message = ServerMessage.safeParse(parseJson(String(data)));
      if (message.success) onMessage(message.data);
    });
    this.#socket.addEventListener('close', () => this.#lose());
  }

  send(message: ClientMessage): void {
    this.#socket.send(JSON.stringify(message));
  }

  /** Sends a ping. Without a response in time, the connection is lost. */
  ping(): void {
    this.send({ action: 'ping' });
    this.#overdue ??= setTimeout(() => this.#lose(), patience);
  }

  end(): void {
    this.#ended = true;
    clearTimeout(this.#overdue);
    clearInterval(this.#pings);
    clearTimeout(this.#renewal);
    this.#socket.close();
  }

  #lose(): void {
    if (this.#ended) return;
    this.end();
    this.#onLost();
  }

  #heard(): void {
    clearTimeout(this.#overdue);
    this.#overdue = undefined;
  }
}
