import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';

type Outcome<Output> =
  | { done: true; output: Output }
  /** `stored` is present if the write requests it with `ReturnValuesOnConditionCheckFailure`. */
  | { done: false; stored: Record<string, unknown> | undefined };

/**
 * Awaits a DynamoDB write with a condition. Returns whether the condition held; throws any other
 * failure.
 */
export async function conditionally<Output>(write: Promise<Output>): Promise<Outcome<Output>> {
  try {
    return { done: true, output: await write };
  } catch (error) {
    if (!(error instanceof ConditionalCheckFailedException)) throw error;
    return { done: false, stored: error.Item && unmarshall(error.Item) };
  }
}
