import { signal } from '@preact/signals';
import type { Post } from '../model/post.ts';
import type { Api } from './api.ts';
import { onNextFrame } from './next-frame.ts';
import { type PostState, type PostStore, shownRevision } from './post-store.ts';
import { type ReadFailure, ReadRetry } from './read-retry.ts';

/** The API's default size of a page, and its maximum. */
const pageSize = 20;
const largestPage = 100;

/** The number of newest posts that the feed shows unless the reader asks for more. */
const mostPosts = 200;

/**
 * The time in milliseconds after which the lists contain a new post: they lag behind the updates by
 * moments.
 */
const listLag = 5_000;

/** What a read reads: the newest posts and all shown ones, or the next older ones. */
type Part = 'newest' | 'older';

/** The state of the feed as it is shown. */
export interface FeedState {
  /** The shown posts, newest first, without gaps. */
  posts: readonly Post[];
  /** The posts that arrived, newest first. They are shown when the reader asks for them. */
  waiting: readonly Post[];
  reading: boolean;
  /** Why the newest or the older posts could not be read. They are read again later. */
  failure?: (ReadFailure & { part: Part }) | undefined;
  /** Whether there are older posts to read. */
  hasMore: boolean;
}

/** The posts of a feed: all, or those of a topic or an author. */
export interface FeedQuery {
  topic?: string | undefined;
  author?: string | undefined;
}

/**
 * The posts of a topic or an author, or all: the newest ones as read from the API, and those that
 * arrive afterwards. Posts that arrive wait until the reader asks for them, because they would move
 * what is being read.
 */
export class Feed {
  readonly #query: FeedQuery;
  readonly state = signal<FeedState>({ posts: [], waiting: [], reading: true, hasMore: false });
  readonly #api: Pick<Api, 'listPosts'>;
  readonly #posts: PostStore;
  /** The shown and the waiting posts, by ID. */
  readonly #known = new Map<string, Post>();
  /** The IDs of the waiting posts. */
  readonly #waiting = new Set<string>();
  /**
   * The times from which the lists contain the known posts that have arrived otherwise, by ID, in
   * milliseconds since the epoch.
   */
  readonly #listedFrom = new Map<string, number>();
  readonly #unsubscribe: () => void;
  #hasEnded = false;
  #most = mostPosts;
  #hasMore = false;
  /** The cursor of the older posts. It is unknown after posts were dropped. */
  #cursor: string | undefined;
  /** When the oldest read post was created. */
  #readTo: string | undefined;
  #cancelFrame: (() => void) | undefined;
  #nextRefresh: ReturnType<typeof setTimeout> | undefined;
  readonly #retry = new ReadRetry();
  #readings = Promise.resolve();

