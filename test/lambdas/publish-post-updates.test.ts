import { EventBridgeClient, PutEventsCommand, type PutEventsRequestEntry } from '@aws-sdk/client-eventbridge';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { marshall } from '@aws-sdk/util-dynamodb';
import { mockClient } from 'aws-sdk-client-mock';
import fc from 'fast-check';
import { UNPUBLISHED_UPDATES_QUEUE, WEBSOCKET_BUS } from '../../lambdas/events/environment.ts';
import { handler } from '../../lambdas/publish-post-updates.ts';
import { logger } from '../../lambdas/runtime/logger.ts';
import { BlogPostRemoved, BlogPostSaved, BlogPostUpdated, UnpublishedUpdate } from '../../model/events.ts';
import { tombstone } from '../../model/tombstone.ts';

process.env[WEBSOCKET_BUS] = 'websocket-bus';
process.env[UNPUBLISHED_UPDATES_QUEUE] = 'https://sqs.example.com/1/unpublished';

const eventBridge = mockClient(EventBridgeClient);
const sqs = mockClient(SQSClient);
for (const level of ['info', 'error'] as const) jest.spyOn(logger, level).mockImplementation();

const idOf = (n: number) => `019c1234-5678-7abc-8def-${String(n).padStart(12, '0')}`;

const postOf = (n: number, body = 'Joe is going to Spain') => ({
  id: idOf(n),
  createdAt: '2026-01-31T09:30:00.000Z',
  author: 'hunter s thompson',
  title: 'Title',
  body,
  topic: 'summer',
  entities: { locations: ['Spain'], persons: ['Joe'] },
});

/** Returns a stream record of the enrichment of the nth post. */
function record(n: number, { image = {}, body }: { image?: object; body?: string } = {}) {
  const { entities, ...before } = postOf(n, body);
  const stored = { ...before, entities, revision: 2, updatedAt: '2026-01-31T09:30:01.000Z', ...image };
  return {
    eventName: 'MODIFY',
    dynamodb: {
      SequenceNumber: String(n),
      Keys: marshall({ id: before.id }),
      OldImage: marshall({ ...before, revision: 1 }),
      NewImage: marshall(stored, { removeUndefinedValues: true }),
    },
  };
}

const failedFrom = (n: number) => ({ batchItemFailures: [{ itemIdentifier: String(n) }] });
const allDone = { batchItemFailures: [] };

const calls = () => eventBridge.commandCalls(PutEventsCommand).map(({ args }) => args[0].input.Entries ?? []);
const publishedIds = () => calls().flatMap((entries) => entries.map(idIn));
const idIn = ({ Detail = '' }: PutEventsRequestEntry) => BlogPostUpdated.parse(JSON.parse(Detail)).post.id;
const parked = () =>
  sqs
    .commandCalls(SendMessageCommand)
    .map(({ args }) => UnpublishedUpdate.parse(JSON.parse(args[0].input.MessageBody ?? '')));

/** Lets the bus refuse posts, by their number, with these error codes. */
function refuse(codes: Record<number, string>) {
  eventBridge.on(PutEventsCommand).callsFake(({ Entries }: { Entries: PutEventsRequestEntry[] }) => {
    const results = Entries.map((entry) => {
      const ErrorCode = codes[Number(idIn(entry).slice(-12))];
      return ErrorCode ? { ErrorCode, ErrorMessage: 'no' } : { EventId: '1' };
    });
    return { Entries: results, FailedEntryCount: results.filter(({ ErrorCode }) => ErrorCode).length };
  });
}

beforeEach(() => {
  eventBridge.reset();
  sqs.reset();
  refuse({});
});

