import { corsHeaders } from '../model/cors-headers.ts';
import { CreatedPost, NewPost, PostPage } from '../model/post.ts';
import { FieldError, Problem } from '../model/problem.ts';
import { NewSubscription, PendingSubscription } from '../model/subscription.ts';
import { jsonSchemas, postSchemas } from './json-schemas.ts';
import type { OpenApi } from './openapi-format.ts';
import {
  createPost,
  getPost,
  headers,
  listPosts,
  postId,
  preflight,
  problems,
  subscribeByMail,
} from './rest-operations.ts';

/** The OpenAPI document of the REST API. */
export const openApi: OpenApi = {
  openapi: '3.1.0',
  info: {
    title: 'Event-driven blog: REST API',
    version: '1.0.0',
    description:
      'Creates and reads posts, and subscribes readers to them by e-mail. Pages of any origin can call the API: every response has CORS headers, and preflight requests are answered. Updates arrive on the WebSocket API.',
    license: { name: 'MIT', identifier: 'MIT' },
  },
  servers: [
    {
      url: 'https://{apiId}.execute-api.{region}.amazonaws.com/{stage}',
      description: 'The output `ApiUrl` of the stack',
      variables: {
        apiId: { default: 'abcdefghij' },
        region: { default: 'us-east-1' },
        stage: { default: 'dev' },
      },
    },
  ],
  paths: {
    '/posts': { post: createPost, get: listPosts, options: preflight('preflightPosts') },
    '/posts/{id}': { get: getPost, options: preflight('preflightPost', postId) },
    '/subscriptions': { post: subscribeByMail, options: preflight('preflightSubscriptions') },
  },
  components: {
    schemas: jsonSchemas(
      {
        ...postSchemas,
        NewPost: {
          schema: NewPost,
          description: 'The request of an author. White space around a text and unknown fields are dropped.',
        },
        CreatedPost: { schema: CreatedPost, description: 'A post as it was saved.' },
        PostPage: {
          schema: PostPage,
          description: 'Posts, newest first. `nextCursor` is present unless the page is the last one.',
        },
        NewSubscription: {
          schema: NewSubscription,
          description: 'A request for an e-mail for each new post in one of the topics.',
        },
        PendingSubscription: {
          schema: PendingSubscription,
          description: 'The response to every request for a subscription that succeeds.',
        },
        Problem: { schema: Problem, description: 'The error of a request (RFC 9457).' },
        FieldError: {
          schema: FieldError,
          description:
            'An invalid field of the body, or an invalid query parameter. `path` is a JSON Pointer (RFC 6901) into the body, or into the object of all query parameters.',
        },
      },
      'draft-2020-12',
    ),
    headers: {
      ...Object.fromEntries(
        Object.entries(corsHeaders).map(([name, value]) => [
          name,
          {
            required: true,
            description: 'Lets a page of any origin read the response.',
            schema: { type: 'string', const: value },
          },
        ]),
      ),
      'Access-Control-Allow-Methods': {
        required: true,
        description: 'The methods that a page of any origin can use.',
        schema: { type: 'string' },
      },
      'Access-Control-Allow-Headers': {
        required: true,
        description: 'The headers that a page of any origin can send.',
        schema: { type: 'string' },
      },
      Location: {
        required: true,
        description: 'The path of the saved post.',
        schema: { type: 'string', format: 'uri-reference' },
      },
      'Idempotency-Replayed': {
        required: false,
        description: 'Present if an earlier request with the same key saved the post.',
        schema: { type: 'string', const: 'true' },
      },
      ETag: {
        required: true,
        description: 'The revision of the post.',
        schema: { type: 'string', pattern: '^"\\d+"$' },
      },
      'Cache-Control': {
        required: true,
        description:
          '`no-cache`: the response can be cached, but must be revalidated before each use. `no-store`: it must not be cached.',
        schema: { type: 'string', enum: ['no-cache', 'no-store'] },
      },
      'Retry-After': {
        required: true,
        description: 'The number of seconds after which to retry.',
        schema: { type: 'integer', minimum: 1 },
      },
    },
    responses: {
      Preflight: {
        description: 'The methods and headers that a page of any origin can send.',
        headers: headers('Access-Control-Allow-Methods', 'Access-Control-Allow-Headers'),
      },
      ...problems,
    },
  },
};
