import { isDeepStrictEqual } from 'node:util';
import { CreatedPost, type NewPost, type Post } from '../../model/post.ts';

/** A post that an author wants to have published. */
export interface Submission {
  /** What is sent; its title is in no other submission. */
  content: NewPost;
  /** The Idempotency-Key, if it has one. */
  key: string | undefined;
  /** The posts that it was answered 201 with, one for each time. */
  answers: CreatedPost[];
}

/** A post in the table. */
export interface StoredPost {
  post: Post;
  revision: number;
  /** Whether it is still to be announced. */
  marked: boolean;
}

/** Whoever gets the mails of a topic. */
export interface Reader {
  address: string;
  topic: string;
}

/** A client of the WebSocket API, and what it has been told. */
export interface Client {
  name: string;
  isOpen: boolean;
  /** Since when it is connected, in milliseconds since the epoch. */
  openedAt: number;
  /** The posts that it wants as they are created. */
  wants: 'all' | { topic: string } | 'none';
  /** The ids of the posts that it has asked for on this connection. */
  asked: ReadonlySet<string>;
  /** By the ids of posts: the last state, after the rule to ignore a revision not above the last one. */
  told: ReadonlyMap<string, { revision: number; post: Post }>;
}

/** What has come of traffic: what was sent, what is stored, and what everybody has been told of it. */
export interface Outcome {
  submissions: readonly Submission[];
  /**
   * What nobody should meet: an answer or a message that is not as `docs/api` says; for an author, an answer that is neither
   * 201, nor 422 to another post under a key, nor 429, nor 5xx, and no 201 under a key, however often it is tried.
   */
  unexpected: readonly string[];
  stored: ReadonlyMap<string, StoredPost>;
  readers: readonly Reader[];
  /** How often a reader has had the mail of a post, by `mailKey`. */
  mails: ReadonlyMap<string, number>;
  clients: readonly Client[];
  /** How many messages wait in each queue. */
  queues: ReadonlyMap<string, number>;
  /** The lines in which the local cloud says that it has lost something. */
  losses: readonly string[];
}

/** A part of the promise, and what breaks it, a line each. */
export interface Check {
  promise: string;
  violations(outcome: Outcome): string[];
}

export function mailKey(address: string, postId: string): string {
  return `${address} ${postId}`;
}

/** The promise to whoever got a 201. */
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
  { promise: 'no queue holds anything', violations: waiting },
  { promise: 'the local cloud has lost nothing', violations: ({ losses }) => [...losses] },
];

function unsaved({ submissions, stored }: Outcome): string[] {
  return submissions.flatMap(({ content, answers }) =>
    answers.flatMap((answer) => {
      const { id, createdAt } = answer;
      if (!isDeepStrictEqual(answer, { id, createdAt, ...content }))
        return `${id} was answered with another content than was sent`;
      const item = stored.get(id);
      if (!item) return `${id} is not saved`;
      return isDeepStrictEqual(CreatedPost.parse(item.post), answer) ? [] : `${id} is saved as another post`;
    }),
  );
}

function differentReplays({ submissions }: Outcome): string[] {
  return submissions.flatMap(({ key, answers: [first, ...replays] }) =>
    replays.every((replay) => isDeepStrictEqual(replay, first))
      ? []
      : `${first?.id} was answered differently under the key ${key}`,
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
  return [...stored.values()].flatMap(({ post, marked }) => (marked ? `${post.id} has its marker` : []));
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

/** A client wants the posts that it has asked for, and those of its channel that were created while it was connected. */
function unseen({ stored, clients }: Outcome): string[] {
  return clients.flatMap(({ name, openedAt, wants, asked, told }) =>
    [...stored.values()].flatMap(({ post, revision }) => {
      const inChannel = wants === 'all' || (wants !== 'none' && wants.topic === post.topic);
      const isWanted = asked.has(post.id) || (inChannel && Date.parse(post.createdAt) > openedAt);
      return isWanted && !isDeepStrictEqual(told.get(post.id), { revision, post })
        ? `${name} has not seen ${post.id} in its revision ${revision}`
        : [];
    }),
  );
}

function waiting({ queues }: Outcome): string[] {
  return [...queues].flatMap(([queue, count]) => (count > 0 ? `${queue} holds ${count}` : []));
}
