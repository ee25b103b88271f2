import { AwsError } from '../../core/service.ts';

/** Returns DynamoDB's error for a request that is not valid. */
export function validationError(message: string): AwsError {
  return new AwsError('ValidationException', message);
}
