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
      'Publishes and reads posts, and subscribes to them by mail. Pages of any origin may call it: the headers for CORS are on every answer, and preflight requests are answered. Updates come on the WebSocket API.',
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
          description:
            'What an author sends. White space around a text is dropped, and so are unknown fields.',
        },
        CreatedPost: { schema: CreatedPost, description: 'A post as it was when it was saved.' },
        PostPage: {
          schema: PostPage,
          description: 'Posts, newest first. `nextCursor` is there unless it is the last page.',
        },
        NewSubscription: {
          schema: NewSubscription,
          description: 'What somebody sends who wants a mail for each new post in one of the topics.',
        },
        PendingSubscription: {
          schema: PendingSubscription,
          description: 'The answer to every subscription that could be made.',
        },
        Problem: { schema: Problem, description: 'What went wrong (RFC 9457).' },
        FieldError: {
          schema: FieldError,
          description:
            'A field of the body, or a query parameter, that is not valid. `path` is a JSON Pointer (RFC 6901) into the body, or into the object of all query parameters.',
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
            description: 'Lets a page of any origin read the answer.',
            schema: { type: 'string', const: value },
          },
        ]),
      ),
      'Access-Control-Allow-Methods': {
        required: true,
        description: 'The methods that a page of any origin may use.',
        schema: { type: 'string' },
      },
      'Access-Control-Allow-Headers': {
        required: true,
        description: 'The headers that a page of any origin may send.',
        schema: { type: 'string' },
      },
      Location: {
        required: true,
        description: 'The path of the saved post.',
        schema: { type: 'string', format: 'uri-reference' },
      },
      'Idempotency-Replayed': {
        required: false,
        description: 'That an earlier request with the same key has saved the post.',
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
          '`no-cache`: the answer may be kept, for as long as the server says that it still holds. `no-store`: it may not.',
        schema: { type: 'string', enum: ['no-cache', 'no-store'] },
      },
      'Retry-After': {
        required: true,
        description: 'After how many seconds it is worth another try.',
        schema: { type: 'integer', minimum: 1 },
      },
    },
    responses: {
      Preflight: {
        description: 'What a page of any origin may send.',
        headers: headers('Access-Control-Allow-Methods', 'Access-Control-Allow-Headers'),
      },
      ...problems,
    },
  },
};
