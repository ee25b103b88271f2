import { operationMaker } from '../../core/operation.ts';
import { AwsError } from '../../core/service.ts';

export const operation = operationMaker(invalidParameter);

export function invalidParameter(parameter: string, reason: string): AwsError {
  const message = `Value for parameter ${parameter} is invalid. Reason: ${reason}.`;
  return new AwsError('InvalidParameterValue', message);
}
