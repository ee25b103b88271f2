import { signal } from '@preact/signals';
import type { Post } from '../model/post.ts';
import type { Api } from './api.ts';
import { type PostState, type PostStore, shownRevision } from './post-store.ts';

/** The API's sizes of a page: by default, and at most. */
const pageSize = 20;
const largestPage = 100;

/** The feed shows so many posts, the newest, and more only if they are asked for. Who missed more begins afresh. */
const mostPosts = 200;

/** Milliseconds. What comes in within a frame is shown together. */
const frame = 16;

/** What the feed shows. */
export interface FeedState {
  /** Newest first, and none left out between them. */
  posts: readonly Post[];
  reading: boolean;
  /** Why the last reading failed, in a sentence. */
  problem?: string | undefined;
  /** There are older posts to be read. */
  hasMore: boolean;
  /** The last post that came in by itself. */
  arrival?: Post | undefined;
}

/** The posts of a topic, or all: those that were read, from the newest on, and those that come in after. */
export class Feed {
  readonly topic: string | undefined;
  readonly state = signal<FeedState>({ posts: [], reading: true, hasMore: false });
  readonly #api: Pick<Api, 'listPosts'>;
  readonly #posts: PostStore;
  /** What is shown, by id. */
  readonly #shown = new Map<string, Post>();
  readonly #unsubscribe: () => void;
  #most = mostPosts;
  #hasMore = false;
  /** Where the older posts begin; unknown after posts were dropped. */
  #cursor: string | undefined;
  /** When the oldest post that was read was created. */
  #readTo: string | undefined;
  #arrival: Post | undefined;
  #nextFrame: ReturnType<typeof setTimeout> | undefined;
  #readings = Promise.resolve();

  constructor(topic: string | undefined, api: Pick<Api, 'listPosts'>, posts: PostStore) {
    this.topic = topic;
    this.#api = api;
    this.#posts = posts;
    this.#unsubscribe = posts.subscribe((post) => this.#take(post));
  }

  /** No more updates are taken in. */
  end(): void {
    this.#unsubscribe();
    clearTimeout(this.#nextFrame);
  }

  /** Shows a post, whatever its topic. */
  include(state: PostState): void {
    this.#include(state);
    this.#show({});
  }

  #include({ post, revision }: PostState): void {
    this.#shown.set(post.id, this.#posts.get(post.id) ?? post);
    this.#posts.take({ post, revision });
  }

  /** Reads the newest posts, and again all that are shown. */
  refresh(): Promise<void> {
    return this.#read(() => this.#readFromTop());
  }

  /** Reads the posts after the oldest that was read. */
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

  /** One reading after another, since each goes on where the last ended. */
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
    // Between what was read now and what is older there may be posts that were not.
    for (const [id, post] of this.#shown) if (!this.#isRead(post)) this.#shown.delete(id);
  }

  #page(cursor: string | undefined, limit: number) {
    return this.#api.listPosts({ topic: this.topic, cursor, limit });
  }

  #add(posts: Post[], nextCursor: string | undefined): void {
    for (const post of posts) this.#include({ post, revision: shownRevision(post) });
    this.#cursor = nextCursor;
    this.#hasMore = nextCursor !== undefined;
    this.#readTo = posts.at(-1)?.createdAt ?? this.#readTo;
  }

  #take(post: Post): void {
    if (!this.#shown.has(post.id)) {
      if ((this.topic !== undefined && post.topic !== this.topic) || !this.#isRead(post)) return;
      this.#arrival = post;
    }
    this.#shown.set(post.id, post);
    this.#nextFrame ??= setTimeout(() => this.#show({}), frame);
  }

  /** It is not older than what was read. */
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
    // A reading goes on after the oldest, so that it must not be dropped meanwhile.
    if (!state.reading && posts.length > this.#most) {
      for (const { id } of posts.splice(this.#most)) this.#shown.delete(id);
      this.#readTo = posts.at(-1)?.createdAt;
      this.#cursor = undefined;
      this.#hasMore = true;
    }
    this.state.value = { ...state, posts, hasMore: this.#hasMore, arrival: this.#arrival };
  }
}
