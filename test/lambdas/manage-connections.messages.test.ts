import { GetCommand, PutCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import fc from 'fast-check';
import { handler } from '../../lambdas/manage-connections.ts';
import { tombstone } from '../../model/tombstone.ts';
import {
  event,
  key,
  lasting,
  postId,
  puts,
  refused,
  removed,
  resetAws,
  table,
  throttled,
  updates,
} from './connections/one-connection.ts';

beforeEach(resetAws);

describe('$default', () => {
  /** Lets the item of the connection name these channels. */
  const named = (...channels: string[]) => {
    const item = { ...key, ...lasting, ...(channels.length > 0 && { channels: new Set(channels) }) };
    table.on(UpdateCommand).resolves({ Attributes: item });
    table.on(GetCommand, { TableName: 'connections' }).resolves({ Item: item });
  };
  const send = async (body?: string) => {
    const answer = await handler(event('$default', { body }));
    expect(answer.statusCode).toBe(200);
    return JSON.parse(answer.body ?? '');
  };

  test('answers a ping', async () => {
    expect(await send('{"action":"ping"}')).toEqual({ type: 'pong' });
  });

  const actions = 'action must be "ping", "subscribe" or "unsubscribe"';
  const oneOfTwo = 'postId or topic must be given, and not both';
  test.each([
    ['text', 'hello', 'The message is not JSON.'],
    ['no body', undefined, 'The message is not JSON.'],
    ['another action', '{"action":"dance"}', `The message is not understood: ${actions}.`],
    ['no action', '{}', `The message is not understood: ${actions}.`],
    ['an array', '[]', `The message is not understood: ${actions}.`],
    ['no object', 'null', `The message is not understood: ${actions}.`],
    ['nothing to subscribe to', '{"action":"subscribe"}', `The message is not understood: ${oneOfTwo}.`],
    [
      'two at once',
      JSON.stringify({ action: 'unsubscribe', postId, topic: 'summer' }),
      `The message is not understood: ${oneOfTwo}.`,
    ],
    [
      'an invalid id',
      '{"action":"subscribe","postId":"42"}',
      'The message is not understood: postId must be a UUID.',
    ],
    [
      'new posts of one post',
      JSON.stringify({ action: 'subscribe', postId, from: 'created' }),
      'The message is not understood: from must not be given for a post.',
    ],
    [
      'another start',
      JSON.stringify({ action: 'subscribe', topic: 'summer', from: 'now' }),
      'The message is not understood: from must be "created".',
    ],
    [
      'an empty topic',
      '{"action":"unsubscribe","topic":" "}',
      'The message is not understood: topic must not be empty.',
    ],
  ])('returns an error that explains %s', async (_, body, message) => {
    expect(await send(body)).toEqual({ type: 'error', message });
    expect(table.calls()).toEqual([]);
  });

  describe('on a subscription', () => {
    const subscribe = JSON.stringify({ action: 'subscribe', postId: postId.toUpperCase() });
    const post = {
      id: postId,
      createdAt: '2026-01-31T09:30:00.000Z',
      author: 'hunter s thompson',
      title: 'Title',
      body: 'Joe is going to Spain',
      topic: 'summer',
    };

    beforeEach(() => named(`post#${postId}`, 'topic#summer'));

    test('registers, then reads the post consistently, and answers with its state', async () => {
      table.on(GetCommand, { TableName: 'posts' }).callsFake((input) => {
        expect(input).toEqual({ TableName: 'posts', Key: { id: postId }, ConsistentRead: true });
        expect(puts()).toHaveLength(1);
        return { Item: { ...post, revision: 1, outboxShard: '7' } };
      });
      table.on(PutCommand).callsFake(() => expect(updates()).toHaveLength(1));
      expect(await send(subscribe)).toEqual({ type: 'subscribed', postId, revision: 1, post });
      expect(puts().map(({ Item }) => Item)).toEqual([{ channel: `post#${postId}`, ...lasting }]);
    });

    test('adds the channel to the connection’s item if it has room or names the channel already', async () => {
      await send(subscribe);
      const [update] = updates();
      expect(update).toMatchObject({
        TableName: 'connections',
        Key: key,
        UpdateExpression: 'ADD channels :channels',
        ExpressionAttributeValues: {
          ':channels': new Set([`post#${postId}`]),
          ':channel0': `post#${postId}`,
          ':most': 99,
        },
      });
    });

    test('to a topic is answered without a post', async () => {
      expect(await send('{"action":"subscribe","topic":" Summer "}')).toEqual({
        type: 'subscribed',
        topic: 'summer',
      });
      expect(puts().map(({ Item }) => Item?.channel)).toEqual(['topic#summer']);
      expect(table.commandCalls(GetCommand, { TableName: 'posts' })).toEqual([]);
    });

    test('to the new posts of a topic too takes two channels', async () => {
      named('topic#summer', 'created#topic#summer');
      expect(await send('{"action":"subscribe","topic":"Summer","from":"created"}')).toEqual({
        type: 'subscribed',
        topic: 'summer',
        from: 'created',
      });
      expect(puts().map(({ Item }) => Item?.channel)).toEqual(['topic#summer', 'created#topic#summer']);
      expect(updates()).toHaveLength(1);
    });

    test('says that the post was removed', async () => {
      const Item = tombstone({ ...post, revision: 2 }, 'removal', new Date());
      table.on(GetCommand, { TableName: 'posts' }).resolves({ Item });
      expect(await send(subscribe)).toEqual({ type: 'subscribed', postId, removed: true });
    });

    test('answers without a state while there is no post', async () => {
      table.on(GetCommand, { TableName: 'posts' }).resolves({});
      expect(await send(subscribe)).toEqual({ type: 'subscribed', postId });
    });

    test('returns an error if the connection holds 100 subscriptions', async () => {
      table.on(UpdateCommand).rejects(refused);
      expect(await send(subscribe)).toEqual({
        type: 'error',
        message: `A connection may hold 100 subscriptions. To add ${postId}, unsubscribe from another first.`,
      });
      expect(puts()).toEqual([]);
    });

    test.each([
      ['not registered', undefined],
      ['being removed', { ...key, ...lasting, ended: true }],
    ])('returns an error if the connection is %s', async (_, Item) => {
      table.on(UpdateCommand).rejects(refused);
      table.on(GetCommand, { TableName: 'connections' }).resolves({ Item });
      expect(await send(subscribe)).toEqual({
        type: 'error',
        message: 'This connection is no longer registered. Connect again.',
      });
      expect(puts()).toEqual([]);
    });

    test('adapts to a concurrent change of the connection', async () => {
      const Item = { ...key, channels: new Set(['topic#summer']) };
      table.on(GetCommand, { TableName: 'connections' }).resolvesOnce({ Item: key }).resolves({ Item });
      expect(await send('{"action":"subscribe","topic":"summer"}')).toMatchObject({ type: 'subscribed' });
      expect(puts()).toHaveLength(2);
      expect(removed()).toHaveLength(1);
    });

    test('fails after 10 reads if other requests keep changing the connection', async () => {
      let reads = 0;
      table.on(GetCommand, { TableName: 'connections' }).callsFake(() => ({
        Item: reads++ % 2 === 0 ? key : { ...key, channels: new Set(['topic#summer']) },
      }));
      expect(await send('{"action":"subscribe","topic":"summer"}')).toEqual({
        type: 'error',
        message: 'The "subscribe" for summer failed. Please try again.',
      });
      expect(reads).toBe(10);
    });

    test.each([
      ['named', () => table.on(UpdateCommand).rejects(throttled)],
      ['registered', () => table.on(PutCommand).rejects(throttled)],
      ['read', () => table.on(GetCommand).rejects(throttled)],
    ])('returns an error if it cannot be %s', async (_, fail) => {
      fail();
      expect(await send(subscribe)).toEqual({
        type: 'error',
        message: `The "subscribe" for ${postId} failed. Please try again.`,
      });
    });
  });

  describe('on the end of a subscription', () => {
    const unsubscribe = '{"action":"unsubscribe","topic":"Summer"}';

    beforeEach(() => named());

    test('removes the memberships, then their names, then those that were put meanwhile', async () => {
      const channels = ['topic#summer', 'created#topic#summer'];
      const memberships = channels.map((channel) => ({
        TableName: 'connections',
        Key: { channel, connectionId: 'c1=' },
      }));
      table.on(UpdateCommand).callsFake((input) => {
        expect(removed()).toEqual(memberships);
        expect(input).toMatchObject({
          Key: key,
          UpdateExpression: 'DELETE channels :channels',
          ExpressionAttributeValues: { ':channels': new Set(channels) },
        });
        return { Attributes: key };
      });
      expect(await send(unsubscribe)).toEqual({ type: 'unsubscribed', topic: 'summer' });
      expect(updates()).toHaveLength(1);
      expect(removed()).toEqual([...memberships, ...memberships]);
    });

    test('of a post names the post', async () => {
      const body = JSON.stringify({ action: 'unsubscribe', postId });
      expect(await send(body)).toEqual({ type: 'unsubscribed', postId });
      expect(new Set(removed().map(({ Key }) => Key?.channel))).toEqual(new Set([`post#${postId}`]));
    });

    test('succeeds for a connection that is gone', async () => {
      table.on(UpdateCommand).rejects(refused);
      table.on(GetCommand).resolves({});
      expect(await send(unsubscribe)).toEqual({ type: 'unsubscribed', topic: 'summer' });
    });

    test('returns an error if it fails', async () => {
      table.on(UpdateCommand).rejects(throttled);
      expect(await send(unsubscribe)).toEqual({
        type: 'error',
        message: 'The "unsubscribe" for summer failed. Please try again.',
      });
    });
  });

  test('answers any message', async () => {
    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.string({ unit: 'binary' }), fc.json()), async (body) => {
        expect(['error', 'pong']).toContain((await send(body)).type);
      }),
    );
  });
});
