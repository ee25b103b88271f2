import { isDeepStrictEqual } from 'node:util';
import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { v5 as uuidv5, v7 as uuidv7 } from 'uuid';
import * as z from 'zod/mini';
import { IdempotencyKey } from '../model/idempotency-key.ts';
import { CreatedPost, NewPost, Revision } from '../model/post.ts';
import { announce } from './events/announcement.ts';
import { type HttpAnswer, HttpProblem, jsonAnswer } from './http/http-answer.ts';
import { httpHandler, unavailable } from './http/http-handler.ts';
import { parseBody } from './http/request-body.ts';
import { RequestHeaders } from './http/request-headers.ts';
import { outboxMarker } from './posts/outbox-marker.ts';
import { feedKeys } from './posts/post-feed.ts';
import { conditionally } from './runtime/conditional-write.ts';
import { Environment, environment } from './runtime/environment.ts';
import { logger } from './runtime/logger.ts';
import { table } from './runtime/table-client.ts';

/** The parts used of an event of an API Gateway REST API. */
const Event = z.object({
  body: z.nullable(z.string()),
  headers: z.pipe(
    RequestHeaders,
    z.object({
      host: z.string(),
      'x-forwarded-proto': z.string(),
      'idempotency-key': z.optional(z.string()),
    }),
  ),
  requestContext: z.object({ path: z.string() }),
});

/** The namespace, a random one, of the ids that come from keys (RFC 9562, "UUID Version 5"). */
const keyNamespace = 'ab313c82-2a72-4e6a-b1d3-39ac08918622';

/**
 * `POST /posts`: validates, saves, announces, and answers with the saved post. A request with the `Idempotency-Key` of
 * a saved post announces nothing: it is answered as the first was, or 422 if it says something else.
 */
export const handler = httpHandler(Event, async ({ body, headers, requestContext }) => {
  const key = headers['idempotency-key'];
  const id = key === undefined ? uuidv7() : idOf(key);
  logger.setCorrelationId(id);
  const post: CreatedPost = { id, createdAt: new Date().toISOString(), ...parseBody(NewPost, body) };
  const Location = `${requestContext.path.replace(/\/$/, '')}/${id}`;
  const url = `${headers['x-forwarded-proto']}://${headers.host}${Location}`;

  const earlier = await save(post, url);
  if (earlier) return replay(earlier, post, Location);
  await announce(post, url).catch((error: unknown) =>
    logger.error('The announcement of the saved post is left to the relay.', { error }),
  );
  return jsonAnswer(201, post, { Location });
});

function idOf(key: string): string {
  if (IdempotencyKey.safeParse(key).success) return uuidv5(key, keyNamespace);
  throw new HttpProblem(400, 'The header Idempotency-Key must be 1 to 255 visible ASCII characters.');
}

/**
 * Saves a post, with the marker that it is still to be announced, unless there is one by its id. The SDK repeats a put
 * whose answer is late or lost; of these attempts the first to land saves the post, and one that lands when the post is
 * long enriched changes nothing. The marker, which no other request has, tells such an attempt what it finds.
 * @returns the post that another request has saved, if one has
 */
async function save(post: CreatedPost, url: string): Promise<CreatedPost | undefined> {
  const marker = outboxMarker(post, url);
  const write = await conditionally(
    table.send(
      new PutCommand({
        TableName: environment(Environment.postsTable),
        Item: { ...post, ...feedKeys(post), revision: Revision.created, ...marker },
        ConditionExpression: 'attribute_not_exists(id)',
        ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
      }),
    ),
  ).catch((error: unknown) => {
    throw unavailable('The post could not be saved.', error);
  });
  if (!write.done && write.stored?.outboxSince !== marker.outboxSince) return CreatedPost.parse(write.stored);
  logger.info('The post is saved.');
  return undefined;
}

/** The answer to a request whose key names a post that is saved already. */
function replay(earlier: CreatedPost, post: CreatedPost, Location: string): HttpAnswer {
  if (!isDeepStrictEqual({ ...earlier, createdAt: post.createdAt }, post))
    throw new HttpProblem(422, 'The Idempotency-Key was sent before, with another post.');
  logger.info('The post was saved by an earlier request.');
  return jsonAnswer(201, earlier, { Location, 'Idempotency-Replayed': 'true' });
}
