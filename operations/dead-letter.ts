import * as z from 'zod/mini';
import { UnpublishedUpdate } from '../model/events.ts';
import type { Message } from './queue.ts';

const requestContext = z.object({ functionArn: z.string(), condition: z.string() });

/** Lambda Developer Guide, "Capturing records of Lambda asynchronous invocations". */
const FailedInvocation = z.object({
  requestContext,
  requestPayload: z.record(z.string(), z.unknown()),
  responsePayload: z.optional(z.unknown()),
});

/** Lambda's error object. It is absent if the function has not run. */
const FunctionError = z.object({
  errorType: z.optional(z.string()),
  errorMessage: z.optional(z.string()),
});

/**
 * The records of a stream that a function has not processed. Times are ISO 8601, UTC, of whole
 * seconds.
 */
export const StreamBatch = z.object({
  streamArn: z.string(),
  shardId: z.string(),
  startSequenceNumber: z.string(),
  endSequenceNumber: z.string(),
  approximateArrivalOfFirstRecord: z.iso.datetime(),
  approximateArrivalOfLastRecord: z.iso.datetime(),
});
export type StreamBatch = z.infer<typeof StreamBatch>;

/** Lambda Developer Guide, "Retain discarded records for a DynamoDB event source in Lambda". */
const FailedBatch = z.object({ requestContext, DDBStreamBatchInfo: StreamBatch });

/**
 * EventBridge User Guide, "Using dead-letter queues to process undelivered events", message
 * attributes.
 */
const Undelivered = z.object({
  TARGET_ARN: z.string(),
  ERROR_CODE: z.string(),
  ERROR_MESSAGE: z._default(z.string(), ''),
});

/**
 * The failed work in a message of a dead-letter queue, and the target that must do it. `cause` is
 * one line.
 */
export type DeadLetter = { cause: string } & (
  | { kind: 'invocation'; functionArn: string; event: Record<string, unknown> }
  | { kind: 'event'; targetArn: string; event: string }
  | { kind: 'stream batch'; functionArn: string; batch: StreamBatch }
  | { kind: 'update'; update: UnpublishedUpdate }
  | { kind: 'unknown' }
);

/** Reads a message of any dead-letter queue. Each service writes messages in its own form. */
export function deadLetterOf({ body, attributes }: Message): DeadLetter {
  const undelivered = Undelivered.safeParse(attributes);
  if (undelivered.success) {
    const { TARGET_ARN: targetArn, ERROR_CODE, ERROR_MESSAGE } = undelivered.data;
    return { kind: 'event', cause: firstLine(ERROR_CODE, ERROR_MESSAGE), targetArn, event: body };
  }
  const json = parseJson(body);
  const invocation = FailedInvocation.safeParse(json);
  if (invocation.success) {
    const { requestContext, requestPayload: event, responsePayload } = invocation.data;
    const { functionArn, condition } = requestContext;
    const cause = firstLine(condition, functionError(responsePayload));
    return { kind: 'invocation', cause, functionArn, event };
  }
  const failedBatch = FailedBatch.safeParse(json);
  if (failedBatch.success) {
    const { requestContext, DDBStreamBatchInfo: batch } = failedBatch.data;
    const { functionArn, condition } = requestContext;
    return { kind: 'stream batch', cause: firstLine(condition), functionArn, batch };
  }
  const update = UnpublishedUpdate.safeParse(json);
  if (update.success) return { kind: 'update', cause: firstLine(update.data.reason), update: update.data };
  return { kind: 'unknown', cause: 'The form of the message is not known.' };
}

/** Returns one line about the error that a function answered with, nothing if it did not run. */
export function functionError(payload: unknown): string {
  const { errorType, errorMessage } = FunctionError.safeParse(payload).data ?? {};
  return firstLine(errorType, errorMessage);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function firstLine(...parts: (string | undefined)[]): string {
  const lines = parts.flatMap((part) => part?.split('\n')[0] || []);
  return lines.join(': ').slice(0, 200);
}
