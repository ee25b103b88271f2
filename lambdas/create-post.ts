import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { DynamoDBDocumentClient, PutCommand } from '@aws-sdk/lib-dynamodb';
import { v7 as uuidv7 } from 'uuid';
import * as z from 'zod/mini';
import { Environment, environment } from './environment.ts';
import { type HttpAnswer, HttpProblem, jsonAnswer } from './http-answer.ts';
import { logger } from './logger.ts';
import { type BlogPostCreated, DetailType, eventSource } from './model/events.ts';
import { NewPost, type Post, Revision } from './model/post.ts';
import { parseBody } from './request-body.ts';
import { sdkSettings } from './sdk-settings.ts';

const table = DynamoDBDocumentClient.from(new DynamoDBClient(sdkSettings));
const eventBridge = new EventBridgeClient(sdkSettings);

/** Header names as HTTP has them: in any case. */
const lowerCaseNames = z.transform((headers: Record<string, string>) =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value])),
);

/** The parts used of an event of an API Gateway REST API. */
const Event = z.object({
  body: z.nullable(z.string()),
  headers: z.pipe(
    z.pipe(z.record(z.string(), z.string()), lowerCaseNames),
    z.object({ host: z.string(), 'x-forwarded-proto': z.string() }),
  ),
  requestContext: z.object({ path: z.string() }),
});

/** `POST /posts`: validates, saves, announces, and answers with the saved post. Never throws. */
export async function handler(event: unknown): Promise<HttpAnswer> {
  const id = uuidv7();
  logger.setCorrelationId(id);
  try {
    const request = Event.parse(event);
    const post: Post = { id, createdAt: new Date().toISOString(), ...parseBody(NewPost, request.body) };
    const path = `${request.requestContext.path.replace(/\/$/, '')}/${id}`;
    await save(post);
    await announce(post, `${request.headers['x-forwarded-proto']}://${request.headers.host}${path}`);
    return jsonAnswer(201, post, { Location: path });
  } catch (error) {
    if (error instanceof HttpProblem) return error.answer;
    logger.error('The request failed unexpectedly.', { error });
    return new HttpProblem(500, 'The request could not be served.').answer;
  }
}

/** The put has no condition, so that the SDK's second attempt of one whose answer got lost succeeds. */
async function save(post: Post): Promise<void> {
  const Item = { ...post, revision: Revision.created };
  try {
    await table.send(new PutCommand({ TableName: environment(Environment.postsTable), Item }));
  } catch (error) {
    logger.error('The post could not be saved.', { error });
    throw new HttpProblem(503, 'The post could not be saved. Please try again.', {
      headers: { 'Retry-After': '1' },
    });
  }
  logger.info('The post is saved.');
}

/** Puts the event on the blog bus. The post is saved already, so a failure is logged and not the author's. */
async function announce(post: Post, url: string): Promise<void> {
  const summary = `New post in ${post.topic}: ${post.title}, by ${post.author}`;
  const detail: BlogPostCreated = { version: 1, post, summary, url };
  try {
    const { FailedEntryCount, Entries } = await eventBridge.send(
      new PutEventsCommand({
        Entries: [
          {
            EventBusName: environment(Environment.blogBus),
            Source: eventSource,
            DetailType: DetailType.blogPostCreated,
            Detail: JSON.stringify(detail),
          },
        ],
      }),
    );
    if (FailedEntryCount) logger.error('The bus refused the event of the saved post.', { entries: Entries });
  } catch (error) {
    logger.error('The event of the saved post could not be put.', { error });
  }
}
