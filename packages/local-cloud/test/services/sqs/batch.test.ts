import {
  ChangeMessageVisibilityBatchCommand,
  DeleteMessageBatchCommand,
  SendMessageBatchCommand,
} from '@aws-sdk/client-sqs';
import { temporaryFolder } from '../../fixtures/temporary-folder.ts';
import { ServedSqs } from './served-sqs.ts';

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
  test.each([
    ['EmptyBatchRequest', []],
    ['TooManyEntriesInBatchRequest', Array.from({ length: 11 }, (_, index) => entry(index))],
    ['BatchEntryIdsNotDistinct', [entry(1), entry(1)]],
  ])('is refused whole with %s', async (name, Entries) => {
    await expect(
      local.client.send(new SendMessageBatchCommand({ QueueUrl: local.queueUrl, Entries })),
    ).rejects.toMatchObject({
      name,
    });
    expect(local.sqs.queues[0]?.messages).toEqual([]);
  });
});
