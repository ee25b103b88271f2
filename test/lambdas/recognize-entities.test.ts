import { ComprehendClient, DetectEntitiesCommand } from '@aws-sdk/client-comprehend';
import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { mockClient } from 'aws-sdk-client-mock';
import { POSTS_TABLE } from '../../lambdas/posts/environment.ts';
import { handler } from '../../lambdas/recognize-entities.ts';
import { logger } from '../../lambdas/runtime/logger.ts';
import { measured } from './measured.ts';
import { mockTables } from './table-mock.ts';

process.env[POSTS_TABLE] = 'posts';

const table = mockTables();
const comprehend = mockClient(ComprehendClient);
for (const level of ['info', 'warn'] as const) jest.spyOn(logger, level).mockImplementation();

const post = {
  id: '019c1234-5678-7abc-8def-0123456789ab',
  createdAt: '2026-01-31T09:30:00.000Z',
  author: 'hunter s thompson',
  title: 'Title',
  body: 'Joe is going to Spain',
  topic: 'summer',
};

const created = (more: object = {}) => ({
  id: '1',
  'detail-type': 'BlogPostCreated',
  source: 'blog',
  detail: {
    version: 1,
    post: { ...post, ...more },
    summary: 'New post',
    url: 'https://api.example.com/posts/1',
  },
});

const updates = () => table.commandCalls(UpdateCommand).map(({ args }) => args[0].input);

const named = (name: string) => Object.assign(new Error(`${name} from AWS`), { name });

beforeEach(() => {
  table.reset();
  comprehend.reset();
  comprehend.on(DetectEntitiesCommand).resolves({
    Entities: [
      { Type: 'PERSON', Text: 'Joe', BeginOffset: 0, EndOffset: 3, Score: 0.99 },
      { Type: 'LOCATION', Text: 'Spain.', BeginOffset: 16, EndOffset: 22, Score: 0.99 },
    ],
  });
});

test('analyses only the body, in English unless the post names another language', async () => {
  await handler(created());
  await handler(created({ language: 'es' }));
  expect(comprehend.commandCalls(DetectEntitiesCommand).map(({ args }) => args[0].input)).toEqual([
    { Text: post.body, LanguageCode: 'en' },
    { Text: post.body, LanguageCode: 'es' },
  ]);
});

test('adds the entities once, on condition that the post exists', async () => {
  await handler(created());
  expect(updates()).toEqual([
    {
      TableName: 'posts',
      Key: { id: post.id },
      UpdateExpression: 'SET #attribute = :value, revision = :enriched, updatedAt = :now',
      ConditionExpression: 'revision = :created',
      ExpressionAttributeNames: { '#attribute': 'entities' },
      ExpressionAttributeValues: {
        ':value': { locations: ['Spain'], persons: ['Joe'] },
        ':created': 1,
        ':enriched': 2,
        ':now': expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      },
    },
  ]);
});

test('adds two empty lists to a post without entities', async () => {
  comprehend.on(DetectEntitiesCommand).resolves({});
  await handler(created());
  expect(updates()[0]?.ExpressionAttributeValues?.[':value']).toEqual({ locations: [], persons: [] });
});

test('measures a post that it has enriched', async () => {
  await handler(created());
  expect(measured()).toEqual({ PostsEnriched: [1] });
});

test('succeeds for a post that is enriched already or deleted', async () => {
  table
    .on(UpdateCommand)
    .rejects(
      new ConditionalCheckFailedException({ message: 'The conditional request failed', $metadata: {} }),
    );
  await expect(handler(created())).resolves.toBeUndefined();
  expect(measured()).toEqual({});
});

test.each([
  ['TextSizeLimitExceededException', 'The text is too large to be analysed.'],
  ['UnsupportedLanguageException', 'The language of the text is not supported.'],
  ['InvalidRequestException', 'The text cannot be analysed.'],
])('marks a post that Comprehend refuses permanently (%s)', async (name, reason) => {
  comprehend.on(DetectEntitiesCommand).rejects(named(name));
  await handler(created());
  expect(updates()).toMatchObject([
    {
      ConditionExpression: 'revision = :created',
      ExpressionAttributeNames: { '#attribute': 'enrichment' },
      ExpressionAttributeValues: { ':value': { status: 'failed', reason }, ':enriched': 2 },
    },
  ]);
  expect(measured()).toEqual({ PostsNotEnriched: [1] });
});

test('throws on every other failure, so that Lambda retries', async () => {
  comprehend.on(DetectEntitiesCommand).rejectsOnce(named('InternalServerException')).resolves({});
  await expect(handler(created())).rejects.toThrow('InternalServerException');
  expect(updates()).toEqual([]);
  table.on(UpdateCommand).rejects(named('ProvisionedThroughputExceededException'));
  await expect(handler(created())).rejects.toThrow('ProvisionedThroughputExceededException');
  await expect(handler({ detail: {} })).rejects.toThrow();
});

test('logs carry the id of the post', async () => {
  await handler(created());
  expect(logger.getCorrelationId()).toBe(post.id);
});
