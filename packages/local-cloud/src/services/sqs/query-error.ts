import type { AwsError } from '../../core/service.ts';

/** Errors whose code in the query protocol has a prefix. */
const PREFIXED = new Set([
  'BatchEntryIdsNotDistinct',
  'BatchRequestTooLong',
  'EmptyBatchRequest',
  'InvalidBatchEntryId',
  'PurgeQueueInProgress',
  'TooManyEntriesInBatchRequest',
]);

/** Errors whose shape in the JSON protocol has another name than the code in the query protocol. */
const SHAPES: ReadonlyMap<string, string> = new Map([
  ['InvalidParameterValue', 'InvalidParameterValueException'],
  ['MissingParameter', 'MissingRequiredParameterException'],
]);

/**
 * Returns the two names of an error of SQS: its shape, and the header with the code that clients of
 * the query protocol know. SDKs read the header first.
 * Source: Smithy's "AWS JSON 1.0 protocol", trait `awsQueryCompatible`, and recorded responses.
 */
export function queryError({ code, status }: AwsError): { shape: string; header: string } {
  const prefix = 'AWS.SimpleQueueService.';
  const queryCode =
    code === 'QueueDoesNotExist' ? `${prefix}NonExistentQueue` : PREFIXED.has(code) ? prefix + code : code;
  return { shape: SHAPES.get(code) ?? code, header: `${queryCode};${status < 500 ? 'Sender' : 'Receiver'}` };
}
