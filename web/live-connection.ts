import { signal } from '@preact/signals';
import { type ClientMessage, ServerMessage } from '../model/messages.ts';
import { Revision } from '../model/post.ts';
import { parseJson } from './parse-json.ts';
import type { PostState } from './post-store.ts';

/** Milliseconds. */
const second = 1000;
const minute = 60 * second;

/** How long the server may take to open a connection, or to answer on it. */
const patience = 10 * second;

/** API Gateway closes a connection that is idle for 10 minutes, and any after 2 hours ("Amazon API Gateway quotas"). */
const pingInterval = 5 * minute;
const renewalAge = 110 * minute;

const firstDelay = 1 * second;
const longestDelay = 30 * second;

/** Whose updates are sent: of the posts of a topic, of one post, of all if neither is given. */
export type Interest = { topic?: string; postId?: never } | { postId: string; topic?: never };

/**
 * - `connecting`: the first attempt.
 * - `live`: updates come in. `opened` counts the connections: with each new one, what has changed before has to be read.
 * - `reconnecting`: the connection is lost. `retryAt` is when the next attempt begins, in milliseconds since the epoch,
 *   absent while one is made.
 */
export type LiveState =
  | { status: 'connecting' }
  | { status: 'live'; opened: number }
  | { status: 'reconnecting'; retryAt?: number };

/** What is used of a WebSocket. */
type Socket = Pick<WebSocket, 'addEventListener' | 'send' | 'close'>;

/**
 * Brings the updates of posts for as long as the page is open. It notices a connection that is dead, makes another with
 * growing pauses until it has one, and replaces one that gets too old by a new one before it ends the old.
 */
export class LiveConnection {
  readonly state = signal<LiveState>({ status: 'connecting' });
  readonly #url: string;
  readonly #onPost: (state: PostState) => void;
  readonly #open: (url: string) => Socket;
  readonly #random: () => number;

  #interest: Interest = {};
  /** The URL of the connection that serves the interest. */
  #wanted = '';
  #current: Connection | undefined;
  #next: Connection | undefined;
  #opened = 0;
  #failures = 0;
  #retry: ReturnType<typeof setTimeout> | undefined;
  /** The posts whose enrichment is waited for, each with the timer that asks again. */
  readonly #watched = new Map<string, ReturnType<typeof setTimeout> | undefined>();

  /**
   * @param url of the WebSocket API, without a slash at the end
   * @param onPost gets each state of a post that comes in, old ones too
   */
  constructor(
    url: string,
    onPost: (state: PostState) => void,
    open: (url: string) => Socket = (url) => new WebSocket(url),
    random = Math.random,
  ) {
    this.#url = url;
    this.#onPost = onPost;
    this.#open = open;
    this.#random = random;
  }

  /** Connects, for the updates named. What was followed before keeps coming until the new connection is open. */
  follow(interest: Interest): void {
    const query = new URLSearchParams(interest.topic === undefined ? {} : { topic: interest.topic });
    if (interest.postId !== undefined) query.set('postId', interest.postId);
    const url = `${this.#url}/${query.size > 0 ? `?${query}` : ''}`;
    if (url === this.#wanted) return;
    this.#interest = interest;
    this.#wanted = url;
    this.#connect();
  }

  /** Finds out at once whether the connection is dead, as after a sleep, and makes the attempt that is waited for. */
  check(): void {
    this.#current?.ping();
    if (this.#retry !== undefined) this.#connect();
  }

  /** Makes sure to get the enrichment of a new post, whatever is followed. */
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
      // Of no use any more, if it was for something else.
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
    // Between half and all of the delay, so that the clients of a server that restarts do not all come at once.
    const delay = Math.min(longestDelay, firstDelay * 2 ** this.#failures) * (0.5 + this.#random() / 2);
    this.#failures++;
    clearTimeout(this.#retry);
    this.#retry = setTimeout(() => this.#connect(), delay);
    if (!this.#current) this.state.value = { status: 'reconnecting', retryAt: Date.now() + delay };
  }

  #take(message: ServerMessage): void {
    // Messages of a connection that could not be replaced yet do not show that another can be made.
    if (!this.#next && this.#retry === undefined) this.#failures = 0;
    if (message.type === 'post.updated') this.#takePost(message);
    if (message.type !== 'subscribed' || !('postId' in message)) return;
    clearTimeout(this.#watched.get(message.postId));
    const { post, revision } = message;
    if (post && revision !== undefined) this.#takePost({ post, revision });
  }

  #takePost({ post, revision }: PostState): void {
    if (revision > Revision.created && this.#watched.has(post.id)) this.#unwatch(post.id);
    this.#onPost({ post, revision });
  }

  #unwatch(postId: string): void {
    clearTimeout(this.#watched.get(postId));
    this.#watched.delete(postId);
    // A connection holds 100 subscriptions. That to the post which the page shows is the connection's own.
    if (this.#interest.postId !== postId) this.#current?.send({ action: 'unsubscribe', postId });
  }

  /**
   * The answer is the state of the post. If there is none, because the API is throttled for one or the connection dead,
   * it asks again.
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

/** One WebSocket: tells when it opens, and once when it is lost, which it is also when it falls silent. */
class Connection {
  readonly url: string;
  readonly #socket: Socket;
  readonly #onLost: () => void;
  #ended = false;
  #pings: ReturnType<typeof setInterval> | undefined;
  #renewal: ReturnType<typeof setTimeout> | undefined;
  /** Ends a connection that does not open, or leaves a ping without an answer. */
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

  /** Asks for a sign of life. Without one, the connection is lost. */
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
