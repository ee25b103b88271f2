import {
  ChangeMessageVisibilityBatchCommand,
  DeleteMessageBatchCommand,
  SendMessageBatchCommand,
} from '@aws-sdk/client-sqs';
import { temporaryFolder } from '../../fixtures/temporary-folder.ts';
import { resource, ServedSqs } from './served-sqs.ts';

const root = temporaryFolder();
let local: ServedSqs;
beforeAll(async () => {
  local = await ServedSqs.listen(root);
});
beforeEach(() => local.openEmpty());
afterAll(() => local.close());

describe('a batch', () => {
  test('sends, hides and deletes, each entry on its own', async () => {
    const sent = await local.client.send(
      new SendMessageBatchCommand({
        QueueUrl: local.queueUrl,
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
    const [one] = await local.receive();
    const Entries = [{ Id: 'a', ReceiptHandle: one?.ReceiptHandle, VisibilityTimeout: 3600 }];
    await local.client.send(new ChangeMessageVisibilityBatchCommand({ QueueUrl: local.queueUrl, Entries }));
    local.clock.advance(60_000);
    expect(await local.bodies({ MaxNumberOfMessages: 10 })).toEqual(['two']);
    const deleted = await local.client.send(
      new DeleteMessageBatchCommand({
        QueueUrl: local.queueUrl,
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
    expect(local.sqs.queues[0]?.messages.map(({ body }) => body)).toEqual(['two']);
  });

  const entry = (Id: number) => ({ Id: String(Id), MessageBody: 'x' });
  const invalidId =
    'A batch entry id can only contain alphanumeric characters, hyphens and underscores. It can be at most 80 letters long.';
  test.each([
    ['EmptyBatchRequest', 'There should be at least one SendMessageBatchRequestEntry in the request.', []],
    [
      'TooManyEntriesInBatchRequest',
      'Maximum number of entries per request are 10. You have sent 11.',
      Array.from({ length: 11 }, (_, index) => entry(index)),
    ],
    ['BatchEntryIdsNotDistinct', 'Id 1 repeated.', [entry(1), entry(2), entry(1)]],
    ...['', 'a b', 'invalid:id', 'é', 'a'.repeat(81)].map(
      (Id) => ['InvalidBatchEntryId', invalidId, [{ Id, MessageBody: 'x' }]] as const,
    ),
    [
      'BatchRequestTooLong',
      'Batch requests cannot be longer than 1048576 bytes. You have sent 1048577 bytes.',
      [
        {
          Id: 'a',
          MessageBody: 'x'.repeat(1_048_576 - 10),
          MessageAttributes: { k: { DataType: 'String', StringValue: 'v' } },
        },
        { Id: 'b', MessageBody: 'xxx' },
      ],
    ],
  ])('is refused whole with %s: %s', async (name, message, Entries) => {
    await expect(
      local.client.send(new SendMessageBatchCommand({ QueueUrl: local.queueUrl, Entries: [...Entries] })),
    ).rejects.toMatchObject({
      name,
      message,
    });
    expect(local.sqs.queues[0]?.messages).toEqual([]);
  });

  test('reports what is wrong with an entry in the words of SQS', async () => {
    await local.open([{ ...resource, properties: { ...resource.properties, MaximumMessageSize: 1024 } }]);
    const { Failed } = await local.client.send(
      new SendMessageBatchCommand({
        QueueUrl: local.queueUrl,
        Entries: [
          { Id: 'long', MessageBody: 'x'.repeat(1025) },
          { Id: 'empty', MessageBody: '' },
        ],
      }),
    );
    expect(Failed).toEqual([
      {
        Id: 'long',
        SenderFault: true,
        Code: 'InvalidParameterValue',
        Message:
          'One or more parameters cannot be validated. Reason: Message must be shorter than 1024 bytes.',
      },
      {
        Id: 'empty',
        SenderFault: true,
        Code: 'MissingParameter',
        Message: 'The request must contain the parameter MessageBody.',
      },
    ]);
  });
});
