import { isDeepStrictEqual } from 'node:util';
import { CreatedPost, type NewPost, type Post } from '../../model/post.ts';

/** A post that an author publishes. */
export interface Submission {
  /** The post as it is sent. Each submission has its own title. */
  content: NewPost;
  /** The Idempotency-Key, if it has one. */
  key: string | undefined;
  /** The posts in the 201 responses, in their order. */
  answers: CreatedPost[];
}

/** A post in the table. */
export interface StoredPost {
  post: Post;
  revision: number;
  /** Whether the post has the marker that it is not yet announced. */
  marked: boolean;
}

/** A subscriber of the e-mails of a topic. */
export interface Reader {
  address: string;
  topic: string;
}

/** A client of the WebSocket API, and the states that it has received. */
export interface Client {
  name: string;
  isOpen: boolean;
  /** When the client connected, in milliseconds since the epoch. */
  openedAt: number;
  /** The new posts that the client wants. */
  wants: 'all' | { topic: string } | 'none';
  /** The IDs of the posts that the client has asked for on this connection. */
  asked: ReadonlySet<string>;
  /**
   * The last state of each post, by its ID. A revision that is not above the last one is ignored.
   */
  told: ReadonlyMap<string, { revision: number; post: Post }>;
  /** The IDs of the posts that the client knows to be removed. */
  toldRemoved: ReadonlySet<string>;
}

/** The outcome of traffic: what was sent, what is stored, and what readers and clients received. */
export interface Outcome {
  submissions: readonly Submission[];
  /**
   * Responses and messages that must not occur: any that `docs/api` does not describe; for an
   * author, a response other than 201, 429, 5xx, and 422 to another post under a used key; and a
   * post with a key that received no 201 after all retries.
   */
  unexpected: readonly string[];
  stored: ReadonlyMap<string, StoredPost>;
  /** The posts that operators have removed, by their IDs. */
  removed: ReadonlyMap<string, CreatedPost>;
  readers: readonly Reader[];
  /** The number of e-mails that a reader has received about a post, by `mailKey`. */
  mails: ReadonlyMap<string, number>;
  clients: readonly Client[];
  /** The number of messages that wait in each queue. */
  queues: ReadonlyMap<string, number>;
  /** The log lines in which the local cloud reports a loss. */
  losses: readonly string[];
}

/** A part of the promise. `violations` returns a line for each violation. */
export interface Check {
  promise: string;
  violations(outcome: Outcome): string[];
}

export function mailKey(address: string, postId: string): string {
  return `${address} ${postId}`;
}

/** The checks of the promise that a 201 makes. */
export const checks: Check[] = [
  { promise: 'every post answered 201 is saved as it was sent', violations: unsaved },
  { promise: 'a repeated request is answered with the very same post', violations: differentReplays },
  { promise: 'a key makes one post', violations: madeTwice },
  {
    promise: 'authors and clients are answered as documented',
    violations: ({ unexpected }) => [...unexpected],
  },
  { promise: 'no marker is left', violations: unannounced },
  { promise: 'every post is mailed to each reader of its topic', violations: unmailed },
  { promise: 'every post is enriched or marked', violations: unenriched },
  {
    promise: 'every client is connected in the end',
    violations: ({ clients }) => clients.filter(({ isOpen }) => !isOpen).map(({ name }) => name),
  },
  { promise: 'every client has seen the last state of its posts', violations: unseen },
  { promise: 'every client knows which of its posts are removed', violations: unseenRemovals },
  { promise: 'every queue is empty', violations: waiting },
  { promise: 'the local cloud has lost nothing', violations: ({ losses }) => [...losses] },
];

function unsaved({ submissions, stored }: Outcome): string[] {
  return submissions.flatMap(({ content, answers }) =>
    answers.flatMap((answer) => {
      const { id, createdAt } = answer;
      if (!isDeepStrictEqual(answer, { id, createdAt, ...content }))
        return `the response for ${id} differs from the request`;
      const item = stored.get(id);
      if (!item) return `${id} is not saved`;
      return isDeepStrictEqual(CreatedPost.parse(item.post), answer)
        ? []
        : `the saved post ${id} differs from the response`;
    }),
  );
}

function differentReplays({ submissions }: Outcome): string[] {
  return submissions.flatMap(({ key, answers: [first, ...replays] }) =>
    replays.every((replay) => isDeepStrictEqual(replay, first))
      ? []
      : `the responses under the key ${key} of ${first?.id} differ`,
  );
}

function madeTwice({ submissions, stored }: Outcome): string[] {
  const counts = new Map<string, number>();
  for (const { post } of stored.values()) counts.set(post.title, (counts.get(post.title) ?? 0) + 1);
  return submissions.flatMap(({ key, content }) => {
    const count = counts.get(content.title) ?? 0;
    return key !== undefined && count > 1 ? `the key ${key} has made ${count} posts` : [];
  });
}

function unannounced({ stored }: Outcome): string[] {
  return [...stored.values()].flatMap(({ post, marked }) =>
    marked ? `${post.id} still has its marker` : [],
  );
}

function unmailed({ stored, readers, mails }: Outcome): string[] {
  return [...stored.values()].flatMap(({ post }) =>
    readers
      .filter(({ address, topic }) => topic === post.topic && !mails.has(mailKey(address, post.id)))
      .map(({ address }) => `${post.id} was not mailed to ${address}`),
  );
}

function unenriched({ stored }: Outcome): string[] {
  return [...stored.values()].flatMap(({ post }) =>
    post.entities || post.enrichment ? [] : `${post.id} is neither enriched nor marked`,
  );
}

/**
 * Returns whether a client wants a post. It wants the posts that it has asked for, and the posts of
 * its channel that were created while it was connected.
 */
function isWanted(
  { openedAt, wants, asked }: Client,
  { id, topic, createdAt }: Pick<Post, 'id' | 'topic' | 'createdAt'>,
): boolean {
  const inChannel = wants === 'all' || (wants !== 'none' && wants.topic === topic);
  return asked.has(id) || (inChannel && Date.parse(createdAt) > openedAt);
}

/** Returns the clients that miss a post that they want. */
function unseen({ stored, clients }: Outcome): string[] {
  return clients.flatMap((client) =>
    [...stored.values()].flatMap(({ post, revision }) =>
      isWanted(client, post) && !isDeepStrictEqual(client.told.get(post.id), { revision, post })
        ? `${client.name} has not seen the revision ${revision} of ${post.id}`
        : [],
    ),
  );
}

/** Returns the clients that do not know that a post that they want is removed. */
function unseenRemovals({ removed, clients }: Outcome): string[] {
  return clients.flatMap((client) =>
    [...removed.values()].flatMap((post) =>
      isWanted(client, post) && !client.toldRemoved.has(post.id)
        ? `${client.name} has not seen the removal of ${post.id}`
        : [],
    ),
  );
}

function waiting({ queues }: Outcome): string[] {
  return [...queues].flatMap(([queue, count]) => (count > 0 ? `${queue} has ${count} messages` : []));
}
