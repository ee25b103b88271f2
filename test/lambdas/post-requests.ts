import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { mockClient } from 'aws-sdk-client-mock';
import { handler } from '../../lambdas/create-post.ts';
import { BLOG_BUS } from '../../lambdas/events/environment.ts';
import { POSTS_TABLE, POSTS_URL } from '../../lambdas/posts/environment.ts';
import { logger } from '../../lambdas/runtime/logger.ts';
import { Problem } from '../../model/problem.ts';
import { mockTables } from './table-mock.ts';
import './measured.ts';

process.env[POSTS_TABLE] = 'posts';
process.env[POSTS_URL] = 'https://api.example.com/dev/posts';
process.env[BLOG_BUS] = 'blog-bus';

export const table = mockTables();
export const eventBridge = mockClient(EventBridgeClient);
export const logged = jest.spyOn(logger, 'error').mockImplementation();
jest.spyOn(logger, 'info').mockImplementation();

/** Resets the mocks so that AWS accepts every call. */
export function resetAws(): void {
  table.reset();
  eventBridge.reset();
  eventBridge.on(PutEventsCommand).resolves({ FailedEntryCount: 0, Entries: [{ EventId: '1' }] });
  logged.mockClear();
}

export const valid = {
  author: 'hunter s thompson',
  title: 'Title',
  body: 'Joe is going to Spain',
  topic: 'Summer',
};

/** Returns an event of `POST /posts`. */
export const request = (body: string | null, more: object = {}) => ({
  body,
  isBase64Encoded: false,
  headers: { Host: 'other.example', accept: '*/*' },
  requestContext: { path: '/dev/posts', stage: 'dev', requestId: 'request-1' },
  ...more,
});

export const post = (body: object, more?: object) => handler(request(JSON.stringify(body), more));

/** Sends an invalid request, checks what all refusals have in common, and returns the problem. */
export async function refusal(event: unknown, status: number): Promise<Problem> {
  const answer = await handler(event);
  expect(answer.statusCode).toBe(status);
  expect(answer.headers).toMatchObject({
    'Content-Type': 'application/problem+json',
    'Access-Control-Allow-Origin': '*',
    'Access-Control-Expose-Headers': 'Location, ETag, Idempotency-Replayed, Retry-After',
  });
  const problem = Problem.parse(JSON.parse(answer.body));
  expect(problem.status).toBe(status);
  expect(answer.body).not.toMatch(/posts|arn:|\bat /);
  return problem;
}

export function nothingHappened(): void {
  expect(table.calls()).toHaveLength(0);
  expect(eventBridge.calls()).toHaveLength(0);
}
