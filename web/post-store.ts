import { type Post, Revision } from '../model/post.ts';

/** A post and the revision that it is of. */
export interface PostState {
  post: Post;
  revision: number;
}

/**
 * The revision that the content of a post shows, for where the API does not tell it: a list of posts has none.
 */
export function shownRevision({ entities, enrichment }: Post): number {
  return entities || enrichment ? Revision.enriched : Revision.created;
}

/** More than a reader looks at in a visit; the updates that come in have no end. */
const mostPosts = 1000;

/** The latest known state of the posts that changed last, whichever way it came. */
export class PostStore {
  readonly #states = new Map<string, PostState>();
  readonly #listeners = new Set<(post: Post) => void>();

  get(id: string): Post | undefined {
    return this.#states.get(id)?.post;
  }

  /** Ignores a revision that is not above the last seen of that post; tells of any other. */
  take(state: PostState): void {
    const { post, revision } = state;
    if (revision <= (this.#states.get(post.id)?.revision ?? 0)) return;
    this.#states.delete(post.id);
    this.#states.set(post.id, state);
    const [oldest = ''] = this.#states.keys();
    if (this.#states.size > mostPosts) this.#states.delete(oldest);
    for (const listener of this.#listeners) listener(post);
  }

  /** Gives what ends it. */
  subscribe(listener: (post: Post) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}
