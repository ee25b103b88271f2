import type * as z from 'zod/mini';
import { type NewPost, Post, PostPage } from '../model/post.ts';
import { type FieldError, Problem } from '../model/problem.ts';
import { type NewSubscription, PendingSubscription } from '../model/subscription.ts';
import { type PostState, shownRevision } from './post-store.ts';

/**
 * In milliseconds. API Gateway answers within 29 s ("Quotas for configuring and running a REST
 * API").
 */
const timeout = 32_000;

/**
 * Thrown if a request failed or received no valid response. The message is a sentence for the user
 * of the page.
 */
export class RequestFailed extends Error {
  /** The status of the response, if there was one. */
  readonly status: number | undefined;
  readonly fieldErrors: readonly FieldError[];
  /** The seconds after which to retry, if the server names them. */
  readonly retryAfter: number | undefined;

  constructor(
    message: string,
    {
      status,
      fieldErrors = [],
      retryAfter,
    }: { status?: number; fieldErrors?: readonly FieldError[]; retryAfter?: number } = {},
  ) {
    super(message);
    this.status = status;
    this.fieldErrors = fieldErrors;
    this.retryAfter = retryAfter;
  }
}

/** The REST API. Every method throws `RequestFailed` and no other error. */
export class Api {
  readonly #url: string;

  /** @param url the URL of the API, without a slash at the end */
  constructor(url: string) {
    this.#url = url;
  }

  /** Returns a page of posts, newest first, from `cursor` on if it is given. */
  async listPosts(query: {
    topic?: string | undefined;
    author?: string | undefined;
    cursor?: string | undefined;
    limit: number;
  }): Promise<PostPage> {
    const parameters = new URLSearchParams({ limit: String(query.limit) });
    if (query.topic !== undefined) parameters.set('topic', query.topic);
    if (query.author !== undefined) parameters.set('author', query.author);
    if (query.cursor !== undefined) parameters.set('cursor', query.cursor);
    const [page] = await this.#request(PostPage, `/posts?${parameters}`);
    return page;
  }

  /** Returns a post, or `undefined` if it does not exist. */
  async readPost(id: string): Promise<PostState | undefined> {
    try {
      const [post, headers] = await this.#request(Post, `/posts/${encodeURIComponent(id)}`);
      const revision = /^(?:W\/)?"(\d+)"$/.exec(headers.get('etag') ?? '')?.[1];
      return { post, revision: revision === undefined ? shownRevision(post) : Number(revision) };
    } catch (error) {
      if (error instanceof RequestFailed && error.status === 404) return undefined;
      throw error;
    }
  }

  /** Saves a post. A retry with the same key and post is idempotent. */
  async createPost(post: NewPost, idempotencyKey: string): Promise<Post> {
    const [saved] = await this.#request(Post, '/posts', post, { 'Idempotency-Key': idempotencyKey });
    return saved;
  }

  async subscribe(subscription: NewSubscription): Promise<void> {
    await this.#request(PendingSubscription, '/subscriptions', subscription);
  }

  async #request<Answer>(
    schema: z.ZodMiniType<Answer>,
    path: string,
    body?: object,
    headers: Record<string, string> = {},
  ): Promise<[Answer, Headers]> {
    let response: Response;
    let json: unknown;
    try {
      response = await fetch(`${this.#url}${path}`, {
        signal: AbortSignal.timeout(timeout),
        ...(body && {
          method: 'POST',
          headers: { 'Content-Type': 'application/json', ...headers },
          body: JSON.stringify(body),
        }),
      });
      json = await response.json().catch(() => undefined);
    } catch {
      throw new RequestFailed('The server cannot be reached.');
    }
    const { status } = response;
    if (!response.ok) throw problemOf(response, json);
    const answer = schema.safeParse(json);
    if (!answer.success) throw new RequestFailed('The response of the server is not valid.', { status });
    return [answer.data, response.headers];
  }
}

function problemOf({ status, headers }: Response, json: unknown): RequestFailed {
  const problem = Problem.safeParse(json);
  const seconds = Number.parseInt(headers.get('retry-after') ?? '', 10);
  return new RequestFailed(problem.data?.detail ?? `The server responded with the status ${status}.`, {
    status,
    fieldErrors: problem.data?.errors ?? [],
    ...(seconds >= 0 && { retryAfter: seconds }),
  });
}
