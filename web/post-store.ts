import { type Post, Revision } from '../model/post.ts';

/** A post and its revision. */
export interface PostState {
  post: Post;
  revision: number;
}

/**
 * Returns the revision of a post by its content, because the API's lists of posts have no
 * revisions.
 */
export function shownRevision({ entities, enrichment }: Post): number {
  return entities || enrichment ? Revision.enriched : Revision.created;
}

/** More posts than a reader looks at in a visit, but a limit, because updates never end. */
const mostPosts = 1000;

/** The latest known state of the posts that changed last, from any source. */
export class PostStore {
  readonly #states = new Map<string, PostState>();
  readonly #listeners = new Set<(post: Post) => void>();

  get(id: string): Post | undefined {
    return this.#states.get(id)?.post;
  }

  /**
   * Stores a state and calls the listeners, unless its revision is not above the last one of the
   * post.
   */
  take(state: PostState): void {
    const { post, revision } = state;
    if (revision <= (this.#states.get(post.id)?.revision ?? 0)) return;
    this.#states.delete(post.id);
    this.#states.set(post.id, state);
    const [oldest = ''] = this.#states.keys();
    if (this.#states.size > mostPosts) this.#states.delete(oldest);
    for (const listener of this.#listeners) listener(post);
  }

  /** Calls a listener with each changed post. Returns a function that removes the listener. */
  subscribe(listener: (post: Post) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}
