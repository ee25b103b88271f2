import { type ReceiveMessageCommandInput, type SendMessageCommandInput, SQS } from '@aws-sdk/client-sqs';
import type { Recorder } from '../answers.ts';
import type { System } from '../system.ts';

interface Queue {
  sqs: SQS;
  QueueUrl: string;
  record: Recorder;
}

/** Returns functions for the calls that recur, each of which makes a call and records it. */
function callsOf({ sqs, QueueUrl, record }: Queue) {
  const attributes = (name: string) =>
    record.call(
      `GetQueueAttributes: ${name}`,
      sqs.getQueueAttributes({
        QueueUrl,
        AttributeNames: [
          'QueueArn',
          'VisibilityTimeout',
          'MessageRetentionPeriod',
          'MaximumMessageSize',
          'DelaySeconds',
          'ReceiveMessageWaitTimeSeconds',
          'ApproximateNumberOfMessages',
          'ApproximateNumberOfMessagesNotVisible',
          'ApproximateNumberOfMessagesDelayed',
        ],
      }),
    );
  const send = (name: string, input: Partial<SendMessageCommandInput> = {}) =>
    record.call(`SendMessage: ${name}`, sqs.sendMessage({ QueueUrl, MessageBody: name, ...input }));
  const receive = (name: string, input: Partial<ReceiveMessageCommandInput> = {}) =>
    record.call(`ReceiveMessage: ${name}`, sqs.receiveMessage({ QueueUrl, ...input }));
  return { attributes, send, receive };
}

/** Makes the calls that take a message through a queue, and calls that SQS refuses. */
export async function callSqs({ settings }: System, record: Recorder): Promise<void> {
  const sqs = new SQS(settings);
  const { QueueUrl = '' } = await record.call('GetQueueUrl', sqs.getQueueUrl({ QueueName: 'work' }));
  await record.call('GetQueueUrl: no such queue', sqs.getQueueUrl({ QueueName: 'nothing' }));
  const queue = { sqs, QueueUrl, record };
  await callForOne(queue);
  await callForBatches(queue);
}

async function callForOne(queue: Queue): Promise<void> {
  const { sqs, QueueUrl, record } = queue;
  const { attributes, send, receive } = callsOf(queue);
  const nothing = QueueUrl.replace('work', 'nothing');

  await attributes('of an empty queue');
  await send('plain');
  await send('with attributes: Zoë 🦊', {
    MessageAttributes: {
      RULE_ARN: { DataType: 'String', StringValue: 'arn:aws:events:us-east-1:000000000000:rule/blog/x' },
      RETRY_ATTEMPTS: { DataType: 'Number', StringValue: '185' },
      label: { DataType: 'Number.int', StringValue: '1' },
      bytes: { DataType: 'Binary', BinaryValue: new Uint8Array([0, 1, 255]) },
    },
  });
  await send('delayed', { DelaySeconds: 900 });
  await attributes('two visible, one delayed');
  await receive('first, visible again at once', { VisibilityTimeout: 0 });
  const { Messages: [first] = [] } = await receive('first again, all there is', {
    MessageSystemAttributeNames: [
      'ApproximateReceiveCount',
      'SentTimestamp',
      'ApproximateFirstReceiveTimestamp',
    ],
  });
  await receive('second, some attributes', { MessageAttributeNames: ['label'], VisibilityTimeout: 0 });
  await receive('second again, a prefix', {
    MessageAttributeNames: ['RETRY_ATTEMPTS', 'RULE.*'],
    VisibilityTimeout: 0,
  });
  await receive('second again, all attributes', { MessageAttributeNames: ['All'], MaxNumberOfMessages: 10 });
  await receive('nothing is left', { WaitTimeSeconds: 0 });
  await attributes('two in flight');
  await record.call('DeleteMessage', sqs.deleteMessage({ QueueUrl, ReceiptHandle: first?.ReceiptHandle }));
  await record.call(
    'DeleteMessage: again',
    sqs.deleteMessage({ QueueUrl, ReceiptHandle: first?.ReceiptHandle }),
  );
  await record.call('DeleteMessage: no handle', sqs.deleteMessage({ QueueUrl, ReceiptHandle: 'x' }));
  await attributes('one deleted');

  await send('empty', { MessageBody: '' });
  await send('too large', { MessageBody: 'x'.repeat(1_048_577) });
  await send('character that is not allowed', { MessageBody: '\u0000' });
  await send('delayed too long', { DelaySeconds: 901 });
  await send('attribute without type', { MessageAttributes: { a: { DataType: '', StringValue: 'x' } } });
  await send('attribute of an unknown type', {
    MessageAttributes: { a: { DataType: 'Text', StringValue: 'x' } },
  });
  await send('attribute without value', {
    MessageAttributes: { a: { DataType: 'String', StringValue: '' } },
  });
  await send('no such queue', { QueueUrl: nothing });
  await receive('no such queue', { QueueUrl: nothing });
  await receive('11 messages', { MaxNumberOfMessages: 11 });
  await receive('no messages', { MaxNumberOfMessages: 0 });
  await receive('waiting too long', { WaitTimeSeconds: 21 });
  await receive('hidden too long', { VisibilityTimeout: 43_201 });
  await record.call(
    'DeleteMessage: no such queue',
    sqs.deleteMessage({ QueueUrl: nothing, ReceiptHandle: 'x' }),
  );
}

