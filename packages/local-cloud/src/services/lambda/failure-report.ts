import type { Clock } from '../../core/clock.ts';
import type { DeadLetter, SendDeadLetter } from '../../core/dead-letter.ts';
import { runHop } from '../../core/hop.ts';
import { AwsError } from '../../core/service.ts';
import type { FailedInvocation } from './execution-environment.ts';
import type { LambdaFunction } from './function.ts';
import { LATEST } from './function-arn.ts';
import type { Invoker } from './invocation.ts';

/** An event that Lambda's event queue gave up on. */
export interface GivenUpEvent {
  target: LambdaFunction;
  payload: string;
  invoker: Invoker;
  requestId: string;
  condition: 'RetriesExhausted' | 'EventAgeExceeded' | 'ZeroReservedConcurrency';
  /** The number of times that the function has run with the event. */
  runs: number;
  /** The failure of the last attempt: of the function, or of Lambda before the function ran. */
  failure: FailedInvocation | AwsError;
}

/** The ARNs of the queues that receive the failed events of a function. */
export interface FailureDestinations {
  /** Receives a record of the invocation. */
  onFailure?: string | undefined;
  /** Receives the event itself. */
  deadLetterQueue?: string | undefined;
}

export interface FailureServices {
  /** @throws {AwsError} if the role of the function does not allow the action */
  authorizeRole: (functionName: string, action: string, resource: string) => void;
  clock: Clock;
  sendDeadLetter: SendDeadLetter;
}

/** The length of the attribute `ErrorMessage`, in bytes. */
const MAXIMUM_ERROR_MESSAGE = 1024;

/**
 * Sends a given-up event to its destinations, as the function's role. An event that they do not
 * accept is lost.
 * Source: AWS Lambda Developer Guide, "Capturing records of Lambda asynchronous invocations".
 */
export async function reportFailure(
  event: GivenUpEvent,
  { onFailure, deadLetterQueue }: FailureDestinations,
  { authorizeRole, clock, sendDeadLetter }: FailureServices,
): Promise<void> {
  const { cause, name } = event.invoker;
  const failed = { hop: runHop(name, event.target.label), cause };
  const send = (queueArn: string, body: string, attributes: DeadLetter['attributes']): Promise<void> => {
    const authorize = (): void => authorizeRole(event.target.name, 'sqs:SendMessage', queueArn);
    return sendDeadLetter({ queueArn, body, attributes, authorize, failed });
  };
  if (onFailure) await send(onFailure, JSON.stringify(invocationRecord(event, clock.now())), {});
  if (deadLetterQueue) await send(deadLetterQueue, event.payload, deadLetterAttributes(event));
}

/**
 * Returns the record of an invocation. It contains the function's response if the last attempt ran
 * the function.
 */
function invocationRecord(event: GivenUpEvent, now: number): object {
  const { target, payload, requestId, condition, runs, failure } = event;
  return {
    version: '1.0',
    timestamp: new Date(now).toISOString(),
    requestContext: {
      requestId,
      functionArn: target.invokedArn === target.arn ? `${target.arn}:${LATEST}` : target.invokedArn,
      condition,
      approximateInvokeCount: runs,
    },
    requestPayload: JSON.parse(payload),
    ...(failure instanceof AwsError
      ? condition !== 'ZeroReservedConcurrency' && { responseContext: { statusCode: failure.status } }
      : {
          responseContext: { statusCode: 200, executedVersion: target.version, functionError: 'Unhandled' },
          responsePayload: {
            errorType: failure.errorType,
            errorMessage: failure.errorMessage,
            trace: failure.trace,
          },
        }),
  };
}

function deadLetterAttributes({ requestId, failure }: GivenUpEvent): DeadLetter['attributes'] {
  const [status, message] =
    failure instanceof AwsError ? [failure.status, failure.message] : [200, failure.errorMessage];
  return {
    RequestID: requestId,
    ErrorCode: status,
    ErrorMessage: Buffer.from(message).subarray(0, MAXIMUM_ERROR_MESSAGE).toString(),
  };
}
