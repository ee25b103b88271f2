import { operationMaker } from '../../core/operation.ts';
import { AwsError } from '../../core/service.ts';

export const operation = operationMaker(invalidParameter);

export function invalidParameter(parameter: string, reason: string): AwsError {
  return new AwsError('InvalidParameter', `Invalid parameter: ${parameter} Reason: ${reason}`);
}
