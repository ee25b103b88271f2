import { setTimeout } from 'node:timers/promises';
import { DynamoDBClient, GetItemCommand, ScanCommand } from '@aws-sdk/client-dynamodb';
import {
  DynamoDBStreamsClient,
  GetRecordsCommand,
  GetShardIteratorCommand,
  TrimmedDataAccessException,
} from '@aws-sdk/client-dynamodb-streams';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import {
  ChangeMessageVisibilityBatchCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { ScanCommand as DocumentScanCommand, DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import { mockClient } from 'aws-sdk-client-mock';
import { ManualClock } from 'local-cloud/fixtures/manual-clock';
import { blogPostCreated } from '../../model/events.ts';
import { tombstone } from '../../model/tombstone.ts';
import { redrive } from '../../operations/redriver.ts';
import { localStackOf } from '../../operations/stack.ts';
import { Targets } from '../../operations/targets.ts';

const sqs = mockClient(SQSClient);
const lambda = mockClient(LambdaClient);
const sns = mockClient(SNSClient);
const dynamoDb = mockClient(DynamoDBClient);
const documents = mockClient(DynamoDBDocumentClient);
const streams = mockClient(DynamoDBStreamsClient);
const now = Date.parse('2026-01-31T09:30:00.000Z');

/** Stands in for an SQS queue: a received message is hidden until it is deleted or released. */
class FakeQueue {
  waiting: string[] = [];
  hidden: string[] = [];
  /** Returns the content of a message by its ID. */
  message: (id: string) => object = failure;

  constructor() {
    sqs.on(GetQueueAttributesCommand).callsFake(() => ({
      Attributes: {
        ApproximateNumberOfMessages: `${this.waiting.length}`,
        ApproximateNumberOfMessagesNotVisible: `${this.hidden.length}`,
      },
    }));
    sqs.on(ReceiveMessageCommand).callsFake(() => {
      const page = this.waiting.splice(0, 10);
      this.hidden.push(...page);
      return {
        Messages: page.map((id) => ({
          MessageId: id,
          ReceiptHandle: id,
          Attributes: { SentTimestamp: `${now - 3 * 3_600_000}` },
          ...this.message(id),
        })),
      };
    });
    sqs.on(DeleteMessageCommand).callsFake(({ ReceiptHandle }) => {
      this.hidden = this.hidden.filter((id) => id !== ReceiptHandle);
    });
    sqs.on(ChangeMessageVisibilityBatchCommand).callsFake(({ Entries }) => {
      const released = Entries.map(({ ReceiptHandle }: { ReceiptHandle: string }) => ReceiptHandle);
      this.hidden = this.hidden.filter((id) => !released.includes(id));
      this.waiting.push(...released);
    });
  }
}

function failure(id: string, functionArn = 'act', requestPayload: object = { id }): object {
  return {
    Body: JSON.stringify({
      requestContext: { functionArn, condition: 'RetriesExhausted' },
      requestPayload,
      responsePayload: { errorType: 'Error', errorMessage: 'broken' },
    }),
  };
}

function undelivered(arn: string): object {
  return {
    Body: '{"detail":{}}',
    MessageAttributes: {
      TARGET_ARN: { StringValue: arn },
      ERROR_CODE: { StringValue: 'NO_PERMISSIONS' },
    },
  };
}

function post(index: number) {
  const id = `01a206e9-b3dd-7749-b9ee-${`${index}`.padStart(12, '0')}`;
  return { id, createdAt: '2026-01-31T08:30:00.000Z', author: 'a', title: 't', body: 'b', topic: 'summer' };
}

let queue: FakeQueue;
/** Advances only by sleeping. */
let clock: ManualClock;
beforeEach(() => {
  for (const client of [sqs, lambda, sns, dynamoDb, documents, streams]) client.reset();
  leaveUnannounced(0);
  lambda.on(InvokeCommand).resolves({});
  queue = new FakeQueue();
  clock = new ManualClock(now);
});

/** Lets this number of posts wait for the relay, on two pages. */
function leaveUnannounced(count: number): void {
  dynamoDb
    .on(ScanCommand, { IndexName: 'outbox' })
    .resolvesOnce({ Count: count, LastEvaluatedKey: { id: { S: '1' } } })
    .resolves({ Count: 0 });
}

/** Resolves when the clock has advanced, which it does once nothing else can happen. */
function sleep(ms: number): Promise<void> {
  setImmediate(() => clock.jump());
  return new Promise((resolve) => void clock.schedule(resolve, ms));
}

/** Returns the largest number of times within any second. */
const mostInOneSecond = (times: number[]): number =>
  Math.max(...times.map((start) => times.filter((time) => time >= start && time < start + 1000).length));

async function run({ answer = true, unfinished = false } = {}) {
  const lines: string[] = [];
  const questions: string[] = [];
  const left = await redrive({
    stack: localStackOf({
      ApiUrl: 'http://localhost:3000',
      PostsTableName: 'posts',
      PublishPostUpdatesFunctionName: 'publish',
      RecognizeEntitiesFunctionName: 'recognize',
      RelayAnnouncementsFunctionName: 'relay',
      ActFailuresUrl: 'http://127.0.0.1:4566/000000000000/act-failures',
    }),
    unfinished,
    async confirm(question) {
      questions.push(question);
      return answer;
    },
    print: (line) => lines.push(line),
    now,
    sleep,
  });
  return { left, lines, questions };
}

const ids = (count: number) => Array.from({ length: count }, (_, index) => `${index}`);

it('asks nothing if nothing waits', async () => {
  expect(await run()).toEqual({
    left: 0,
    lines: [
      'Nothing is left in the queues. What Lambda or EventBridge is still retrying is in no queue yet.',
    ],
    questions: [],
  });
});

it('counts posts that wait for the relay as left', async () => {
  leaveUnannounced(2);
  expect(await run()).toEqual({
    left: 2,
    lines: ['Still to be announced by the relay after 3 minutes: 2 posts', 'Left: 2.'],
    questions: [],
  });
  expect(dynamoDb.commandCalls(ScanCommand)[0]?.args[0].input).toMatchObject({
    FilterExpression: 'outboxSince < :before',
    ExpressionAttributeValues: { ':before': { S: '2026-01-31T09:27:00.000Z' } },
  });
});

it('lists the waiting messages, and keeps them if the user declines', async () => {
  queue.waiting = ids(25);
  expect(await run({ answer: false })).toEqual({
    left: 25,
    lines: ['ActFailures: 25 messages', '  25 × RetriesExhausted: Error: broken (3 h old)', 'Left: 25.'],
    questions: ['Redrive 25 messages from ActFailures?'],
  });
  expect(queue.waiting).toHaveLength(25);
  expect(lambda.calls()).toHaveLength(0);
});

it('redrives each message with its own event, and then deletes it', async () => {
  queue.waiting = ids(25);
  expect((await run()).left).toBe(0);
  const payloads = lambda.commandCalls(InvokeCommand).map(({ args: [{ input }] }) => input);
  expect(payloads).toEqual(
    ids(25).map((id) => ({ FunctionName: 'act', Qualifier: 'live', Payload: JSON.stringify({ id }) })),
  );
  expect([queue.waiting, queue.hidden]).toEqual([[], []]);
});

it('keeps a message that its target refuses', async () => {
  queue.waiting = ids(3);
  lambda.on(InvokeCommand).callsFake(({ Payload }) => {
    if (Payload === '{"id":"1"}') throw new Error('refused');
    return {};
  });
  const { left, lines } = await run();
  expect(left).toBe(1);
  expect(lines).toContain('ActFailures 1: KEPT: Error: refused');
  expect(queue.waiting).toEqual(['1']);
});

it('keeps a message whose function fails again, and says why', async () => {
  queue.waiting = ids(53);
  const json = '{"errorType":"Error","errorMessage":"still broken"}';
  const Payload = Object.assign(Buffer.from(json), { transformToString: () => json });
  lambda.on(InvokeCommand).resolves({ FunctionError: 'Unhandled', Payload });
  const { left, lines } = await run();
  expect(left).toBe(53);
  expect(lines).toContain('ActFailures 52: KEPT: Error: act failed: Error: still broken');
  expect(lines.at(-1)).toBe('Left: 53.');
  expect([queue.waiting.length, queue.hidden]).toEqual([53, []]);
});

it('waits until each function has ended, with at most ten at work', async () => {
  queue.waiting = ids(25);
  let busy = 0;
  let most = 0;
  lambda.on(InvokeCommand).callsFake(async () => {
    most = Math.max(most, ++busy);
    await setTimeout(5);
    busy -= 1;
    return {};
  });
  expect((await run()).left).toBe(0);
  expect(busy).toBe(0);
  expect(most).toBeGreaterThan(1);
  expect(most).toBeLessThanOrEqual(10);
});

it('stops after 100 failures, and releases all messages', async () => {
  queue.waiting = ids(250);
  lambda.on(InvokeCommand).rejects(new Error('refused'));
  const { left } = await run();
  expect(left).toBe(250);
  expect(lambda.calls()).toHaveLength(100);
  expect([queue.waiting.length, queue.hidden.length]).toEqual([250, 0]);
});

it('ends even if a redriven message fails again at once, and leaves that one', async () => {
  queue.waiting = ['0'];
  lambda.on(InvokeCommand).callsFake(() => {
    queue.waiting.push('again');
    return {};
  });
  expect((await run()).left).toBe(1);
  expect(lambda.calls()).toHaveLength(1);
  expect(queue.waiting).toEqual(['again']);
});

it('skips messages that another consumer has received', async () => {
  queue.hidden = ids(2);
  const { left, lines } = await run();
  expect(left).toBe(2);
  expect(lines[0]).toBe('ActFailures: 2 messages in flight to another consumer, such as another redrive.');
});

it.each([
  'arn:aws:lambda:us-east-1:000000000000:function:act',
  'arn:aws:lambda:us-east-1:000000000000:function:act:$LATEST',
  'arn:aws:lambda:us-east-1:000000000000:function:act:live',
])('redrives to %s the event that a rule could not deliver', async (arn) => {
  queue.waiting = ['0'];
  queue.message = () => undelivered(arn);
  const { left, lines } = await run();
  expect({ left, lines }).toEqual({ left: 0, lines: expect.arrayContaining(['ActFailures 0: invoked act']) });
  expect(lambda.commandCalls(InvokeCommand).map(({ args }) => args[0].input)).toEqual([
    { FunctionName: 'act', Qualifier: 'live', Payload: '{"detail":{}}' },
  ]);
});

it.each(['arn:aws:states:us-east-1:000000000000:stateMachine:act', 'act'])(
  'keeps the event that a rule could not deliver to %s',
  async (arn) => {
    queue.waiting = ['0'];
    queue.message = () => undelivered(arn);
    const { left, lines } = await run();
    expect(left).toBe(1);
    expect(lines).toContain(
      `ActFailures 0: KEPT: Error: An event can be delivered again to a function or a topic only, not to ${arn}.`,
    );
  },
);

it('leaves a failure of the relay to its next run, since each run announces all that is left', async () => {
  const stack = localStackOf({
    ApiUrl: 'http://localhost:3000',
    PostsTableName: 'posts',
    PublishPostUpdatesFunctionName: 'publish',
    RecognizeEntitiesFunctionName: 'recognize',
    RelayAnnouncementsFunctionName: 'relay',
  });
  const arn = 'arn:aws:lambda:us-east-1:000000000000:function:relay:$LATEST';
  expect(await new Targets(stack, sleep).invoke(arn, '{}')).toBe('left to the next run of the relay');
  expect(lambda.calls()).toHaveLength(0);
});

/** A message in the queue of the topic about the first post. */
const unmailed = {
  Body: JSON.stringify({ detail: blogPostCreated(post(0), 'http://localhost:3000/posts/0') }),
  MessageAttributes: {
    TARGET_ARN: { StringValue: 'arn:aws:sns:us-east-1:000000000000:posts' },
    ERROR_CODE: { StringValue: 'NO_PERMISSIONS' },
  },
};

describe('of a removed post', () => {
  const removed = marshall(tombstone(post(0), 'removal', new Date(now)));

  it.each([
    ['with its tombstone', removed],
    ['whose tombstone has expired', undefined],
  ])('%s, mails nothing', async (_, Item) => {
    queue.waiting = ['1'];
    queue.message = () => unmailed;
    dynamoDb.on(GetItemCommand).resolves({ Item });
    expect(await run()).toMatchObject({
      left: 0,
      lines: expect.arrayContaining([expect.stringContaining('not mailed')]),
    });
    expect(sns.calls()).toHaveLength(0);
  });

  it('publishes the removal instead of an update that could not be published', async () => {
    queue.waiting = ['1'];
    queue.message = () => ({
      Body: JSON.stringify({ postId: post(0).id, revision: 2, reason: 'too large' }),
    });
    dynamoDb.on(GetItemCommand).resolves({ Item: removed });
    const json = JSON.stringify({ batchItemFailures: [] });
    const Payload = Object.assign(Buffer.from(json), { transformToString: () => json });
    lambda.on(InvokeCommand).resolves({ Payload });
    expect((await run()).left).toBe(0);
    const [call] = lambda.commandCalls(InvokeCommand);
    expect(JSON.parse(String(call?.args[0].input.Payload)).Records).toEqual([
      { dynamodb: { SequenceNumber: '0', Keys: { id: removed.id }, NewImage: removed } },
    ]);
  });
});

it('invokes at most five functions a second, and mails at most one post in any second', async () => {
  queue.waiting = ids(20);
  queue.message = (id) => (Number(id) % 2 === 0 ? unmailed : failure(id));
  dynamoDb.on(GetItemCommand).resolves({ Item: marshall({ ...post(0), revision: 1 }) });
  documents.on(DocumentScanCommand).resolves({ Items: [post(1), post(2), post(3)] });
  const invoked: number[] = [];
  const mailed: number[] = [];
  lambda.on(InvokeCommand).callsFake(() => {
    invoked.push(clock.now());
    return {};
  });
  sns.on(PublishCommand).callsFake(async () => {
    // A slow response: the pause begins after it.
    await sleep(700);
    mailed.push(clock.now());
  });
  expect((await run({ unfinished: true })).left).toBe(0);
  expect([invoked.length, mailed.length]).toEqual([13, 10]);
  expect(mostInOneSecond(invoked)).toBeLessThanOrEqual(5);
  expect(mostInOneSecond(mailed)).toBe(1);
});

it('does not enrich a post again that it has redriven from a queue', async () => {
  const [waiting, forgotten] = [post(1), post(2)];
  queue.waiting = ['1'];
  const arn = 'arn:aws:lambda:us-east-1:000000000000:function:recognize:$LATEST';
  queue.message = (id) =>
    failure(id, arn, { detail: blogPostCreated(waiting, 'http://localhost:3000/posts/1') });
  documents.on(DocumentScanCommand).resolves({ Items: [waiting, forgotten] });
  const { left, lines, questions } = await run({ unfinished: true });
  expect({ left, question: questions.at(-1) }).toEqual({ left: 0, question: 'Enrich 1 post?' });
  expect(lambda.calls()).toHaveLength(2);
  expect(lines).toContain(`post ${forgotten.id}: invoked recognize`);
});

describe('of stream batches', () => {
  /**
   * Returns a message about a record that arrived as many minutes after the first as its ID says.
   */
  function batch(id: string): object {
    const arrival = new Date(now + Number(id) * 60_000).toISOString();
    const DDBStreamBatchInfo = {
      streamArn: 'arn:aws:dynamodb:us-east-1:000000000000:table/posts/stream/1',
      shardId: 'shardId-1',
      startSequenceNumber: '1',
      endSequenceNumber: '2',
      approximateArrivalOfFirstRecord: arrival,
      approximateArrivalOfLastRecord: arrival,
    };
    const requestContext = { functionArn: 'publish', condition: 'RetryAttemptsExhausted' };
    return { Body: JSON.stringify({ requestContext, DDBStreamBatchInfo }) };
  }

  /** Returns an item that changed this many minutes after the arrival of the first batch. */
  const item = (id: string, minutes: number) => ({
    id: { S: id },
    updatedAt: { S: new Date(now + minutes * 60_000).toISOString() },
  });

  /** Returns an answer of publish-post-updates as the SDK does. */
  function answer(batchItemFailures: object[]) {
    const json = JSON.stringify({ batchItemFailures });
    return { Payload: Object.assign(Buffer.from(json), { transformToString: () => json }) };
  }

  const publishedIds = () =>
    lambda
      .commandCalls(InvokeCommand)
      .map(({ args: [{ input }] }) => [...`${input.Payload}`.matchAll(/"Keys":{"id":{"S":"(\w+)"/g)])
      .map((matches) => matches.map(([, id]) => id));

  beforeEach(() => {
    queue.message = batch;
    streams
      .on(GetShardIteratorCommand)
      .rejects(new TrimmedDataAccessException({ $metadata: {}, message: 'gone' }));
    // 25 batches within 24 minutes, and one half an hour later.
    queue.waiting = [...ids(25), '60'];
    dynamoDb
      .on(ScanCommand)
      .resolvesOnce({ Items: [item('first', -1), item('between', 40)], LastEvaluatedKey: { id: { S: '1' } } })
      .resolves({ Items: [item('before', -2), item('last', 61), item('middle', 12.5)] });
    leaveUnannounced(0);
  });

  it('publishes the records that the function receives: new posts and changes', async () => {
    const record = (id: string, eventName: 'INSERT' | 'MODIFY', NewImage: object) => ({
      eventName,
      dynamodb: { SequenceNumber: id, Keys: { id: { S: id } }, NewImage: { id: { S: id }, ...NewImage } },
    });
    const isNew = { revision: { N: '1' } };
    const Records = [
      record('0', 'INSERT', isNew),
      record('1', 'MODIFY', isNew),
      record('2', 'MODIFY', item('2', 0)),
      record('3', 'INSERT', isNew),
    ];
    streams.on(GetShardIteratorCommand).resolves({ ShardIterator: 'start' });
    streams.on(GetRecordsCommand).resolves({ Records });
    lambda.on(InvokeCommand).callsFake(() => answer([]));
    queue.waiting = ['0'];
    expect((await run()).left).toBe(0);
    expect(publishedIds()).toEqual([['0', '2']]);
  });

  it('publishes each post that changed once if its record is gone, with one scan for all batches', async () => {
    lambda.on(InvokeCommand).callsFake(() => {
      expect(queue.waiting.length + queue.hidden.length).toBe(26);
      return answer([]);
    });
    const { left, lines } = await run();
    expect(left).toBe(0);
    expect(publishedIds()).toEqual([['first'], ['last', 'middle']]);
    const scans = dynamoDb.commandCalls(ScanCommand).filter(({ args }) => !args[0].input.IndexName);
    expect(scans).toHaveLength(2);
    expect(lines).toContain(
      'ActFailures 60: published the state of 3 posts because the stream no longer has the records',
    );
    expect([queue.waiting, queue.hidden]).toEqual([[], []]);
  });

  it('keeps all messages if one page cannot be published', async () => {
    lambda
      .on(InvokeCommand)
      .resolvesOnce(answer([]))
      .resolves(answer([{ itemIdentifier: '0' }]));
    const { left, lines } = await run();
    expect(left).toBe(26);
    expect(lines).toContainEqual(expect.stringMatching(/^ActFailures: KEPT 26 messages: .*its log says why/));
    expect([queue.waiting.length, queue.hidden]).toEqual([26, []]);
  });

  it('redrives the other messages, which need no scan', async () => {
    queue.waiting = ['0', 'other'];
    queue.message = (id) => (id === 'other' ? failure(id) : batch(id));
    dynamoDb.on(ScanCommand).rejects(new Error('throttled'));
    leaveUnannounced(0);
    expect((await run()).left).toBe(1);
    expect(queue.waiting).toEqual(['0']);
  });
});
