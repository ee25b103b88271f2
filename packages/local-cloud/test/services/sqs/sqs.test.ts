import { createHash } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import { join } from 'node:path';
import {
  ChangeMessageVisibilityBatchCommand,
  ChangeMessageVisibilityCommand,
  DeleteMessageBatchCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  ListQueuesCommand,
  PurgeQueueCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { AwsError } from '../../../src/core/service.ts';
import { QueueResource } from '../../../src/services/sqs/queue-resource.ts';
import { Sqs } from '../../../src/services/sqs/sqs.ts';
import { ManualClock } from '../../fixtures/manual-clock.ts';
import { temporaryFolder } from '../../fixtures/temporary-folder.ts';

const clock = new ManualClock();
const root = temporaryFolder();
const resource = {
  logicalId: 'Failures',
  constructPath: 'Blog/Failures',
  name: 'failures',
  arn: 'arn:aws:sqs:us-east-1:123456789012:failures',
  properties: QueueResource.properties.parse({}),
};
const open = () => Sqs.open({ resources: [resource], folder, awsUrl: endpoint, clock });

let folder: string;
let runs = 0;
let endpoint: string;
let server: Server;
let sqs: Sqs;
let client: SQSClient;
let QueueUrl: string;

beforeAll(async () => {
  server = createServer(async (request, response) => {
    const chunks = await request.toArray();
    const operation = String(request.headers['x-amz-target']).replace('AmazonSQS.', '');
    try {
      response.end(JSON.stringify(await sqs.call(operation, JSON.parse(chunks.join('')))));
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      response.statusCode = error.status;
      response.end(JSON.stringify({ __type: error.code, message: error.message }));
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  endpoint = typeof address === 'object' && address ? `http://127.0.0.1:${address.port}` : '';
  client = new SQSClient({ endpoint });
  QueueUrl = `${endpoint}/123456789012/failures`;
});

beforeEach(async () => {
  folder = join(root, String(runs++));
  sqs = await open();
});

afterAll(() => {
  client.destroy();
  server.close();
});

const receive = async (parameters: Partial<ReceiveMessageCommand['input']> = {}) =>
  (await client.send(new ReceiveMessageCommand({ QueueUrl, ...parameters }))).Messages ?? [];
const bodies = async (parameters?: Partial<ReceiveMessageCommand['input']>) =>
  (await receive(parameters)).map(({ Body }) => Body);
const send = (MessageBody: string, parameters: Partial<SendMessageCommand['input']> = {}) =>
  client.send(new SendMessageCommand({ QueueUrl, MessageBody, ...parameters }));

describe('a message', () => {
  test('arrives with its attributes and digests, which the SDK checks', async () => {
    const MessageAttributes = {
      RULE_ARN: { DataType: 'String', StringValue: 'arn:ünïcode' },
      'retry.count': { DataType: 'Number.int', StringValue: '3' },
      'retry.raw': { DataType: 'Binary', BinaryValue: new Uint8Array([0, 255, 7]) },
    };
    const sent = await send('Joe 😀 "Spain"\n', { MessageAttributes });
    const [received] = await receive({
      MessageAttributeNames: ['All'],
      MessageSystemAttributeNames: ['All'],
    });
    expect(received).toMatchObject({
      MessageId: sent.MessageId,
      Body: 'Joe 😀 "Spain"\n',
      MD5OfMessageAttributes: sent.MD5OfMessageAttributes,
      MessageAttributes,
      Attributes: { ApproximateReceiveCount: '1', SentTimestamp: String(clock.now()) },
    });
  });

  test('has the digest of its attributes that AWS documents', async () => {
    // Independently of the implementation: name, type, transport type 1 and value, each but the third with its length.
    const bytes = Buffer.from('\0\0\0\x01a\0\0\0\x06String\x01\0\0\0\x01b');
    const sent = await send('x', { MessageAttributes: { a: { DataType: 'String', StringValue: 'b' } } });
    expect(sent.MD5OfMessageAttributes).toBe(createHash('md5').update(bytes).digest('hex'));
  });

  test('shows the attributes that are asked for, by name or prefix', async () => {
    const value = { DataType: 'String', StringValue: 'x' };
    await send('x', { MessageAttributes: { 'retry.count': value, 'retry.raw': value, other: value } });
    const names = async (MessageAttributeNames: string[]) => {
      const [message] = await receive({ MessageAttributeNames, VisibilityTimeout: 0 });
      return Object.keys(message?.MessageAttributes ?? {});
    };
    expect(await names([])).toEqual([]);
    expect(await names(['other'])).toEqual(['other']);
    expect(await names(['retry.*'])).toEqual(['retry.count', 'retry.raw']);
  });

  test('is hidden while it is being worked on, and comes again until it is deleted', async () => {
    await send('work');
    const [first] = await receive({ MessageSystemAttributeNames: ['ApproximateReceiveCount'] });
    expect(first?.Attributes).toEqual({ ApproximateReceiveCount: '1' });
    clock.advance(29_999);
    expect(await receive()).toEqual([]);
    clock.advance(1);
    const [second] = await receive({ AttributeNames: ['All'] });
    expect(second?.Attributes).toMatchObject({
      ApproximateReceiveCount: '2',
      ApproximateFirstReceiveTimestamp: String(clock.now() - 30_000),
    });
    // A handle of an earlier receipt deletes nothing.
    await client.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: first?.ReceiptHandle }));
    clock.advance(30_000);
    const [third] = await receive();
    await client.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: third?.ReceiptHandle }));
    clock.advance(60_000);
    expect(await receive()).toEqual([]);
  });

  test('waits out its delay, and is gone when the queue has kept it long enough', async () => {
    await send('late', { DelaySeconds: 60 });
    expect(await receive()).toEqual([]);
    clock.advance(60_000);
    expect(await bodies({ VisibilityTimeout: 0 })).toEqual(['late']);
    clock.advance(4 * 24 * 3600_000 - 60_000);
    expect(await receive()).toEqual([]);
  });

  test('outlives a restart, received or not', async () => {
    await send('one');
    await send('two');
    expect(await bodies()).toEqual(['one']);
    sqs = await open();
    expect(sqs.queues[0]?.messages.map(({ body }) => body)).toEqual(['one', 'two']);
    expect(await bodies({ MaxNumberOfMessages: 10 })).toEqual(['two']);
    clock.advance(30_000);
    expect(await bodies({ MaxNumberOfMessages: 10 })).toEqual(['one', 'two']);
  });
});

