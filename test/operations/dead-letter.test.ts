import { deadLetterOf } from '../../operations/dead-letter.ts';

const functionArn = 'arn:aws:lambda:eu-west-1:123456789012:function:act:$LATEST';
const message = (body: unknown, attributes: Record<string, string> = {}) => ({
  id: '1',
  handle: 'h',
  sentAt: 0,
  body: typeof body === 'string' ? body : JSON.stringify(body),
  attributes,
});

it('reads the record of a failed invocation', () => {
  const record = {
    version: '1.0',
    requestContext: { requestId: '1', functionArn, condition: 'RetriesExhausted', approximateInvokeCount: 3 },
    requestPayload: { detail: { a: 1 } },
    responseContext: { statusCode: 200, functionError: 'Unhandled' },
    responsePayload: { errorType: 'Error', errorMessage: 'broken\n    at act', trace: [] },
  };
  expect(deadLetterOf(message(record))).toEqual({
    kind: 'invocation',
    cause: 'RetriesExhausted: Error: broken',
    functionArn,
    event: { detail: { a: 1 } },
  });
});

it('reads that of one that was throttled to the end, which has no answer of the function', () => {
  const requestContext = { functionArn, condition: 'EventAgeExceeded' };
  expect(deadLetterOf(message({ requestContext, requestPayload: {} }))).toMatchObject({
    cause: 'EventAgeExceeded',
  });
});

it('reads the event that a rule could not deliver', () => {
  const attributes = {
    RULE_ARN: 'arn:aws:events:eu-west-1:123456789012:rule/bus/created',
    TARGET_ARN: 'arn:aws:sns:eu-west-1:123456789012:posts',
    ERROR_CODE: 'NO_PERMISSIONS',
    ERROR_MESSAGE: 'It may not.',
    RETRY_ATTEMPTS: '0',
  };
  expect(deadLetterOf(message('{"detail":{}}', attributes))).toEqual({
    kind: 'event',
    cause: 'NO_PERMISSIONS: It may not.',
    targetArn: attributes.TARGET_ARN,
    event: '{"detail":{}}',
  });
});

it('reads a batch of a stream', () => {
  const batch = {
    streamArn: 'arn:aws:dynamodb:eu-west-1:123456789012:table/Posts/stream/1',
    shardId: 'shardId-1',
    startSequenceNumber: '1',
    endSequenceNumber: '2',
    approximateArrivalOfFirstRecord: '2026-01-31T09:30:00Z',
    approximateArrivalOfLastRecord: '2026-01-31T09:31:00Z',
  };
  const requestContext = { functionArn, condition: 'RetryAttemptsExhausted' };
  const letter = deadLetterOf(message({ requestContext, DDBStreamBatchInfo: { ...batch, batchSize: 2 } }));
  expect(letter).toEqual({ kind: 'stream batch', cause: 'RetryAttemptsExhausted', functionArn, batch });
});

it('reads an update that cannot be published', () => {
  const update = { postId: 'broken', revision: 2, reason: `It cannot be read: ${'x'.repeat(300)}` };
  const letter = deadLetterOf(message(update));
  expect(letter).toMatchObject({ kind: 'update', update });
  expect(letter.cause).toHaveLength(200);
});

it.each(['', 'null', '{', '{"requestContext":{}}', '[1]'])('knows nothing of %j', (body) => {
  expect(deadLetterOf(message(body))).toMatchObject({ kind: 'unknown' });
});
