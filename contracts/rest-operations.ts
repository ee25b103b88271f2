import { corsHeaders } from '../model/cors-headers.ts';
import { IdempotencyKey } from '../model/idempotency-key.ts';
import { PostQuery } from '../model/post.ts';
import {
  exampleCreatedPost,
  exampleCursor,
  exampleEnrichedPost,
  exampleKey,
  examplePost,
  exampleProblem,
  exampleSubscription,
} from './examples.ts';
import { jsonSchema } from './json-schemas.ts';
import type { Answer, Content, Operation, Parameter, Reference } from './openapi-format.ts';

const schema = (name: string): Reference => ({ $ref: `#/components/schemas/${name}` });

export const headers = (...names: string[]): Record<string, Reference> =>
  Object.fromEntries(
    [...Object.keys(corsHeaders), ...names].map((name) => [name, { $ref: `#/components/headers/${name}` }]),
  );

const json = (name: string, examples: Record<string, unknown>): Record<string, Content> => ({
  'application/json': {
    schema: schema(name),
    examples: Object.fromEntries(Object.entries(examples).map(([name, value]) => [name, { value }])),
  },
});

/** The responses to a request that fails, by status. */
export const problems: Record<string, Answer> = Object.fromEntries(
  [
    {
      status: 400,
      description: 'The request is malformed, or has invalid fields, which `errors` lists.',
      example: exampleProblem,
    },
    { status: 403, description: 'The request is refused.' },
    {
      status: 404,
      description:
        'The post or the path does not exist, the post was removed, or the path does not have this method.',
    },
    {
      status: 410,
      description:
        'The post that was created with this `Idempotency-Key` was removed. The key creates a new post a day after the removal at the earliest.',
    },
    { status: 413, description: 'The request is too large.' },
    { status: 422, description: 'The `Idempotency-Key` was sent before, with another post.' },
    { status: 429, description: 'There are too many requests.', retryAfter: true },
    { status: 500, description: 'The request could not be served.' },
    { status: 502, description: 'The request could not be served.' },
    { status: 503, description: 'A service that the request needs is unavailable.', retryAfter: true },
    { status: 504, description: 'The request was not served in time.' },
  ].map(({ status, description, retryAfter, example }) => [
    `Problem${status}`,
    {
      description,
      headers: headers('Cache-Control', ...(retryAfter ? ['Retry-After'] : [])),
      content: {
        'application/problem+json': {
          schema: schema('Problem'),
          ...(example && { examples: { fields: { value: example } } }),
        },
      },
    },
  ]),
);

/**
 * The statuses that API Gateway returns by itself (see `lib/gateway-responses.ts`), or a handler
 * returns for any request.
 */
const ofAnyRequest = [400, 403, 413, 429, 500, 502, 503, 504];

const problemAnswers = (...statuses: number[]): Record<string, Reference> =>
  Object.fromEntries(
    [...ofAnyRequest, ...statuses].map((status) => [
      status,
      { $ref: `#/components/responses/Problem${status}` },
    ]),
  );

const idempotencyKey: Parameter = {
  name: 'Idempotency-Key',
  in: 'header',
  description:
    'Makes retries safe: requests with the same key save and announce one post. The key does not expire. A day after the removal of its post at the earliest, it creates a new one.',
  schema: jsonSchema(IdempotencyKey, 'draft-2020-12'),
  example: exampleKey,
};

export const createPost: Operation = {
  operationId: 'createPost',
  summary: 'Create a post',
  description:
    'Saves the post and returns it. The e-mails to subscribers, the enrichment and the update on the WebSocket follow asynchronously. A request is limited to 100,000 bytes, as JSON without white space, and is read as JSON whatever its content type.',
  parameters: [idempotencyKey],
  requestBody: {
    required: true,
    content: json('NewPost', {
      post: examplePost,
      german: { ...examplePost, body: 'Joe fährt nach Spanien', language: 'de' },
    }),
  },
  responses: {
    201: {
      description: 'The post is saved, by this request or an earlier one with the same key.',
      headers: headers('Location', 'Idempotency-Replayed'),
      content: json('CreatedPost', { post: exampleCreatedPost }),
    },
    ...problemAnswers(410, 422),
  },
};