describe('the visibility of a message', () => {
  const change = (ReceiptHandle: string | undefined, VisibilityTimeout: number) =>
    client.send(new ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle, VisibilityTimeout }));

  test('is put off, or given back, by whoever received it last', async () => {
    await send('work');
    const [first] = await receive();
    clock.advance(20_000);
    await change(first?.ReceiptHandle, 60);
    clock.advance(59_999);
    expect(await receive()).toEqual([]);
    await change(first?.ReceiptHandle, 0);
    const [second] = await receive();
    expect(second?.Body).toBe('work');
    await expect(change(first?.ReceiptHandle, 60)).rejects.toMatchObject({ name: 'MessageNotInflight' });
    clock.advance(30_000);
    await expect(change(second?.ReceiptHandle, 60)).rejects.toMatchObject({ name: 'MessageNotInflight' });
    await expect(change('?', 60)).rejects.toMatchObject({ name: 'ReceiptHandleIsInvalid' });
    await expect(change(second?.ReceiptHandle, 43_201)).rejects.toMatchObject({
      name: 'InvalidParameterValue',
    });
  });
});

describe('a batch', () => {
  test('sends, hides and deletes, each entry on its own', async () => {
    const sent = await client.send(
      new SendMessageBatchCommand({
        QueueUrl,
        Entries: [
          { Id: 'a', MessageBody: 'one' },
          { Id: 'b', MessageBody: '\uFFFF' },
          { Id: 'c', MessageBody: 'two', DelaySeconds: 60 },
        ],
      }),
    );
    expect(sent.Successful?.map(({ Id }) => Id)).toEqual(['a', 'c']);
    expect(sent.Failed).toEqual([
      {
        Id: 'b',
        SenderFault: true,
        Code: 'InvalidMessageContents',
        Message: 'The message contains characters outside the allowed set.',
      },
    ]);
    const [one] = await receive();
    const Entries = [{ Id: 'a', ReceiptHandle: one?.ReceiptHandle, VisibilityTimeout: 3600 }];
    await client.send(new ChangeMessageVisibilityBatchCommand({ QueueUrl, Entries }));
    clock.advance(60_000);
    expect(await bodies({ MaxNumberOfMessages: 10 })).toEqual(['two']);
    const deleted = await client.send(
      new DeleteMessageBatchCommand({
        QueueUrl,
        Entries: [
          { Id: 'a', ReceiptHandle: one?.ReceiptHandle },
          { Id: 'b', ReceiptHandle: '?' },
        ],
      }),
    );
    expect(deleted).toMatchObject({
      Successful: [{ Id: 'a' }],
      Failed: [{ Code: 'ReceiptHandleIsInvalid' }],
    });
    expect(sqs.queues[0]?.messages.map(({ body }) => body)).toEqual(['two']);
  });

  const entry = (Id: number) => ({ Id: String(Id), MessageBody: 'x' });
  test.each([
    ['EmptyBatchRequest', []],
    ['TooManyEntriesInBatchRequest', Array.from({ length: 11 }, (_, index) => entry(index))],
    ['BatchEntryIdsNotDistinct', [entry(1), entry(1)]],
  ])('is refused whole with %s', async (name, Entries) => {
    await expect(client.send(new SendMessageBatchCommand({ QueueUrl, Entries }))).rejects.toMatchObject({
      name,
    });
    expect(sqs.queues[0]?.messages).toEqual([]);
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

  test('moves what has been received too often, at its next receipt, and its age goes on', async () => {
    sqs = await Sqs.open({ resources, folder, awsUrl: endpoint, clock });
    const { MessageId } = await send('poison', {
      MessageAttributes: { a: { DataType: 'String', StringValue: 'x' } },
    });
    for (let count = 1; count <= 2; count++) {
      expect(await bodies()).toEqual(['poison']);
      clock.advance(30_000);
    }
    const polled = sqs.call('ReceiveMessage', {
      QueueUrl: 'dead',
      MessageAttributeNames: ['All'],
      MessageSystemAttributeNames: ['All'],
      WaitTimeSeconds: 20,
    });
    while (clock.pending < 1) await new Promise(setImmediate);
    expect(await bodies()).toEqual([]);
    expect(await polled).toMatchObject({
      Messages: [
        {
          MessageId,
          Body: 'poison',
          MessageAttributes: { a: { StringValue: 'x' } },
          Attributes: { DeadLetterQueueSourceArn: resource.arn, SentTimestamp: String(clock.now() - 60_000) },
        },
      ],
    });
    sqs = await Sqs.open({ resources, folder, awsUrl: endpoint, clock });
    expect(sqs.queues.map(({ messages }) => messages.length)).toEqual([0, 1]);
    clock.advance(86_400_000 - 60_000 - 1);
    await sqs.call('SendMessage', { QueueUrl: 'dead', MessageBody: 'later' });
    expect(sqs.queues[1]?.messages).toHaveLength(2);
    clock.advance(1);
    expect(sqs.queues[1]?.messages.map(({ body }) => body)).toEqual(['later']);
  });

  test('is an attribute of the queue', async () => {
    sqs = await Sqs.open({ resources, folder, awsUrl: endpoint, clock });
    const { Attributes } = await client.send(
      new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['RedrivePolicy'] }),
    );
    expect(JSON.parse(Attributes?.RedrivePolicy ?? '')).toEqual(RedrivePolicy);
  });

  test('to a queue that is not there stops the start', async () => {
    const alone = resources.slice(0, 1);
    await expect(Sqs.open({ resources: alone, folder, awsUrl: endpoint, clock })).rejects.toThrow(
      `Failures: RedrivePolicy: there is no queue ${dead.arn}.`,
    );
  });
});

