import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { PutCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import { validate, version } from 'uuid';
import { tombstone } from '../../model/tombstone.ts';
import { measured } from './measured.ts';
import {
  eventBridge,
  nothingHappened,
  post,
  refusal,
  request,
  resetAws,
  table,
  valid,
} from './post-requests.ts';

beforeEach(resetAws);

const withKey = (key: string) => ({ headers: { 'IDEMPOTENCY-Key': key } });

test.each([
  ['without a key', undefined],
  ['with a key', withKey('k')],
])('a put that finds the item of its own earlier attempt counts as saved: %s', async (_, more) => {
  table.on(PutCommand).callsFake(({ Item }) => {
    throw new ConditionalCheckFailedException({ $metadata: {}, message: '', Item: marshall(Item) });
  });
  const answer = await post(valid, more);
  expect(answer.statusCode).toBe(201);
  expect(answer.headers).not.toHaveProperty('Idempotency-Replayed');
  expect(eventBridge.commandCalls(PutEventsCommand)).toHaveLength(1);
  expect(table.commandCalls(UpdateCommand)).toHaveLength(1);
});

describe('with an Idempotency-Key', () => {
  /** Lets the table hold the post: a conditional put fails and returns it. */
  const isSaved = (Item: object) =>
    table
      .on(PutCommand)
      .rejects(new ConditionalCheckFailedException({ $metadata: {}, message: '', Item: marshall(Item) }));

  /** Saves a post with the key; the stored item still has its marker. */
  async function savedAndMarked(key: string, more: object = {}) {
    const first = await post(valid, withKey(key));
    const [put] = table.commandCalls(PutCommand);
    table.reset();
    eventBridge.resetHistory();
    isSaved({ ...put?.args[0].input.Item, ...more });
    return first;
  }

  /** Saves a post with the key, and lets the stored item be enriched. */
  const savedAndEnriched = (key: string) =>
    savedAndMarked(key, {
      entities: { locations: ['Spain'], persons: ['Joe'] },
      revision: 2,
      updatedAt: '2026-01-31T09:30:00.000Z',
    });

  test('is measured once, however often the request is repeated', async () => {
    await savedAndMarked('k');
    await post(valid, withKey('k'));
    expect(measured()).toEqual({ PostsAccepted: [1], PostsAnnounced: [1] });
  });

  test('returns 410 without side effects if its post was removed, whatever the request has', async () => {
    const { body } = await savedAndMarked('k');
    isSaved(tombstone({ ...JSON.parse(body), revision: 2 }, 'removal', new Date()));
    for (const more of [{}, { title: 'x' }]) {
      const { detail } = await refusal(request(JSON.stringify({ ...valid, ...more }), withKey('k')), 410);
      expect(detail).toBe('The post of this request was removed.');
    }
    expect(eventBridge.calls()).toHaveLength(0);
  });

  test('saves the post under an id derived from the key, and announces it', async () => {
    const { id } = JSON.parse((await post(valid, withKey('a'))).body);
    expect(validate(id) && version(id)).toBe(5);
    expect(JSON.parse((await post(valid, withKey('b'))).body).id).not.toBe(id);
    const again = await post(valid, withKey('a'));
    expect(JSON.parse(again.body).id).toBe(id);
    expect(again.headers).not.toHaveProperty('Idempotency-Replayed');
    expect(eventBridge.commandCalls(PutEventsCommand)).toHaveLength(3);
  });

  test('answers a repeated request like the first one, without side effects', async () => {
    const first = await savedAndEnriched('k');
    const again = await post({ ...valid, title: ' Title ', topic: 'SUMMER', more: 1 }, withKey('k'));
    expect(again).toEqual({ ...first, headers: { ...first.headers, 'Idempotency-Replayed': 'true' } });
    expect(eventBridge.calls()).toHaveLength(0);
    expect(table.commandCalls(UpdateCommand)).toHaveLength(0);
  });

  test('recognizes a repeated request in the same millisecond', async () => {
    jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate'], now: 0 });
    try {
      const first = await savedAndMarked('k');
      const again = await post(valid, withKey('k'));
      expect(again).toEqual({ ...first, headers: { ...first.headers, 'Idempotency-Replayed': 'true' } });
      expect(eventBridge.calls()).toHaveLength(0);
      expect(table.commandCalls(UpdateCommand)).toHaveLength(0);
    } finally {
      jest.useRealTimers();
    }
  });

  test.each([
    ['author', 'x'],
    ['title', 'x'],
    ['body', 'x'],
    ['topic', 'x'],
    ['language', 'en'],
  ])('returns 422 without side effects if the post has another %s', async (field, value) => {
    await savedAndEnriched('k');
    const { detail } = await refusal(
      request(JSON.stringify({ ...valid, [field]: value }), withKey('k')),
      422,
    );
    expect(detail).toBe('The Idempotency-Key was sent before, with another post.');
    expect(eventBridge.calls()).toHaveLength(0);
  });

  test.each([
    ['empty', ''],
    ['256 characters', 'x'.repeat(256)],
    ['a space', 'a b'],
    ['é', 'é'],
    ['a control character', 'a\u0000'],
  ])('returns 400 without side effects if the key is %s', async (_, key) => {
    const { detail } = await refusal(request(JSON.stringify(valid), withKey(key)), 400);
    expect(detail).toBe('The header Idempotency-Key must be 1 to 255 visible ASCII characters.');
    nothingHappened();
  });

  test.each(['!', '~', 'x'.repeat(255), '"8e03978e-40d5-43dd-bc93-6894a57f9324"'])(
    'accepts the key %s',
    async (key) => {
      expect((await post(valid, withKey(key))).statusCode).toBe(201);
    },
  );

  test('returns 500 without details if the stored item is not a post', async () => {
    isSaved({ id: 'broken', secret: 'posts' });
    await refusal(request(JSON.stringify(valid), withKey('k')), 500);
  });
});