  constructor(query: FeedQuery, api: Pick<Api, 'listPosts'>, posts: PostStore) {
    this.#query = query;
    this.#api = api;
    this.#posts = posts;
    this.#unsubscribe = posts.subscribe(
      (post) => this.#take(post),
      (id) => this.#remove(id),
    );
  }

  /** Ends the updates of the feed. */
  end(): void {
    this.#hasEnded = true;
    this.#unsubscribe();
    this.#cancelFrame?.();
    clearTimeout(this.#nextRefresh);
    this.#retry.end();
  }

  /** Makes the retry of a failed read now. */
  retryNow(): void {
    this.#retry.now();
  }

  /** Shows a post of any topic, even if others wait. */
  include(state: PostState): void {
    const { id } = state.post;
    if (!this.#known.has(id)) this.#listedFrom.set(id, Date.now() + listLag);
    this.#include(state);
    this.#waiting.delete(id);
    this.#show({});
  }

  #include({ post, revision }: PostState): void {
    if (this.#posts.isRemoved(post.id)) return;
    this.#known.set(post.id, this.#posts.get(post.id) ?? post);
    this.#posts.take({ post, revision });
  }

  /**
   * Shows the posts that wait. If more than a page of them is drawn, only the newest page remains,
   * because hundreds take seconds to draw. The others are read again as older posts.
   * @param drawn those of the waiting posts that the reader sees, newest first
   */
  showWaiting(drawn: readonly Post[] = this.state.value.waiting): void {
    const oldest = drawn[pageSize - 1];
    if (oldest && drawn.length > pageSize && !this.state.value.reading) {
      for (const [id, post] of this.#known) if (positionOf(post) < positionOf(oldest)) this.#forget(id);
      this.#endAt(oldest);
    }
    this.#waiting.clear();
    this.#show({});
  }

  /** Reads the newest posts and all shown ones. */
  refresh(): Promise<void> {
    return this.#read('newest');
  }

  /** Reads the posts that follow the oldest read one. */
  readMore(): Promise<void> {
    return this.#read('older');
  }

  /** Runs one read after another, because each starts where the last one ended. */
  #read(part: Part): Promise<void> {
    this.#readings = this.#readings.then(async () => {
      this.#retry.begin();
      this.#show({ reading: true });
      let { failure } = this.state.value;
      try {
        await (part === 'newest' ? this.#readFromTop() : this.#readOlder());
        this.#retry.succeed();
        if (part === 'older' && failure?.part === 'newest') this.refresh();
        else failure = undefined;
      } catch (error) {
        const failed = failure?.part === 'newest' ? 'newest' : part;
        failure = { part: failed, ...this.#retry.fail(error, () => this.#read(failed)) };
      }
      this.#show({ reading: false, failure });
    });
    return this.#readings;
  }

  async #readOlder(): Promise<void> {
    if (this.#hasMore && this.#cursor === undefined) await this.#readFromTop();
    if (this.#cursor !== undefined) {
      const { posts, nextCursor } = await this.#page(this.#cursor, pageSize);
      this.#add(posts, nextCursor);
    }
    this.#most = Math.max(this.#most, this.#shownCount);
  }

  async #readFromTop(): Promise<void> {
    const posts: Post[] = [];
    const start = Date.now();
    const readTo = this.#readTo;
    const mostRead = this.#most + this.#waiting.size;
    const isBehind = () => readTo !== undefined && !posts.some(({ createdAt }) => createdAt <= readTo);
    let cursor: string | undefined;
    do {
      const limit = Math.min(largestPage, Math.max(pageSize, this.#known.size - posts.length));
      const page = await this.#page(cursor, limit);
      posts.push(...page.posts);
      cursor = page.nextCursor;
    } while (cursor !== undefined && posts.length < mostRead && isBehind());
    this.#addMissed(posts, readTo);
    this.#add(posts, cursor);
    // There may be unread posts between those just read and the older ones.
    for (const [id, post] of this.#known) if (!this.#isRead(post)) this.#forget(id);
    this.#forgetMissing(posts, start);
  }

  /** Lets the posts wait that were missed since an earlier read. */
  #addMissed(read: Post[], readTo: string | undefined): void {
    if (this.#shownCount === 0) this.#waiting.clear();
    if (readTo === undefined || this.#shownCount === 0) return;
    for (const { id, createdAt } of read) {
      if (createdAt > readTo && !this.#known.has(id)) this.#waiting.add(id);
    }
  }

  /**
   * Takes away the posts that are missing in what was read from the top: they were removed while
   * the page was not connected. Reads again when the lists should contain the posts that it leaves.
   */
  #forgetMissing(read: Post[], start: number): void {
    const found = new Set(read.map(({ id }) => id));
    let next: number | undefined;
    for (const [id, post] of this.#known) {
      // Posts of the same time may be on the next page.
      const isInRange = !this.#hasMore || post.createdAt > (this.#readTo ?? '');
      if (!isInRange || !this.#isOfFeed(post) || found.has(id)) continue;
      const listedFrom = this.#listedFrom.get(id) ?? 0;
      if (listedFrom <= start) this.#forget(id);
      else next = Math.min(next ?? listedFrom, listedFrom);
    }
    clearTimeout(this.#nextRefresh);
    if (next !== undefined && !this.#hasEnded)
      this.#nextRefresh = setTimeout(() => this.refresh(), next - Date.now());
  }

  #forget(id: string): boolean {
    this.#listedFrom.delete(id);
    this.#waiting.delete(id);
    return this.#known.delete(id);
  }

  get #shownCount(): number {
    return this.#known.size - this.#waiting.size;
  }

  #page(cursor: string | undefined, limit: number) {
    return this.#api.listPosts({ ...this.#query, cursor, limit });
  }

  #add(posts: Post[], nextCursor: string | undefined): void {
    for (const post of posts) {
      this.#include({ post, revision: shownRevision(post) });
      this.#listedFrom.delete(post.id);
    }
    this.#cursor = nextCursor;
    this.#hasMore = nextCursor !== undefined;
    this.#readTo = posts.at(-1)?.createdAt ?? this.#readTo;
  }

  #take(post: Post): void {
    if (!this.#known.has(post.id)) {
      if (!this.#isOfFeed(post) || !this.#isRead(post)) return;
      if (this.#shownCount > 0 || this.state.value.reading) this.#waiting.add(post.id);
      this.#listedFrom.set(post.id, Date.now() + listLag);
    }
    this.#known.set(post.id, post);
    this.#showSoon();
  }

  #remove(id: string): void {
    if (this.#forget(id)) this.#showSoon();
  }

  #showSoon(): void {
    this.#cancelFrame ??= onNextFrame(() => this.#show({}));
  }

  #isOfFeed(post: Post): boolean {
    const { topic = post.topic, author = post.author } = this.#query;
    return post.topic === topic && post.author === author;
  }

  /** Returns whether a post is at least as new as the oldest read one. */
  #isRead({ createdAt }: Post): boolean {
    return !this.#hasMore || this.#readTo === undefined || createdAt >= this.#readTo;
  }

  #show(changes: Pick<Partial<FeedState>, 'reading' | 'failure'>): void {
    this.#cancelFrame?.();
    this.#cancelFrame = undefined;
    const state = { ...this.state.value, ...changes };
    // There is nothing to read that they would move.
    if (this.#shownCount === 0 && !state.reading) this.#waiting.clear();
    const known = [...this.#known.values()].sort((one, other) =>
      positionOf(other) < positionOf(one) ? -1 : 1,
    );
    const posts = known.filter(({ id }) => !this.#waiting.has(id));
    const waiting = known.filter(({ id }) => this.#waiting.has(id));
    // Not during a read, which continues after the oldest post.
    if (!state.reading) {
      this.#drop(waiting);
      if (this.#drop(posts)) this.#endAt(posts.at(-1));
    }
    this.state.value = {
      ...state,
      posts: isSame(state.posts, posts) ? state.posts : posts,
      waiting: isSame(state.waiting, waiting) ? state.waiting : waiting,
      hasMore: this.#hasMore,
    };
  }

  /** Drops the oldest posts of a list if there are too many. */
  #drop(posts: Post[]): boolean {
    const dropped = posts.splice(this.#most);
    for (const { id } of dropped) this.#forget(id);
    return dropped.length > 0;
  }

  /** Makes a post the oldest read one, after older ones were dropped. */
  #endAt(oldest: Post | undefined): void {
    this.#readTo = oldest?.createdAt;
    this.#cursor = undefined;
    this.#hasMore = true;
  }
}

/** Returns a text by which posts are sorted by their time. */
function positionOf({ createdAt, id }: Post): string {
  return createdAt + id;
}

/** Returns whether two lists have the same items, so that an unchanged list is not drawn again. */
function isSame(one: readonly Post[], other: readonly Post[]): boolean {
  return one.length === other.length && one.every((post, index) => post === other[index]);
}