const postQueryTexts: Record<keyof PostQuery, Pick<Parameter, 'description' | 'example'>> = {
  topic: {
    description: 'Only posts of this topic. Cannot be combined with `author`.',
    example: examplePost.topic,
  },
  author: {
    description: 'Only posts of this author. The name is case-sensitive. Cannot be combined with `topic`.',
    example: examplePost.author,
  },
  limit: {
    description: 'The maximum number of posts on the page.',
    example: 50,
  },
  cursor: {
    description:
      'The `nextCursor` of the previous page, which had the same `topic` or `author`. Any other value returns a 400.',
  },
};

/** The parsed values: in the query all of them are text. */
const { properties: postQuery = {} } = jsonSchema(PostQuery, 'draft-2020-12', 'output');

export const listPosts: Operation = {
  operationId: 'listPosts',
  summary: 'List posts, newest first',
  description:
    'Lists all posts, or those of a topic or of an author, page by page. New posts do not change the pages behind a cursor.',
  parameters: Object.entries(postQueryTexts).map(([name, text]) => ({
    name,
    in: 'query',
    schema: postQuery[name],
    ...text,
  })),
  responses: {
    200: {
      description:
        'A page of posts. It can contain fewer posts than `limit`. It is the last page only if it has no `nextCursor`.',
      headers: headers('Cache-Control'),
      content: json('PostPage', {
        page: { posts: [exampleEnrichedPost], nextCursor: exampleCursor },
        last: { posts: [exampleEnrichedPost] },
      }),
    },
    ...problemAnswers(),
  },
};

export const postId: Parameter = {
  name: 'id',
  in: 'path',
  required: true,
  description: 'The ID of the post.',
  schema: schema('PostId'),
  example: exampleCreatedPost.id,
};

export const getPost: Operation = {
  operationId: 'getPost',
  summary: 'Read a post',
  description: 'Returns the current state of the post. A removed post does not exist.',
  parameters: [
    postId,
    {
      name: 'If-None-Match',
      in: 'header',
      description: 'The last `ETag` of the post that the client received.',
      schema: { type: 'string' },
      example: '"2"',
    },
  ],
  responses: {
    200: {
      description: 'The post.',
      headers: headers('ETag', 'Cache-Control'),
      content: json('Post', { created: exampleCreatedPost, enriched: exampleEnrichedPost }),
    },
    304: {
      description: 'The post has not changed since the `ETag` in the request.',
      headers: headers('ETag', 'Cache-Control'),
    },
    ...problemAnswers(404),
  },
};

export const subscribeByMail: Operation = {
  operationId: 'subscribeByMail',
  summary: 'Subscribe to topics by e-mail',
  description:
    'Sends an e-mail with a confirmation link to the address. The response is the same for an address that is already subscribed, and changes nothing: to change topics, use the unsubscribe link in an e-mail and subscribe again. The response is also the same if a link for other topics was sent to the address in the last 48 hours: that link is sent again, and is valid for its own topics. An address is sent at most one link an hour; `joe+news@example.com` counts as `joe@example.com`. A further request within the hour gets the same response and sends no e-mail. The limit for an IP address is five requests an hour.',
  parameters: [],
  requestBody: { required: true, content: json('NewSubscription', { subscription: exampleSubscription }) },
  responses: {
    202: {
      description: 'The subscription is pending until the link in the e-mail is opened.',
      headers: headers(),
      content: json('PendingSubscription', { pending: { status: 'pending confirmation' } }),
    },
    ...problemAnswers(),
  },
};

/**
 * Returns the operation that answers preflight requests.
 * @param parameters of the path
 */
export const preflight = (operationId: string, ...parameters: Parameter[]): Operation => ({
  operationId,
  summary: 'Answer a CORS preflight request',
  description: 'Browsers send this request by themselves.',
  parameters,
  responses: { 204: { $ref: '#/components/responses/Preflight' }, ...problemAnswers() },
});