describe('a change that readers see', () => {
  test('becomes an event on the WebSocket bus, without the internal attributes', async () => {
    expect(await handler({ Records: [record(1, { image: { marker: 'x' } })] })).toEqual(allDone);
    const [[entry] = []] = calls();
    expect(entry).toEqual({
      EventBusName: 'websocket-bus',
      Source: 'blog',
      DetailType: 'BlogPostUpdated',
      Detail: expect.any(String),
    });
    expect(JSON.parse(entry?.Detail ?? '')).toEqual({
      version: 1,
      metadata: {
        eventId: `${idOf(1)}:2:BlogPostUpdated`,
        correlationId: idOf(1),
        causationId: `${idOf(1)}:1:BlogPostCreated`,
        time: '2026-01-31T09:30:01.000Z',
        schemaVersion: '1.2',
      },
      revision: 2,
      post: postOf(1),
    });
  });

  test('can be the creation of the post, which has an event of its own', async () => {
    const { NewImage, ...dynamodb } = record(1, {
      image: {
        revision: 1,
        entities: undefined,
        updatedAt: undefined,
        requestId: 'request-1',
        outboxShard: '1',
      },
    }).dynamodb;
    const insert = { eventName: 'INSERT', dynamodb: { ...dynamodb, OldImage: undefined, NewImage } };
    const announced = { eventName: 'MODIFY', dynamodb: { ...dynamodb, OldImage: NewImage, NewImage } };
    expect(await handler({ Records: [insert, announced] })).toEqual(allDone);
    const entries = calls().flat();
    expect(entries.map(({ DetailType }) => DetailType)).toEqual(['BlogPostSaved']);
    const { entities, ...post } = postOf(1);
    const detail = JSON.parse(entries[0]?.Detail ?? '');
    expect(detail).toEqual({
      version: 1,
      metadata: {
        eventId: `${idOf(1)}:1:BlogPostSaved`,
        correlationId: idOf(1),
        causationId: 'request-1',
        time: post.createdAt,
        schemaVersion: '1.2',
      },
      revision: 1,
      post,
    });
    expect(BlogPostSaved.parse(detail)).toEqual(detail);
  });

  test('is caused by nothing known if it is not the enrichment, and has a time in any case', async () => {
    await handler({ Records: [record(1, { image: { revision: 3, updatedAt: 'noon' } })] });
    expect(BlogPostUpdated.parse(JSON.parse(calls()[0]?.[0]?.Detail ?? '')).metadata).toMatchObject({
      eventId: `${idOf(1)}:3:BlogPostUpdated`,
      causationId: idOf(1),
      time: postOf(1).createdAt,
    });
  });

  test('can be that the post cannot be enriched', async () => {
    const enrichment = { status: 'failed', reason: 'The text cannot be analysed.' };
    await handler({ Records: [record(1, { image: { entities: undefined, enrichment } })] });
    const { entities, ...post } = postOf(1);
    expect(JSON.parse(calls()[0]?.[0]?.Detail ?? '').post).toEqual({ ...post, enrichment });
  });
});

describe('the removal of a post', () => {
  const removed = (n: number) => {
    const { dynamodb, ...event } = record(n);
    const image = tombstone({ ...postOf(n), revision: 2 }, 'removal-1', new Date('2026-01-31T10:00:00.000Z'));
    return { ...event, dynamodb: { ...dynamodb, OldImage: dynamodb.NewImage, NewImage: marshall(image) } };
  };

  test('becomes an event of its own, in the order of the stream', async () => {
    eventBridge.on(PutEventsCommand).resolves({ Entries: [{ EventId: '1' }, { EventId: '2' }] });
    expect(await handler({ Records: [record(1), removed(1)] })).toEqual(allDone);
    const [entries = []] = calls();
    expect(entries.map(({ DetailType }) => DetailType)).toEqual(['BlogPostUpdated', 'BlogPostRemoved']);
    const detail = JSON.parse(entries[1]?.Detail ?? '');
    expect(detail).toEqual({
      version: 1,
      metadata: {
        eventId: `${idOf(1)}:3:BlogPostRemoved`,
        correlationId: idOf(1),
        causationId: 'removal-1',
        time: '2026-01-31T10:00:00.000Z',
        schemaVersion: '1.2',
      },
      revision: 3,
      postId: idOf(1),
      topic: 'summer',
    });
    expect(BlogPostRemoved.parse(detail)).toEqual(detail);
  });

  test('is parked if the bus refuses it', async () => {
    eventBridge.on(PutEventsCommand).resolves({ Entries: [{ ErrorCode: 'InvalidArgument' }] });
    expect(await handler({ Records: [removed(1)] })).toEqual(allDone);
    expect(parked()).toEqual([{ postId: idOf(1), revision: 3, reason: expect.any(String) }]);
  });

  test('is not repeated when its tombstone expires', async () => {
    const { NewImage, ...dynamodb } = removed(1).dynamodb;
    await handler({ Records: [{ eventName: 'REMOVE', dynamodb: { ...dynamodb, OldImage: NewImage } }] });
    expect(calls()).toEqual([]);
  });
});

test('a deletion and a change with the same revision are dropped', async () => {
  const { NewImage, ...removal } = record(1).dynamodb;
  const unchanged = record(2);
  unchanged.dynamodb.OldImage = unchanged.dynamodb.NewImage;
  expect(await handler({ Records: [{ eventName: 'REMOVE', dynamodb: removal }, unchanged] })).toEqual(
    allDone,
  );
  expect(calls()).toEqual([]);
});

