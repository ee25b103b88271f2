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

  test('is on one of the pages of a list', async () => {
    const named = (name: string) => ({ ...resource, name, arn: resource.arn.replace('failures', name) });
    await local.open([named('a'), named('b'), named('c')]);
    const first = await local.client.send(new ListQueuesCommand({ MaxResults: 2 }));
    expect(first.QueueUrls?.map((url) => url.slice(-1))).toEqual(['a', 'b']);
    const { NextToken } = first;
    const rest = await local.client.send(new ListQueuesCommand({ MaxResults: 2, NextToken }));
    expect(rest.QueueUrls?.map((url) => url.slice(-1))).toEqual(['c']);
    expect(rest.NextToken).toBeUndefined();
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
      SqsManagedSseEnabled: 'true',
      VisibilityTimeout: '30',
    });
  });

  test.each([
    ['SendMessage', {}, 'MissingParameter', 'The request must contain the parameter MessageBody.'],
    [
      'SendMessage',
      { MessageBody: '' },
      'MissingParameter',
      'The request must contain the parameter MessageBody.',
    ],
    [
      'SendMessage',
      { MessageBody: 'x'.repeat(1_048_577) },
      'InvalidParameterValue',
      'One or more parameters are invalid. Reason: Message must be shorter than 1048576 bytes.',
    ],
    [
      'SendMessage',
      { MessageBody: 'x', DelaySeconds: 901 },
      'InvalidParameterValue',
      'Value 901 for parameter DelaySeconds is invalid. Reason: DelaySeconds must be >= 0 and <= 900.',
    ],
    [
      'SendMessage',
      { MessageBody: 'x', MessageGroupId: 'group 123' },
      'InvalidParameterValue',
      'Value group 123 for parameter MessageGroupId is invalid. Reason: MessageGroupId can only include alphanumeric and punctuation characters. 1 to 128 in length.',
    ],
    [
      'SendMessage',
      { MessageBody: 'x', MessageGroupId: '' },
      'InvalidParameterValue',
      'Value  for parameter MessageGroupId is invalid. Reason: MessageGroupId can only include alphanumeric and punctuation characters. 1 to 128 in length.',
    ],
    [
      'SendMessage',
      { MessageBody: 'x', MessageDeduplicationId: 'x' },
      'InvalidParameterValue',
      'Value x for parameter MessageDeduplicationId is invalid. Reason: The request include parameter that is not valid for this queue type.',
    ],
    [
      'SendMessage',
      { MessageBody: '\uFFFF' },
      'InvalidMessageContents',
      'The message contains characters outside the allowed set.',
    ],
    [
      'ReceiveMessage',
      { MaxNumberOfMessages: 11 },
      'InvalidParameterValue',
      'Value 11 for parameter MaxNumberOfMessages is invalid. Reason: Must be between 1 and 10, if provided.',
    ],
    [
      'ReceiveMessage',
      { WaitTimeSeconds: -1 },
      'InvalidParameterValue',
      'Value -1 for parameter WaitTimeSeconds is invalid. Reason: Must be >= 0 and <= 20, if provided.',
    ],
    ['ReceiveMessage', { AttributeNames: ['Size'] }, 'InvalidAttributeName', 'Unknown Attribute Size.'],
    [
      'ReceiveMessage',
      { MessageSystemAttributeNames: ['All', 'Size'] },
      'InvalidAttributeName',
      'Unknown Attribute Size.',
    ],
    [
      'GetQueueAttributes',
      { AttributeNames: ['Foobar'] },
      'InvalidAttributeName',
      'Unknown Attribute Foobar.',
    ],
    [
      'DeleteMessage',
      { ReceiptHandle: 'garbage' },
      'ReceiptHandleIsInvalid',
      'The input receipt handle "garbage" is not a valid receipt handle.',
    ],
  ])('refuses %s %j in the words of SQS', async (operation, input, code, message) => {
    await expect(local.sqs.call(operation, { QueueUrl: 'failures', ...input })).rejects.toMatchObject({
      code,
      message,
    });
    expect(local.sqs.queues[0]?.messages).toEqual([]);
  });

  test('has the error codes of the query protocol too', async () => {
    await expect(local.client.send(new GetQueueUrlCommand({ QueueName: 'nobody' }))).rejects.toMatchObject({
      name: 'QueueDoesNotExist',
      Error: { Code: 'AWS.SimpleQueueService.NonExistentQueue', Type: 'Sender' },
    });
    await expect(local.send('')).rejects.toMatchObject({
      Error: { Code: 'MissingParameter', Type: 'Sender' },
    });
  });

  test('of a kind that is not supported is refused', () => {
    expect(QueueResource.properties.safeParse({ FifoQueue: true }).success).toBe(false);
    expect(
      QueueResource.properties.safeParse({ MessageRetentionPeriod: 60, SqsManagedSseEnabled: true }).success,
    ).toBe(true);
  });

  test.each([
    ['DelaySeconds', 0, 900],
    ['MaximumMessageSize', 1_024, 1_048_576],
    ['MessageRetentionPeriod', 60, 1_209_600],
    ['ReceiveMessageWaitTimeSeconds', 0, 20],
    ['VisibilityTimeout', 0, 43_200],
  ])('has a %s from %i to %i', (name, minimum, maximum) => {
    const accepted = [minimum - 1, minimum, maximum, maximum + 1].map(
      (value) => QueueResource.properties.safeParse({ [name]: value }).success,
    );
    expect(accepted).toEqual([false, true, true, false]);
  });

  test.each(['CreateQueue', 'constructor'])('refuses the operation %s', async (operation) => {
    await expect(local.sqs.call(operation, {})).rejects.toMatchObject({ code: 'InvalidAction' });
  });
});
