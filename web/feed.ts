import type { Post } from '../lambdas/model/post.ts';
import type { Api } from './api.ts';
import { Observable } from './observable.ts';
import { type PostStore, shownRevision } from './post-store.ts';

/** The API's sizes of a page: by default, and at most. */
const pageSize = 20;
const largestPage = 100;

/** Who missed more pages than this begins afresh with these. */
const mostPages = 10;

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
  readonly state = new Observable<FeedState>({ posts: [], reading: true, hasMore: false });
  readonly #api: Pick<Api, 'listPosts'>;
  readonly #posts: PostStore;
  readonly #ids = new Set<string>();
  readonly #unsubscribe: () => void;
  #cursor: string | undefined;
  /** When the oldest post that was read was created. */
  #readTo: string | undefined;
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
  }

  /** Shows a post, whatever its topic. */
  include({ post, revision }: { post: Post; revision: number }): void {
    this.#ids.add(post.id);
    this.#posts.take({ post, revision });
  }

  /** Reads the newest posts, and again all that are shown. */
  refresh(): Promise<void> {
    return this.#read(() => this.#readFromTop());
  }

  /** Reads the posts after the oldest that was read. */
  readMore(): Promise<void> {
    return this.#read(async () => {
      if (this.#cursor === undefined) return;
      const { posts, nextCursor } = await this.#page(this.#cursor, pageSize);
      this.#add(posts, nextCursor);
    });
  }

  /** One reading after another, since each goes on where the last ended. */
  #read(reading: () => Promise<void>): Promise<void> {
    this.#readings = this.#readings.then(async () => {
      this.#show({ reading: true, problem: undefined });
      try {
        await reading();
        this.#show({ reading: false });
      } catch (error) {
        this.#show({ reading: false, problem: error instanceof Error ? error.message : String(error) });
      }
    });
    return this.#readings;
  }

  async #readFromTop(): Promise<void> {
    const limit = Math.min(largestPage, Math.max(pageSize, this.#ids.size));
    const posts: Post[] = [];
    let cursor: string | undefined;
    for (let pages = 0; pages < mostPages; pages++) {
      const page = await this.#page(cursor, limit);
      posts.push(...page.posts);
      cursor = page.nextCursor;
      const last = posts.at(-1);
      if (cursor === undefined || this.#readTo === undefined) break;
      if (last !== undefined && last.createdAt <= this.#readTo) break;
    }
    this.#add(posts, cursor);
    // Between what was read now and what is older there may be posts that were not.
    for (const id of this.#ids) {
      const post = this.#posts.get(id);
      if (post && !this.#isRead(post)) this.#ids.delete(id);
    }
  }

  #page(cursor: string | undefined, limit: number) {
    return this.#api.listPosts({ topic: this.topic, cursor, limit });
  }

  #add(posts: Post[], nextCursor: string | undefined): void {
    for (const post of posts) this.#ids.add(post.id);
    for (const post of posts) this.#posts.take({ post, revision: shownRevision(post) });
    this.#cursor = nextCursor;
    this.#readTo = posts.at(-1)?.createdAt ?? this.#readTo;
  }

  #take(post: Post): void {
    if (this.#ids.has(post.id)) this.#show({});
    else if ((this.topic === undefined || post.topic === this.topic) && this.#isRead(post)) {
      this.#ids.add(post.id);
      this.#show({ arrival: post });
    }
  }

  /** It is not older than what was read. */
  #isRead({ createdAt }: Post): boolean {
    return this.#cursor === undefined || this.#readTo === undefined || createdAt >= this.#readTo;
  }

  #show(changes: Pick<Partial<FeedState>, 'reading' | 'problem' | 'arrival'>): void {
    const posts = [...this.#ids].flatMap((id) => this.#posts.get(id) ?? []);
    this.state.value = {
      ...this.state.value,
      posts: posts.sort((one, other) => (other.createdAt + other.id < one.createdAt + one.id ? -1 : 1)),
      hasMore: this.#cursor !== undefined,
      ...changes,
    };
  }
}
