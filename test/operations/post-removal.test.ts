import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import { mockClient } from 'aws-sdk-client-mock';
import { exampleEnrichedPost as post } from '../../contracts/examples.ts';
import { feedKeys } from '../../lambdas/posts/post-feed.ts';
import { tombstone } from '../../model/tombstone.ts';
import { removePost } from '../../operations/post-removal.ts';
import { localStackOf } from '../../operations/stack.ts';

const table = mockClient(DynamoDBDocumentClient);
const now = new Date('2026-01-31T10:00:00.000Z');
const stack = localStackOf({
  ApiUrl: 'http://localhost:3000',
  PostsTableName: 'posts',
  PublishPostUpdatesFunctionName: 'publish',
  RecognizeEntitiesFunctionName: 'recognize',
  RelayAnnouncementsFunctionName: 'relay',
});
const stored = {
  ...post,
  ...feedKeys(post),
  revision: 2,
  outboxShard: '7',
  outboxSince: 'x',
  outboxUrl: 'u',
};
const changed = new ConditionalCheckFailedException({ $metadata: {}, message: '' });
const puts = () => table.commandCalls(PutCommand).map(({ args }) => args[0].input);

beforeEach(() => table.reset());

it('replaces the whole item by a tombstone with the next revision, unless it changes meanwhile', async () => {
  table.on(GetCommand).resolves({ Item: stored });
  const removed = await removePost(stack, post.id);
  const Item = {
    id: post.id,
    topic: post.topic,
    revision: 3,
    removalId: expect.any(String),
    updatedAt: expect.any(String),
    expiresAt: expect.any(Number),
  };
  expect(removed).toEqual(Item);
  expect(puts()).toEqual([
    {
      TableName: 'posts',
      Item,
      ConditionExpression: 'revision = :revision',
      ExpressionAttributeValues: { ':revision': 2 },
    },
  ]);
});

it('reads a post that changes meanwhile again, so that its tombstone is above the change', async () => {
  table
    .on(GetCommand)
    .resolvesOnce({ Item: { ...stored, revision: 1 } })
    .resolves({ Item: stored });
  table.on(PutCommand).rejectsOnce(changed).resolves({});
  expect(await removePost(stack, post.id)).toMatchObject({ revision: 3 });
  expect(table.commandCalls(GetCommand).every(({ args }) => args[0].input.ConsistentRead)).toBe(true);
});

it('counts a put whose response was lost as done', async () => {
  table
    .on(GetCommand)
    .resolvesOnce({ Item: stored })
    .callsFake(() => ({ Item: puts()[0]?.Item }));
  table.on(PutCommand).rejects(changed);
  expect(await removePost(stack, post.id)).toMatchObject({ revision: 3 });
});

it('gives up on a post that changes all the time', async () => {
  table.on(GetCommand).resolves({ Item: stored });
  table.on(PutCommand).rejects(changed);
  await expect(removePost(stack, post.id)).rejects.toThrow('changed 10 times meanwhile');
});

it.each([
  ['is removed already', tombstone(stored, 'earlier', now), 'removed before'],
  ['does not exist', undefined, 'not found'],
])('writes nothing if the post %s', async (_, Item, outcome) => {
  table.on(GetCommand).resolves({ Item });
  expect(await removePost(stack, post.id)).toBe(outcome);
  expect(puts()).toEqual([]);
});

it('removes an item that is not a valid post, but has a topic', async () => {
  table.on(GetCommand).resolves({ Item: { id: post.id, topic: 'summer' } });
  expect(await removePost(stack, post.id)).toMatchObject({ topic: 'summer', revision: 2 });
  expect(puts()[0]?.ConditionExpression).toBe('attribute_exists(id) AND attribute_not_exists(revision)');
});

it('keeps a tombstone above the revision on which an enrichment is conditional', async () => {
  table.on(GetCommand).resolves({ Item: { ...stored, revision: 0 } });
  expect(await removePost(stack, post.id)).toMatchObject({ revision: 2 });
});

it.each([{ id: post.id }, { id: 'broken', topic: 'summer' }])('throws for %j', async (Item) => {
  table.on(GetCommand).resolves({ Item });
  await expect(removePost(stack, post.id)).rejects.toThrow('Delete it from the table instead.');
});
