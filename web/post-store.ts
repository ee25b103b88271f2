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

/** Receives each change of a post. */
interface Listener {
  onChange: (post: Post) => void;
  onRemoval: (id: string) => void;
}

/** More posts than a reader looks at in a visit, but a limit, because updates never end. */
const mostPosts = 1000;

/** The latest known state of the posts that changed last, from any source. */
export class PostStore {
  readonly #states = new Map<string, PostState>();
  /** The IDs of the removed posts, which no later update brings back. */
  readonly #removed = new Set<string>();
  readonly #listeners = new Set<Listener>();

  all(): Post[] {
    return [...this.#states.values()].map(({ post }) => post);
  }

  get(id: string): Post | undefined {
    return this.#states.get(id)?.post;
  }

  /**
   * Stores a state and calls the listeners, unless the post was removed, or its revision is not
   * above the last one of the post.
   */
  take(state: PostState): void {
    const { post, revision } = state;
    if (this.#removed.has(post.id) || revision <= (this.#states.get(post.id)?.revision ?? 0)) return;
    this.#states.delete(post.id);
    this.#states.set(post.id, state);
    const [oldest = ''] = this.#states.keys();
    if (this.#states.size > mostPosts) this.#states.delete(oldest);
    for (const { onChange } of this.#listeners) onChange(post);
  }

  /** Forgets a post for good, and calls the listeners the first time. */
  remove(id: string): void {
    if (this.#removed.has(id)) return;
    this.#removed.add(id);
    this.#states.delete(id);
    for (const { onRemoval } of this.#listeners) onRemoval(id);
  }

  isRemoved(id: string): boolean {
    return this.#removed.has(id);
  }

  /**
   * Calls a listener with each changed post and the ID of each removed one. Returns a function that
   * removes the listener.
   */
  subscribe(onChange: (post: Post) => void, onRemoval: (id: string) => void): () => void {
    const listener = { onChange, onRemoval };
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}
