import * as z from 'zod/mini';
import { parseJson } from '../core/json.ts';
import type { Message } from '../services/sqs/queue.ts';

/** What failed and led to a message, and why, in one line. */
export type DeadLetterSource = { cause: string } & (
  | { kind: 'delivery'; ruleArn: string; targetArn: string; event: unknown }
  | { kind: 'invocation'; functionArn: string; payload: unknown }
  | { kind: 'batch'; functionArn: string; streamArn: string; first: string; last: string }
  | { kind: 'queue'; queueArn: string }
  | { kind: 'unknown' }
);

/** The maximum length of a cause, in characters. */
const MAXIMUM_CAUSE = 300;

/**
 * EventBridge User Guide, "Using dead-letter queues to process undelivered events", message
 * attributes.
 */
const Undelivered = z.object({
  RULE_ARN: z.string(),
  TARGET_ARN: z.string(),
  ERROR_CODE: z.string(),
  ERROR_MESSAGE: z._default(z.string(), ''),
});

/**
 * Lambda Developer Guide, "Capturing records of Lambda asynchronous invocations", "Adding a
 * dead-letter queue", message attributes.
 */
const GivenUp = z.object({
  RequestID: z.string(),
  ErrorCode: z.string(),
  ErrorMessage: z._default(z.string(), ''),
});

const requestContext = z.object({ functionArn: z.string(), condition: z.string() });

/** Lambda's error object; absent if the function has not run. */
const FunctionError = z.catch(
  z.object({ errorType: z.optional(z.string()), errorMessage: z.optional(z.string()) }),
  {},
);

/** Lambda Developer Guide, "Capturing records of Lambda asynchronous invocations". */
const FailedInvocation = z.object({
  requestContext,
  requestPayload: z.unknown(),
  responsePayload: z._default(FunctionError, {}),
});

/** Lambda Developer Guide, "Retain discarded records for a DynamoDB event source in Lambda". */
const FailedBatch = z.object({
  requestContext,
  DDBStreamBatchInfo: z.object({
    streamArn: z.string().check(z.regex(/^arn:aws:dynamodb:[^:]*:[^:]*:table\/[^/]+\/stream\/[^/]+$/)),
    startSequenceNumber: z.string().check(z.regex(/^\d+$/)),
    endSequenceNumber: z.string().check(z.regex(/^\d+$/)),
  }),
});

/** The fields in which the code of an app usually says why it sent a message. */
const Explained = z.object({
  reason: z.optional(z.string()),
  errorMessage: z.optional(z.string()),
  error: z.optional(z.string()),
  message: z.optional(z.string()),
});

/**
 * Reads where a message came from. Each service writes dead letters in its own form.
 * @param deadLetterFunction the ARN of the only function whose `DeadLetterConfig` names the queue
 */
export function deadLetterSource(
  { attributes, body, movedFrom }: Pick<Message, 'attributes' | 'body' | 'movedFrom'>,
  deadLetterFunction?: string,
): DeadLetterSource {
  if (movedFrom !== undefined)
    return { kind: 'queue', cause: 'It was received too often and not deleted.', queueArn: movedFrom };
  const texts = Object.fromEntries(
    Object.entries(attributes).map(([name, value]) => [name, 'StringValue' in value && value.StringValue]),
  );
  const json = parseJson(body);
  const undelivered = Undelivered.safeParse(texts);
  if (undelivered.success) {
    const { ERROR_CODE, ERROR_MESSAGE, RULE_ARN: ruleArn, TARGET_ARN: targetArn } = undelivered.data;
    return { kind: 'delivery', cause: oneLine(ERROR_CODE, ERROR_MESSAGE), ruleArn, targetArn, event: json };
  }
  const givenUp = GivenUp.safeParse(texts);
  if (givenUp.success && deadLetterFunction !== undefined) {
    const cause = oneLine(givenUp.data.ErrorMessage || `status ${givenUp.data.ErrorCode}`);
    return { kind: 'invocation', cause, functionArn: deadLetterFunction, payload: json };
  }
  const invocation = FailedInvocation.safeParse(json);
  if (invocation.success && invocation.data.requestPayload !== undefined) {
    const { requestPayload: payload, responsePayload } = invocation.data;
    const { functionArn, condition } = invocation.data.requestContext;
    const cause = oneLine(responsePayload.errorType, responsePayload.errorMessage) || condition;
    return { kind: 'invocation', cause, functionArn, payload };
  }
  const batch = FailedBatch.safeParse(json);
  if (batch.success) {
    const { startSequenceNumber: first, endSequenceNumber: last, streamArn } = batch.data.DDBStreamBatchInfo;
    const { functionArn, condition: cause } = batch.data.requestContext;
    return { kind: 'batch', cause, functionArn, streamArn, first, last };
  }
  const { reason, errorMessage, error, message } = Explained.safeParse(json).data ?? {};
  return { kind: 'unknown', cause: oneLine(reason ?? errorMessage ?? error ?? message ?? body) };
}

/** Returns the first lines of the parts as one line. */
export function oneLine(...parts: (string | undefined)[]): string {
  const lines = parts.flatMap((part) => part?.trim().split('\n')[0] || []);
  return lines.join(': ').slice(0, MAXIMUM_CAUSE);
}