describe('events are put', () => {
  test('10 at a time, in the order of the stream', async () => {
    const numbers = Array.from({ length: 25 }, (_, n) => n);
    expect(await handler({ Records: numbers.map((n) => record(n)) })).toEqual(allDone);
    expect(calls().map((entries) => entries.length)).toEqual([10, 10, 5]);
    expect(publishedIds()).toEqual(numbers.map(idOf));
  });

  test('240 KB at a time, whatever their sizes', async () => {
    const sizes = fc.array(fc.integer({ min: 1, max: 110_000 }), { minLength: 1, maxLength: 20 });
    await fc.assert(
      fc.asyncProperty(sizes, async (bodySizes) => {
        eventBridge.resetHistory();
        const records = bodySizes.map((size, n) => record(n, { body: 'é'.repeat(size / 2 + 1) }));
        expect(await handler({ Records: records })).toEqual(allDone);
        for (const entries of calls()) {
          const bytes = entries.map((e) => Buffer.byteLength(`${e.Source}${e.DetailType}${e.Detail}`));
          expect(bytes.reduce((a, b) => a + b)).toBeLessThanOrEqual(240 * 1024);
        }
        expect(publishedIds()).toEqual(bodySizes.map((_, n) => idOf(n)));
      }),
      { numRuns: 20 },
    );
  });
});

describe('a transient failure is retried from the first record that is not published', () => {
  test.each(['InternalFailure', 'InternalException', 'ThrottlingException'])('after %s', async (code) => {
    refuse({ 3: code, 7: code, 8: 'InvalidArgument' });
    const records = Array.from({ length: 15 }, (_, n) => record(n));
    expect(await handler({ Records: records })).toEqual(failedFrom(3));
    expect(calls()).toHaveLength(1);
    expect(parked()).toEqual([]);
  });

  test('after a call that fails as a whole', async () => {
    const accepted = Array.from({ length: 10 }, () => ({ EventId: '1' }));
    eventBridge.on(PutEventsCommand).resolvesOnce({ Entries: accepted }).rejects(new Error('timeout'));
    const records = Array.from({ length: 15 }, (_, n) => record(n));
    expect(await handler({ Records: records })).toEqual(failedFrom(10));
  });
});

test('an entry without a result counts as not published', async () => {
  eventBridge.on(PutEventsCommand).resolves({ Entries: [{ EventId: '1' }] });
  expect(await handler({ Records: [record(0), record(1)] })).toEqual(failedFrom(1));
});

describe('an update that can never be published is parked with its id and revision, and counts as done', () => {
  test('an entry that the bus refuses', async () => {
    refuse({ 1: 'NotAuthorizedForDetailTypeException' });
    expect(await handler({ Records: [record(0), record(1), record(2)] })).toEqual(allDone);
    expect(parked()).toEqual([
      {
        postId: idOf(1),
        revision: 2,
        reason: 'The bus refused the event: NotAuthorizedForDetailTypeException, no',
      },
    ]);
    expect(sqs.commandCalls(SendMessageCommand)[0]?.args[0].input.QueueUrl).toBe(
      'https://sqs.example.com/1/unpublished',
    );
  });

  test('an event that is too large', async () => {
    expect(await handler({ Records: [record(0, { body: 'x'.repeat(250_000) }), record(1)] })).toEqual(
      allDone,
    );
    expect(parked()).toEqual([
      {
        postId: idOf(0),
        revision: 2,
        reason: expect.stringMatching(/^The event is too large: 250\d{3} bytes/),
      },
    ]);
    expect(publishedIds()).toEqual([idOf(1)]);
  });

  test.each([
    ['a post without a field', { title: undefined }, 2, '/title'],
    [
      'a post with two invalid fields',
      { author: 1, entities: { locations: [], persons: [1] } },
      2,
      '/author, /entities/persons/0',
    ],
    ['a post without a revision', { revision: undefined }, undefined, '/revision'],
    ['a revision that is not an integer', { revision: 2.5 }, 2.5, '/revision'],
  ])('%s', async (_, image, revision, paths) => {
    sqs.on(SendMessageCommand).resolves({});
    expect(await handler({ Records: [record(0, { image }), record(1)] })).toEqual(allDone);
    const body = JSON.parse(sqs.commandCalls(SendMessageCommand)[0]?.args[0].input.MessageBody ?? '');
    expect(body).toEqual({ postId: idOf(0), revision, reason: `The stored post is invalid at ${paths}.` });
    expect(publishedIds()).toEqual([idOf(1)]);
  });

  test('an image that DynamoDB never sends', async () => {
    const broken = record(0);
    broken.dynamodb.NewImage = JSON.parse('{"id":{"X":"?"},"revision":{"N":"2"}}');
    expect(await handler({ Records: [broken, record(1)] })).toEqual(allDone);
    const reason = expect.stringMatching(/^The stored post cannot be read: [^\n{]+$/);
    expect(parked()).toEqual([{ postId: idOf(0), revision: 2, reason }]);
  });

  test('the record is retried if parking fails', async () => {
    refuse({ 1: 'InvalidArgument' });
    sqs.on(SendMessageCommand).rejects(new Error('no queue'));
    expect(await handler({ Records: [record(0), record(1), record(2)] })).toEqual(failedFrom(1));
  });
});
