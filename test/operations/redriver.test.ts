import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import {
  ChangeMessageVisibilityBatchCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { mockClient } from 'aws-sdk-client-mock';
import { redrive } from '../../operations/redriver.ts';
import { localStackOf } from '../../operations/stack.ts';
import { Targets } from '../../operations/targets.ts';

const sqs = mockClient(SQSClient);
const lambda = mockClient(LambdaClient);
const now = Date.parse('2026-01-31T09:30:00.000Z');

/** A queue as SQS has it: what is received is hidden until it is deleted or released. */
class FakeQueue {
  waiting: string[] = [];
  hidden: string[] = [];

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
      return { Messages: page.map(message) };
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

function message(id: string) {
  return {
    MessageId: id,
    ReceiptHandle: id,
    Attributes: { SentTimestamp: `${now - 3 * 3_600_000}` },
    Body: JSON.stringify({
      requestContext: { functionArn: 'act', condition: 'RetriesExhausted' },
      requestPayload: { id },
      responsePayload: { errorType: 'Error', errorMessage: 'broken' },
    }),
  };
}

let queue: FakeQueue;
beforeEach(() => {
  sqs.reset();
  lambda.reset();
  queue = new FakeQueue();
});

async function run(answer = true) {
  const lines: string[] = [];
  const questions: string[] = [];
  const left = await redrive({
    stack: localStackOf({
      ApiUrl: 'http://localhost:3000',
      PostsTableName: 'posts',
      PublishPostUpdatesFunctionName: 'publish',
      RecognizeEntitiesFunctionName: 'recognize',
      RelayAnnouncementsFunctionName: 'Relay',
      ActFailuresUrl: 'http://127.0.0.1:4566/000000000000/act-failures',
    }),
    unfinished: false,
    async confirm(question) {
      questions.push(question);
      return answer;
    },
    print: (line) => lines.push(line),
    now,
  });
  return { left, lines, questions };
}

const ids = (count: number) => Array.from({ length: count }, (_, index) => `${index}`);

it('asks nothing where nothing waits', async () => {
  expect(await run()).toEqual({ left: 0, lines: ['Nothing is left.'], questions: [] });
});

it('shows what waits, and leaves it when that is declined', async () => {
  queue.waiting = ids(25);
  expect(await run(false)).toEqual({
    left: 25,
    lines: ['ActFailures: 25 messages', '  25 × RetriesExhausted: Error: broken (3 h old)', 'Left: 25.'],
    questions: ['Finish 25 messages of ActFailures?'],
  });
  expect(queue.waiting).toHaveLength(25);
  expect(lambda.calls()).toHaveLength(0);
});

it('finishes each with its own event, and deletes it then', async () => {
  queue.waiting = ids(25);
  expect((await run()).left).toBe(0);
  const payloads = lambda.commandCalls(InvokeCommand).map(({ args: [{ input }] }) => input);
  expect(payloads).toEqual(
    ids(25).map((id) => ({ FunctionName: 'act', InvocationType: 'Event', Payload: JSON.stringify({ id }) })),
  );
  expect([queue.waiting, queue.hidden]).toEqual([[], []]);
});

it('keeps what its target does not take', async () => {
  queue.waiting = ids(3);
  lambda.on(InvokeCommand).callsFake(({ Payload }) => {
    if (Payload === '{"id":"1"}') throw new Error('refused');
  });
  const { left, lines } = await run();
  expect(left).toBe(1);
  expect(lines).toContain('ActFailures 1: KEPT: Error: refused');
  expect(queue.waiting).toEqual(['1']);
});

it('stops after 100 failures, and releases all', async () => {
  queue.waiting = ids(250);
  lambda.on(InvokeCommand).rejects(new Error('refused'));
  const { left } = await run();
  expect(left).toBe(250);
  expect(lambda.calls()).toHaveLength(100);
  expect([queue.waiting.length, queue.hidden.length]).toEqual([250, 0]);
});

it('ends although what it finishes comes back at once, which is left', async () => {
  queue.waiting = ['0'];
  lambda.on(InvokeCommand).callsFake(() => {
    queue.waiting.push('again');
  });
  expect((await run()).left).toBe(1);
  expect(lambda.calls()).toHaveLength(1);
  expect(queue.waiting).toEqual(['again']);
});

it('leaves to somebody else what that has received', async () => {
  queue.hidden = ids(2);
  const { left, lines } = await run();
  expect(left).toBe(2);
  expect(lines[0]).toBe('ActFailures: 2 received by somebody else, e.g. another redrive; they stay.');
});

it('leaves to its next run what failed at the relay, since each run does all that is left', async () => {
  const stack = localStackOf({
    ApiUrl: 'http://localhost:3000',
    PostsTableName: 'posts',
    PublishPostUpdatesFunctionName: 'publish',
    RecognizeEntitiesFunctionName: 'recognize',
    RelayAnnouncementsFunctionName: 'relay',
  });
  const arn = 'arn:aws:lambda:us-east-1:000000000000:function:relay:$LATEST';
  expect(await new Targets(stack).invoke(arn, '{}')).toBe('left to the run of the next minute');
  expect(lambda.calls()).toHaveLength(0);
});
