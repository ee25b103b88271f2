import * as fc from 'fast-check';
import { deadLetterSource } from '../../src/flow/dead-letter-source.ts';

const functionArn = 'arn:aws:lambda:eu-west-1:123456789012:function:ship:live';
const streamArn = 'arn:aws:dynamodb:eu-west-1:123456789012:table/Orders/stream/1';

function attributes(texts: Record<string, string>) {
  return Object.fromEntries(
    Object.entries(texts).map(([name, StringValue]) => [name, { DataType: 'String', StringValue }]),
  );
}

function source(body: unknown, texts: Record<string, string> = {}, deadLetterFunction?: string) {
  return deadLetterSource({ body: JSON.stringify(body), attributes: attributes(texts) }, deadLetterFunction);
}

it('reads an event that a rule could not deliver', () => {
  const texts = {
    RULE_ARN: 'rule',
    TARGET_ARN: 'target',
    ERROR_CODE: 'NO_PERMISSIONS',
    ERROR_MESSAGE: 'no\nmore',
  };
  expect(source({ id: '1' }, texts)).toEqual({
    kind: 'delivery',
    cause: 'NO_PERMISSIONS: no',
    ruleArn: 'rule',
    targetArn: 'target',
    event: { id: '1' },
  });
});

it('reads the record of a failed invocation, with the error of the function if it ran', () => {
  const requestContext = { functionArn, condition: 'RetriesExhausted' };
  const responsePayload = { errorType: 'Error', errorMessage: 'broken\n  at line 1', trace: [] };
  const read = { kind: 'invocation', functionArn, payload: { a: 1 } };
  expect(source({ requestContext, requestPayload: { a: 1 }, responsePayload })).toEqual({
    ...read,
    cause: 'Error: broken',
  });
  expect(source({ requestContext, requestPayload: { a: 1 } })).toEqual({
    ...read,
    cause: 'RetriesExhausted',
  });
});

it('reads an event in the dead-letter queue of one function', () => {
  const texts = { RequestID: '1', ErrorCode: '200', ErrorMessage: 'broken' };
  const read = { kind: 'invocation', cause: 'broken', functionArn, payload: { a: 1 } };
  expect(source({ a: 1 }, texts, functionArn)).toEqual(read);
  expect(source({ a: 1 }, texts)).toMatchObject({ kind: 'unknown' });
});

it('reads a batch of a stream', () => {
  const batch = { streamArn, startSequenceNumber: '3', endSequenceNumber: '5' };
  const requestContext = { functionArn, condition: 'RetryAttemptsExhausted' };
  expect(source({ requestContext, DDBStreamBatchInfo: batch })).toEqual({
    kind: 'batch',
    cause: 'RetryAttemptsExhausted',
    functionArn,
    streamArn,
    first: '3',
    last: '5',
  });
  expect(source({ requestContext, DDBStreamBatchInfo: { ...batch, streamArn: 'x' } })).toMatchObject({
    kind: 'unknown',
  });
});

it('knows the queue that a message was moved from', () => {
  const message = { body: 'text', attributes: {}, movedFrom: 'queue' };
  expect(deadLetterSource(message)).toMatchObject({ kind: 'queue', queueArn: 'queue' });
});

it('reads the reason in a message of the app', () => {
  expect(source({ reason: 'The order is\nnot valid' })).toEqual({ kind: 'unknown', cause: 'The order is' });
});

it('accepts any message, and its cause is one short line', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json()), fc.dictionary(fc.string(), fc.string()), (body, texts) => {
      const { cause } = deadLetterSource({ body, attributes: attributes(texts) }, functionArn);
      expect(cause.length).toBeLessThanOrEqual(300);
      expect(cause).not.toContain('\n');
    }),
  );
});
