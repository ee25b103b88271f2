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
      description: 'The request is malformed, or `errors` names its fields that are not valid.',
      example: exampleProblem,
    },
    { status: 403, description: 'The request is refused.' },
    { status: 404, description: 'There is no such post or path, or the path does not have this method.' },
    { status: 413, description: 'The request is too large.' },
    { status: 422, description: 'The `Idempotency-Key` was sent before, with another post.' },
    { status: 429, description: 'There are too many requests.', retryAfter: true },
    { status: 500, description: 'The request could not be served.' },
    { status: 502, description: 'The request could not be served.' },
    { status: 503, description: 'What the request needs is out of service.', retryAfter: true },
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
    'Makes it safe to send the request again: requests with the same key save and announce one post. The key is never forgotten.',
  schema: jsonSchema(IdempotencyKey, 'draft-2020-12'),
  example: exampleKey,
};

export const createPost: Operation = {
  operationId: 'createPost',
  summary: 'Publish a post',
  description:
    'Saves the post and answers at once. Mails to subscribers, enrichment and the update on the WebSocket follow. A request has at most 100,000 bytes, as JSON without white space, and is read as JSON whatever its content type.',
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
    ...problemAnswers(422),
  },
};

const postQueryTexts: Record<keyof PostQuery, Pick<Parameter, 'description' | 'example'>> = {
  topic: {
    description: 'Only posts of this topic. Not together with `author`.',
    example: examplePost.topic,
  },
  author: {
    description: 'Only posts of this author, by the exact name. Not together with `topic`.',
    example: examplePost.author,
  },
  limit: {
    description: 'How many posts a page has at most.',
    example: 50,
  },
  cursor: {
    description:
      'The `nextCursor` of the page before, with the same `topic` or `author`. It cannot be made up.',
  },
};

/** The parsed values: in the query all of them are text. */
const { properties: postQuery = {} } = jsonSchema(PostQuery, 'draft-2020-12', 'output');

export const listPosts: Operation = {
  operationId: 'listPosts',
  summary: 'List posts, newest first',
  description:
    'All posts, or those of a topic or of an author, page by page. Posts that come meanwhile are before the first page and move nothing on the pages after it.',
  parameters: Object.entries(postQueryTexts).map(([name, text]) => ({
    name,
    in: 'query',
    schema: postQuery[name],
    ...text,
  })),
  responses: {
    200: {
      description: 'A page. It may have fewer posts than `limit`, and is the last only without `nextCursor`.',
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
  description: 'The id of the post.',
  schema: schema('PostId'),
  example: exampleCreatedPost.id,
};

export const getPost: Operation = {
  operationId: 'getPost',
  summary: 'Read a post',
  description: 'The post as it is now.',
  parameters: [
    postId,
    {
      name: 'If-None-Match',
      in: 'header',
      description: 'The `ETag` of the post as the client knows it.',
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
      description: 'The post is still what the client knows.',
      headers: headers('ETag', 'Cache-Control'),
    },
    ...problemAnswers(404),
  },
};

export const subscribeByMail: Operation = {
  operationId: 'subscribeByMail',
  summary: 'Get a mail for each new post of some topics',
  description:
    'Has a link mailed to the address, by which it is confirmed. The answer is the same for an address that is subscribed already, and changes nothing for it: to change topics, unsubscribe by the link in a mail and subscribe again. So it is for an address for which a link with other topics was mailed in the last 48 hours: nothing is mailed, and that link subscribes to those topics. Five requests an hour are served for an IP address, and one for an e-mail address.',
  parameters: [],
  requestBody: { required: true, content: json('NewSubscription', { subscription: exampleSubscription }) },
  responses: {
    202: {
      description: 'No post is mailed until the link is opened.',
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
  summary: 'Ask what pages of other origins may send',
  description: 'Browsers ask by themselves.',
  parameters,
  responses: { 204: { $ref: '#/components/responses/Preflight' }, ...problemAnswers() },
});