describe('long polling', () => {
  const polling = async (count: number) => {
    while (clock.pending < count) await new Promise(setImmediate);
  };

  test('answers when a message is sent', async () => {
    const polled = bodies({ WaitTimeSeconds: 20 });
    await polling(1);
    await send('now');
    expect(await polled).toEqual(['now']);
    expect(clock.pending).toBe(0);
  });

  test('answers when a message becomes visible', async () => {
    await send('later', { DelaySeconds: 5 });
    const polled = bodies({ WaitTimeSeconds: 20 });
    await polling(1);
    clock.advance(5_000);
    expect(await polled).toEqual(['later']);
  });

  test('answers with nothing when its time is over', async () => {
    const polled = receive({ WaitTimeSeconds: 20 });
    await polling(1);
    clock.advance(20_000);
    expect(await polled).toEqual([]);
  });

  test('gives one message to one of two who wait', async () => {
    const polled = [bodies({ WaitTimeSeconds: 20 }), bodies({ WaitTimeSeconds: 20 })];
    await polling(2);
    await send('once');
    await Promise.race(polled);
    clock.advance(20_000);
    expect((await Promise.all(polled)).flat()).toEqual(['once']);
  });
});

describe('a queue', () => {
  test('is found by its name and by any URL or ARN that ends in it', async () => {
    expect((await client.send(new GetQueueUrlCommand({ QueueName: 'failures' }))).QueueUrl).toBe(QueueUrl);
    expect((await client.send(new ListQueuesCommand({}))).QueueUrls).toEqual([QueueUrl]);
    expect((await client.send(new ListQueuesCommand({ QueueNamePrefix: 'x' }))).QueueUrls).toBeUndefined();
    for (const reference of [resource.arn, QueueResource.ref(resource), 'http://localhost:1/1/failures']) {
      await sqs.call('SendMessage', { QueueUrl: reference, MessageBody: reference });
    }
    expect(sqs.queues[0]?.messages).toHaveLength(3);
    await expect(sqs.call('SendMessage', { QueueUrl: 'nobody', MessageBody: 'x' })).rejects.toMatchObject({
      code: 'QueueDoesNotExist',
    });
  });

  test('is purged, once a minute', async () => {
    await send('one');
    await receive();
    await send('two');
    await client.send(new PurgeQueueCommand({ QueueUrl }));
    expect(sqs.queues[0]?.messages).toEqual([]);
    const again = () => client.send(new PurgeQueueCommand({ QueueUrl }));
    await expect(again()).rejects.toMatchObject({ name: 'PurgeQueueInProgress' });
    clock.advance(60_000);
    await again();
  });

  test('counts what is in it', async () => {
    await send('delayed', { DelaySeconds: 900 });
    await send('received');
    await send('waiting');
    await receive();
    const AttributeNames = ['All' as const];
    expect(
      (await client.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames }))).Attributes,
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
  ])(
    'refuses %s with a parameter out of bounds',
    async (operation, input, code = 'InvalidParameterValue') => {
      await expect(sqs.call(operation, { QueueUrl: 'failures', ...input })).rejects.toMatchObject({ code });
      expect(sqs.queues[0]?.messages).toEqual([]);
    },
  );

  test('of a kind that is not supported is refused', () => {
    expect(QueueResource.properties.safeParse({ FifoQueue: true }).success).toBe(false);
    expect(
      QueueResource.properties.safeParse({ MessageRetentionPeriod: 60, SqsManagedSseEnabled: true }).success,
    ).toBe(true);
  });

  test.each(['CreateQueue', 'constructor'])('knows no operation %s', async (operation) => {
    await expect(sqs.call(operation, {})).rejects.toMatchObject({ code: 'InvalidAction' });
  });
});
