import { createHash } from 'node:crypto';
import { DeleteMessageCommand } from '@aws-sdk/client-sqs';
import { temporaryFolder } from '../../fixtures/temporary-folder.ts';
import { ServedSqs } from './served-sqs.ts';

const root = temporaryFolder();
let local: ServedSqs;
beforeAll(async () => {
  local = await ServedSqs.listen(root);
});
beforeEach(() => local.openEmpty());
afterAll(() => local.close());

describe('a message', () => {
  test('arrives with its attributes and digests, which the SDK checks', async () => {
    const MessageAttributes = {
      RULE_ARN: { DataType: 'String', StringValue: 'arn:ünïcode' },
      'retry.count': { DataType: 'Number.int', StringValue: '3' },
      'retry.raw': { DataType: 'Binary', BinaryValue: new Uint8Array([0, 255, 7]) },
    };
    const sent = await local.send('Joe 😀 "Spain"\n', { MessageAttributes });
    const [received] = await local.receive({
      MessageAttributeNames: ['All'],
      MessageSystemAttributeNames: ['All'],
    });
    expect(received).toMatchObject({
      MessageId: sent.MessageId,
      Body: 'Joe 😀 "Spain"\n',
      MD5OfMessageAttributes: sent.MD5OfMessageAttributes,
      MessageAttributes,
      Attributes: { ApproximateReceiveCount: '1', SentTimestamp: String(local.clock.now()) },
    });
  });

  test('has the digest of its attributes that AWS documents', async () => {
    // Independently of the implementation: name, type, transport type 1 and value, each but the third with its length.
    const bytes = Buffer.from('\0\0\0\x01a\0\0\0\x06String\x01\0\0\0\x01b');
    const sent = await local.send('x', {
      MessageAttributes: { a: { DataType: 'String', StringValue: 'b' } },
    });
    expect(sent.MD5OfMessageAttributes).toBe(createHash('md5').update(bytes).digest('hex'));
  });

  test('has the requested attributes, by name or prefix', async () => {
    const value = { DataType: 'String', StringValue: 'x' };
    await local.send('x', { MessageAttributes: { 'retry.count': value, 'retry.raw': value, other: value } });
    const names = async (MessageAttributeNames: string[]) => {
      const [message] = await local.receive({ MessageAttributeNames, VisibilityTimeout: 0 });
      return Object.keys(message?.MessageAttributes ?? {});
    };
    expect(await names([])).toEqual([]);
    expect(await names(['other'])).toEqual(['other']);
    expect(await names(['retry.*'])).toEqual(['retry.count', 'retry.raw']);
    expect(await names(['*'])).toEqual(['other', 'retry.count', 'retry.raw']);
    expect(await names(['.*'])).toEqual(['other', 'retry.count', 'retry.raw']);
    expect(await names(['AWS.', '..foo'])).toEqual([]);
  });

  test('has the group that it was sent with', async () => {
    await local.send('x', { MessageGroupId: 'test' });
    const [received] = await local.receive({ MessageSystemAttributeNames: ['MessageGroupId'] });
    expect(received?.Attributes).toEqual({ MessageGroupId: 'test' });
  });

  test('is hidden while it is processed, and is received again until it is deleted', async () => {
    await local.send('work');
    const [first] = await local.receive({ MessageSystemAttributeNames: ['ApproximateReceiveCount'] });
    expect(first?.Attributes).toEqual({ ApproximateReceiveCount: '1' });
    local.clock.advance(29_999);
    expect(await local.receive()).toEqual([]);
    local.clock.advance(1);
    const [second] = await local.receive({ AttributeNames: ['All'] });
    expect(second?.Attributes).toMatchObject({
      ApproximateReceiveCount: '2',
      ApproximateFirstReceiveTimestamp: String(local.clock.now() - 30_000),
    });
    // A handle of an earlier receipt deletes nothing.
    await local.client.send(
      new DeleteMessageCommand({ QueueUrl: local.queueUrl, ReceiptHandle: first?.ReceiptHandle }),
    );
    local.clock.advance(30_000);
    const [third] = await local.receive();
    await local.client.send(
      new DeleteMessageCommand({ QueueUrl: local.queueUrl, ReceiptHandle: third?.ReceiptHandle }),
    );
    local.clock.advance(60_000);
    expect(await local.receive()).toEqual([]);
  });

  test('is received after its delay, and removed after the retention period', async () => {
    await local.send('late', { DelaySeconds: 60 });
    expect(await local.receive()).toEqual([]);
    local.clock.advance(60_000);
    expect(await local.bodies({ VisibilityTimeout: 0 })).toEqual(['late']);
    local.clock.advance(4 * 24 * 3600_000 - 60_000);
    expect(await local.receive()).toEqual([]);
  });

  test('survives a restart, received or not', async () => {
    await local.send('one');
    await local.send('two');
    expect(await local.bodies()).toEqual(['one']);
    await local.open();
    expect(local.sqs.queues[0]?.messages.map(({ body }) => body)).toEqual(['one', 'two']);
    expect(await local.bodies({ MaxNumberOfMessages: 10 })).toEqual(['two']);
    local.clock.advance(30_000);
    expect(await local.bodies({ MaxNumberOfMessages: 10 })).toEqual(['one', 'two']);
  });
});
