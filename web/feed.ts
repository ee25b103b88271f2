import { signal } from '@preact/signals';
import type { Post } from '../model/post.ts';
import type { Api } from './api.ts';
import { type PostState, type PostStore, shownRevision } from './post-store.ts';

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

/** The time in milliseconds within which updates are shown together. */
const frame = 16;

/** The state of the feed as it is shown. */
export interface FeedState {
  /** Newest first, without gaps. */
  posts: readonly Post[];
  reading: boolean;
  /** Why the last read failed, in a sentence. */
  problem?: string | undefined;
  /** Whether there are older posts to read. */
  hasMore: boolean;
  /** The last post that arrived as an update. */
  arrival?: Post | undefined;
}

/**
 * The posts of a topic, or of all: the newest ones as read from the API, and those that arrive
 * afterwards.
 */
export class Feed {
  readonly topic: string | undefined;
  readonly state = signal<FeedState>({ posts: [], reading: true, hasMore: false });
  readonly #api: Pick<Api, 'listPosts'>;
  readonly #posts: PostStore;
  /** The shown posts, by ID. */
  readonly #shown = new Map<string, Post>();
  /**
   * The times from which the lists contain the shown posts that have arrived otherwise, by ID, in
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
  #arrival: Post | undefined;
  #nextFrame: ReturnType<typeof setTimeout> | undefined;
  #nextRefresh: ReturnType<typeof setTimeout> | undefined;
  #readings = Promise.resolve();

  constructor(topic: string | undefined, api: Pick<Api, 'listPosts'>, posts: PostStore) {
    this.topic = topic;
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
    clearTimeout(this.#nextFrame);
    clearTimeout(this.#nextRefresh);
  }

  /** Shows a post of any topic. */
  include(state: PostState): void {
    if (!this.#shown.has(state.post.id)) this.#listedFrom.set(state.post.id, Date.now() + listLag);
    this.#include(state);
    this.#show({});
  }

  #include({ post, revision }: PostState): void {
    if (this.#posts.isRemoved(post.id)) return;
    this.#shown.set(post.id, this.#posts.get(post.id) ?? post);
    this.#posts.take({ post, revision });
  }

  /** Reads the newest posts and all shown ones. */
  refresh(): Promise<void> {
    return this.#read(() => this.#readFromTop());
  }

  /** Reads the posts that follow the oldest read one. */
  readMore(): Promise<void> {
    return this.#read(async () => {
      if (this.#hasMore && this.#cursor === undefined) await this.#readFromTop();
      if (this.#cursor !== undefined) {
        const { posts, nextCursor } = await this.#page(this.#cursor, pageSize);
        this.#add(posts, nextCursor);
      }
      this.#most = Math.max(this.#most, this.#shown.size);
    });
  }

  /** Runs one read after another, because each starts where the last one ended. */
  #read(reading: () => Promise<void>): Promise<void> {
    this.#readings = this.#readings.then(async () => {
      this.#show({ reading: true });
      try {
        await reading();
        this.#show({ reading: false, problem: undefined });
      } catch (error) {
        this.#show({ reading: false, problem: error instanceof Error ? error.message : String(error) });
      }
    });
    return this.#readings;
  }

  async #readFromTop(): Promise<void> {
    const posts: Post[] = [];
    const start = Date.now();
    const readTo = this.#readTo;
    const isBehind = () => readTo !== undefined && !posts.some(({ createdAt }) => createdAt <= readTo);
    let cursor: string | undefined;
    do {
      const limit = Math.min(largestPage, Math.max(pageSize, this.#shown.size - posts.length));
      const page = await this.#page(cursor, limit);
      posts.push(...page.posts);
      cursor = page.nextCursor;
    } while (cursor !== undefined && posts.length < this.#most && isBehind());
    this.#add(posts, cursor);
    // There may be unread posts between those just read and the older ones.
    for (const [id, post] of this.#shown) if (!this.#isRead(post)) this.#forget(id);
    this.#forgetMissing(posts, start);
  }

  /**
   * Takes away the posts that are missing in what was read from the top: they were removed while the
   * page was not connected. Reads again when the lists should contain the posts that it leaves.
   */
  #forgetMissing(read: Post[], start: number): void {
    const found = new Set(read.map(({ id }) => id));
    let next: number | undefined;
    for (const [id, { createdAt, topic }] of this.#shown) {
      // Posts of the same time may be on the next page.
      const isInRange = !this.#hasMore || createdAt > (this.#readTo ?? '');
      const isOfFeed = this.topic === undefined || topic === this.topic;
      if (!isInRange || !isOfFeed || found.has(id)) continue;
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
    return this.#shown.delete(id);
  }

  #page(cursor: string | undefined, limit: number) {
    return this.#api.listPosts({ topic: this.topic, cursor, limit });
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
    if (!this.#shown.has(post.id)) {
      if ((this.topic !== undefined && post.topic !== this.topic) || !this.#isRead(post)) return;
      this.#arrival = post;
      this.#listedFrom.set(post.id, Date.now() + listLag);
    }
    this.#shown.set(post.id, post);
    this.#nextFrame ??= setTimeout(() => this.#show({}), frame);
  }

  #remove(id: string): void {
    if (this.#arrival?.id === id) this.#arrival = undefined;
    if (!this.#forget(id)) return;
    this.#nextFrame ??= setTimeout(() => this.#show({}), frame);
  }

  /** Returns whether a post is at least as new as the oldest read one. */
  #isRead({ createdAt }: Post): boolean {
    return !this.#hasMore || this.#readTo === undefined || createdAt >= this.#readTo;
  }

  #show(changes: Pick<Partial<FeedState>, 'reading' | 'problem'>): void {
    clearTimeout(this.#nextFrame);
    this.#nextFrame = undefined;
    const state = { ...this.state.value, ...changes };
    const posts = [...this.#shown.values()].sort((one, other) =>
      other.createdAt + other.id < one.createdAt + one.id ? -1 : 1,
    );
    // Not during a read, which continues after the oldest post.
    if (!state.reading && posts.length > this.#most) {
      for (const { id } of posts.splice(this.#most)) this.#forget(id);
      this.#readTo = posts.at(-1)?.createdAt;
      this.#cursor = undefined;
      this.#hasMore = true;
    }
    this.state.value = { ...state, posts, hasMore: this.#hasMore, arrival: this.#arrival };
  }
}
