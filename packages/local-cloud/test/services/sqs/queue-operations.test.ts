import {
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  ListQueuesCommand,
  PurgeQueueCommand,
} from '@aws-sdk/client-sqs';
import { QueueResource } from '../../../src/services/sqs/queue-resource.ts';
import { temporaryFolder } from '../../fixtures/temporary-folder.ts';
import { resource, ServedSqs } from './served-sqs.ts';

const root = temporaryFolder();
let local: ServedSqs;
beforeAll(async () => {
  local = await ServedSqs.listen(root);
});
beforeEach(() => local.openEmpty());
afterAll(() => local.close());

describe('a queue', () => {
  test('is found by its name and by any URL or ARN that ends in it', async () => {
    expect((await local.client.send(new GetQueueUrlCommand({ QueueName: 'failures' }))).QueueUrl).toBe(
      local.queueUrl,
    );
    expect((await local.client.send(new ListQueuesCommand({}))).QueueUrls).toEqual([local.queueUrl]);
    expect(
      (await local.client.send(new ListQueuesCommand({ QueueNamePrefix: 'x' }))).QueueUrls,
    ).toBeUndefined();
    for (const reference of [resource.arn, QueueResource.ref(resource), 'http://localhost:1/1/failures']) {
      await local.sqs.call('SendMessage', { QueueUrl: reference, MessageBody: reference });
    }
    expect(local.sqs.queues[0]?.messages).toHaveLength(3);
    await expect(
      local.sqs.call('SendMessage', { QueueUrl: 'nobody', MessageBody: 'x' }),
    ).rejects.toMatchObject({
      code: 'QueueDoesNotExist',
    });
  });

  test('is purged, once a minute', async () => {
    await local.send('one');
    await local.receive();
    await local.send('two');
    await local.client.send(new PurgeQueueCommand({ QueueUrl: local.queueUrl }));
    expect(local.sqs.queues[0]?.messages).toEqual([]);
    const again = () => local.client.send(new PurgeQueueCommand({ QueueUrl: local.queueUrl }));
    await expect(again()).rejects.toMatchObject({ name: 'PurgeQueueInProgress' });
    local.clock.advance(60_000);
    await again();
  });

  test('counts its messages', async () => {
    await local.send('delayed', { DelaySeconds: 900 });
    await local.send('received');
    await local.send('waiting');
    await local.receive();
    const AttributeNames = ['All' as const];
    expect(
      (await local.client.send(new GetQueueAttributesCommand({ QueueUrl: local.queueUrl, AttributeNames })))
        .Attributes,
    ).toMatchObject({
      ApproximateNumberOfMessages: '1',
      ApproximateNumberOfMessagesNotVisible: '1',
      ApproximateNumberOfMessagesDelayed: '1',
      QueueArn: resource.arn,
      VisibilityTimeout: '30',
    });
  });

  test.each([
    ['SendMessage', { MessageBody: '' }],
    ['SendMessage', { MessageBody: 'x'.repeat(1_048_577) }],
    ['SendMessage', { MessageBody: 'x', DelaySeconds: 901 }],
    ['SendMessage', { MessageBody: 'x', MessageGroupId: 'x' }],
    ['SendMessage', { MessageBody: 'x', MessageAttributes: { a: { DataType: 'String' } } }],
    ['ReceiveMessage', { MaxNumberOfMessages: 11 }],
    ['ReceiveMessage', { WaitTimeSeconds: 21 }],
    ['SendMessage', { MessageBody: '\uFFFF' }, 'InvalidMessageContents'],
    ['DeleteMessage', { ReceiptHandle: '?' }, 'ReceiptHandleIsInvalid'],
  ])('refuses %s with a parameter out of range', async (operation, input, code = 'InvalidParameterValue') => {
    await expect(local.sqs.call(operation, { QueueUrl: 'failures', ...input })).rejects.toMatchObject({
      code,
    });
    expect(local.sqs.queues[0]?.messages).toEqual([]);
  });

  test('of a kind that is not supported is refused', () => {
    expect(QueueResource.properties.safeParse({ FifoQueue: true }).success).toBe(false);
    expect(
      QueueResource.properties.safeParse({ MessageRetentionPeriod: 60, SqsManagedSseEnabled: true }).success,
    ).toBe(true);
  });

  test.each(['CreateQueue', 'constructor'])('refuses the operation %s', async (operation) => {
    await expect(local.sqs.call(operation, {})).rejects.toMatchObject({ code: 'InvalidAction' });
  });
});
