import { ChangeMessageVisibilityCommand, GetQueueAttributesCommand } from '@aws-sdk/client-sqs';
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

describe('the visibility of a message', () => {
  const change = (ReceiptHandle: string | undefined, VisibilityTimeout: number) =>
    local.client.send(
      new ChangeMessageVisibilityCommand({ QueueUrl: local.queueUrl, ReceiptHandle, VisibilityTimeout }),
    );

  test('can be extended or ended by the last receiver only', async () => {
    await local.send('work');
    const [first] = await local.receive();
    local.clock.advance(20_000);
    await change(first?.ReceiptHandle, 60);
    local.clock.advance(59_999);
    expect(await local.receive()).toEqual([]);
    await change(first?.ReceiptHandle, 0);
    const [second] = await local.receive();
    expect(second?.Body).toBe('work');
    const gone = {
      name: 'InvalidParameterValue',
      message: `Value ${first?.ReceiptHandle} for parameter ReceiptHandle is invalid. Reason: Message does not exist or is not available for visibility timeout change.`,
    };
    await expect(change(first?.ReceiptHandle, 60)).rejects.toMatchObject(gone);
    await expect(change('garbage', 60)).rejects.toMatchObject({
      name: 'ReceiptHandleIsInvalid',
      message: 'The input receipt handle "garbage" is not a valid receipt handle.',
    });
    await expect(change(second?.ReceiptHandle, 43_201)).rejects.toMatchObject({
      name: 'InvalidParameterValue',
      message:
        'Value 43201 for parameter VisibilityTimeout is invalid. Reason: Must be between 0 and 43200, if provided.',
    });
  });

  test('can be extended by the last receiver although it has ended', async () => {
    await local.send('work');
    const [received] = await local.receive();
    local.clock.advance(30_000);
    await change(received?.ReceiptHandle, 60);
    expect(await local.receive()).toEqual([]);
  });
});

describe('redrive', () => {
  const dead = { ...resource, name: 'dead', arn: 'arn:aws:sqs:us-east-1:123456789012:dead' };
  const RedrivePolicy = { deadLetterTargetArn: dead.arn, maxReceiveCount: 2 };
  const resources = [
    {
      ...resource,
      properties: QueueResource.properties.parse({ RedrivePolicy, MessageRetentionPeriod: 1e6 }),
    },
    { ...dead, properties: QueueResource.properties.parse({ MessageRetentionPeriod: 86_400 }) },
  ];

  test('moves a message that was received too often at its next receipt, and keeps its age', async () => {
    await local.open(resources);
    const { MessageId } = await local.send('poison', {
      MessageAttributes: { a: { DataType: 'String', StringValue: 'x' } },
    });
    for (let count = 1; count <= 2; count++) {
      expect(await local.bodies()).toEqual(['poison']);
      local.clock.advance(30_000);
    }
    const polled = local.sqs.call('ReceiveMessage', {
      QueueUrl: 'dead',
      MessageAttributeNames: ['All'],
      MessageSystemAttributeNames: ['All'],
      WaitTimeSeconds: 20,
    });
    while (local.clock.pending < 1) await new Promise(setImmediate);
    expect(await local.bodies()).toEqual([]);
    expect(await polled).toMatchObject({
      Messages: [
        {
          MessageId,
          Body: 'poison',
          MessageAttributes: { a: { StringValue: 'x' } },
          Attributes: {
            DeadLetterQueueSourceArn: resource.arn,
            SentTimestamp: String(local.clock.now() - 60_000),
          },
        },
      ],
    });
    await local.open(resources);
    expect(local.sqs.queues.map(({ messages }) => messages.length)).toEqual([0, 1]);
    local.clock.advance(86_400_000 - 60_000 - 1);
    await local.sqs.call('SendMessage', { QueueUrl: 'dead', MessageBody: 'later' });
    expect(local.sqs.queues[1]?.messages).toHaveLength(2);
    local.clock.advance(1);
    expect(local.sqs.queues[1]?.messages.map(({ body }) => body)).toEqual(['later']);
  });

  test('is an attribute of the queue', async () => {
    await local.open(resources);
    const { Attributes } = await local.client.send(
      new GetQueueAttributesCommand({ QueueUrl: local.queueUrl, AttributeNames: ['RedrivePolicy'] }),
    );
    expect(JSON.parse(Attributes?.RedrivePolicy ?? '')).toEqual(RedrivePolicy);
  });

  test('to an unknown queue prevents the start', async () => {
    const alone = resources.slice(0, 1);
    await expect(local.open(alone)).rejects.toThrow(
      `Failures: RedrivePolicy: there is no queue ${dead.arn}.`,
    );
  });
});

describe('long polling', () => {
  const polling = async (count: number) => {
    while (local.clock.pending < count) await new Promise(setImmediate);
  };

  test('returns when a message is sent', async () => {
    const polled = local.bodies({ WaitTimeSeconds: 20 });
    await polling(1);
    await local.send('now');
    expect(await polled).toEqual(['now']);
    expect(local.clock.pending).toBe(0);
  });

  test('returns when a message becomes visible', async () => {
    await local.send('later', { DelaySeconds: 5 });
    const polled = local.bodies({ WaitTimeSeconds: 20 });
    await polling(1);
    local.clock.advance(5_000);
    expect(await polled).toEqual(['later']);
  });

  test('returns nothing when its time is over', async () => {
    const polled = local.receive({ WaitTimeSeconds: 20 });
    await polling(1);
    local.clock.advance(20_000);
    expect(await polled).toEqual([]);
  });

  test('gives one message to one of two waiting receivers', async () => {
    const polled = [local.bodies({ WaitTimeSeconds: 20 }), local.bodies({ WaitTimeSeconds: 20 })];
    await polling(2);
    await local.send('once');
    await Promise.race(polled);
    local.clock.advance(20_000);
    expect((await Promise.all(polled)).flat()).toEqual(['once']);
  });
});
