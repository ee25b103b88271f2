import { isDeepStrictEqual } from 'node:util';
import { v5 as uuidv5, v7 as uuidv7 } from 'uuid';
import * as z from 'zod/mini';
import { IdempotencyKey } from '../model/idempotency-key.ts';
import { type CreatedPost, NewPost } from '../model/post.ts';
import { announce } from './events/announcement.ts';
import { type HttpAnswer, HttpProblem, jsonAnswer } from './http/http-answer.ts';
import { httpHandler, orUnavailable } from './http/http-handler.ts';
import { parseBody } from './http/request-body.ts';
import { RequestHeaders } from './http/request-headers.ts';
import { POSTS_URL } from './posts/environment.ts';
import { savePost } from './posts/save-post.ts';
import { BlogMetric } from './runtime/blog-metrics.ts';
import { environment } from './runtime/environment.ts';
import { logger } from './runtime/logger.ts';
import { measure } from './runtime/metrics.ts';

/** The parts used of an event of an API Gateway REST API. */
const Event = z.object({
  body: z.nullable(z.string()),
  headers: z.pipe(RequestHeaders, z.object({ 'idempotency-key': z.optional(z.string()) })),
  requestContext: z.object({ path: z.string(), requestId: z.optional(z.string()) }),
});

/** A random namespace for the IDs that are derived from keys (RFC 9562, "UUID Version 5"). */
const keyNamespace = 'ab313c82-2a72-4e6a-b1d3-39ac08918622';

/**
 * Handles `POST /posts`: validates, saves and announces a post, and answers with the saved post. A
 * request with the `Idempotency-Key` of a saved post announces nothing: the response is that of the
 * first request, 422 if the posts differ, or 410 if that post was removed.
 */
export const handler = httpHandler(Event, async ({ body, headers, requestContext }) => {
  const key = headers['idempotency-key'];
  const id = key === undefined ? uuidv7() : idOf(key);
  logger.setCorrelationId(id);
  const post: CreatedPost = { id, createdAt: new Date().toISOString(), ...parseBody(NewPost, body) };
  const Location = `${requestContext.path.replace(/\/$/, '')}/${id}`;
  // Never from the request, whose headers can name any host: subscribers follow this link.
  const origin = { url: `${environment(POSTS_URL)}/${id}`, requestId: requestContext.requestId };

  const earlier = await orUnavailable(savePost(post, origin), 'The post could not be saved.');
  if (earlier === 'removed') throw new HttpProblem(410, 'The post of this request was removed.');
  if (earlier) return replay(earlier, post, Location);
  const request_id = requestContext.requestId;
  measure(BlogMetric.postsAccepted, 1, 'The post is saved.', { request_id });
  await announce(post, origin).catch((error: unknown) =>
    logger.error('The announcement of the saved post is left to the relay.', { error }),
  );
  return jsonAnswer(201, post, { Location });
});

function idOf(key: string): string {
  if (IdempotencyKey.safeParse(key).success) return uuidv5(key, keyNamespace);
  throw new HttpProblem(400, 'The header Idempotency-Key must be 1 to 255 visible ASCII characters.');
}

/** Answers a request whose key belongs to a post that is already saved. */
function replay(earlier: CreatedPost, post: CreatedPost, Location: string): HttpAnswer {
  if (!isDeepStrictEqual({ ...earlier, createdAt: post.createdAt }, post))
    throw new HttpProblem(422, 'The Idempotency-Key was sent before, with another post.');
  logger.info('The post was saved by an earlier request.');
  return jsonAnswer(201, earlier, { Location, 'Idempotency-Replayed': 'true' });
}