async function callForBatches(queue: Queue): Promise<void> {
  const { sqs, QueueUrl, record } = queue;
  const { attributes, send, receive } = callsOf(queue);
  await record.call('PurgeQueue', sqs.purgeQueue({ QueueUrl }));
  await attributes('purged');
  const entries = ['a', 'b'].map((Id) => ({ Id, MessageBody: Id }));
  const sendBatch = (name: string, Entries: { Id: string; MessageBody: string; DelaySeconds?: number }[]) =>
    record.call(`SendMessageBatch: ${name}`, sqs.sendMessageBatch({ QueueUrl, Entries }));
  await sendBatch('two', entries);
  await sendBatch('nothing', []);
  await sendBatch('an id twice', [...entries, ...entries]);
  await sendBatch(
    '11',
    Array.from({ length: 11 }, (_, id) => ({ Id: `${id}`, MessageBody: 'x' })),
  );
  const { Messages: batch = [] } = await receive('two', { MaxNumberOfMessages: 10 });
  const handles = batch.map(({ ReceiptHandle }, id) => ({ Id: `${id}`, ReceiptHandle }));
  const change = (name: string, ReceiptHandle: string | undefined, VisibilityTimeout: number) =>
    record.call(
      `ChangeMessageVisibility: ${name}`,
      sqs.changeMessageVisibility({ QueueUrl, ReceiptHandle, VisibilityTimeout }),
    );
  await change('visible at once', handles[0]?.ReceiptHandle, 0);
  await change('too long', handles[1]?.ReceiptHandle, 43_201);
  await change('no handle', 'x', 0);
  await attributes('one visible, one in flight');
  await change('of a visible message', handles[0]?.ReceiptHandle, 0);
  const all = handles.map((handle) => ({ ...handle, VisibilityTimeout: 10 }));
  await record.call(
    'ChangeMessageVisibilityBatch: no handle',
    sqs.changeMessageVisibilityBatch({
      QueueUrl,
      Entries: [...all.slice(1), { Id: 'x', ReceiptHandle: 'x', VisibilityTimeout: 0 }],
    }),
  );
  await record.call('DeleteMessageBatch', sqs.deleteMessageBatch({ QueueUrl, Entries: handles.slice(1) }));
  await attributes('one deleted of a batch');

  const redriven = QueueUrl.replace('work', 'redriven');
  await send('redriven', { QueueUrl: redriven });
  await receive('redriven, visible again at once', { QueueUrl: redriven, VisibilityTimeout: 0 });
  await receive('redriven, moved', { QueueUrl: redriven });
  await receive('dead', {
    QueueUrl: QueueUrl.replace('work', 'dead'),
    MessageSystemAttributeNames: ['ApproximateReceiveCount', 'DeadLetterQueueSourceArn'],
  });
  await record.call('ListQueues', sqs.listQueues({ QueueNamePrefix: 'wor' }));
  await record.call('ListQueues: prefix without a match', sqs.listQueues({ QueueNamePrefix: 'no' }));
}
