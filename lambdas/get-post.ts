import * as z from 'zod/mini';
import { corsHeaders } from '../model/cors-headers.ts';
import { PostId } from '../model/post.ts';
import { HttpProblem, jsonAnswer } from './http/http-answer.ts';
import { httpHandler, orUnavailable } from './http/http-handler.ts';
import { RequestHeaders } from './http/request-headers.ts';
import { readPost } from './posts/read-post.ts';
import type { PostState, RemovedPost } from './posts/stored-post.ts';
import { logger } from './runtime/logger.ts';

/** The parts used of an event of an API Gateway REST API. */
const Event = z.object({
  pathParameters: z.object({ id: z.string() }),
  headers: z.pipe(RequestHeaders, z.object({ 'if-none-match': z.optional(z.string()) })),
});

/**
 * Handles `GET /posts/{id}`: answers with the current state of the post and its revision as `ETag`,
 * 304 if the client has that revision, or 404 if there is no such post or it was removed.
 * `no-cache` lets a client keep the response and revalidate it with `If-None-Match`.
 */
export const handler = httpHandler(Event, async ({ pathParameters, headers }) => {
  const id = PostId.safeParse(pathParameters.id).data;
  const state = id && (await read(id));
  if (!state || 'removed' in state) throw new HttpProblem(404, 'There is no such post.');
  const ETag = `"${state.revision}"`;
  const caching = { ETag, 'Cache-Control': 'no-cache' };
  if (matches(headers['if-none-match'], ETag))
    return { statusCode: 304, headers: { ...corsHeaders, ...caching }, body: '' };
  return jsonAnswer(200, state.post, caching);
});

function read(id: string): Promise<PostState | RemovedPost | undefined> {
  logger.setCorrelationId(id);
  return orUnavailable(readPost(id), 'The post could not be read.');
}

/**
 * Returns whether an `If-None-Match` has the tag, weak or not, or is `*` (RFC 9110, section
 * 13.1.2).
 */
function matches(ifNoneMatch = '', tag: string): boolean {
  const tags = ifNoneMatch.split(',').map((each) => each.trim().replace(/^W\//, ''));
  return tags.includes(tag) || ifNoneMatch.trim() === '*';
}
