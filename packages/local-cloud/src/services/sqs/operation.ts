import { operationMaker } from '../../core/operation.ts';
import { AwsError } from '../../core/service.ts';

export const operation = operationMaker((parameter, reason, value) =>
  value === undefined ? missingParameter(parameter) : invalidParameter(parameter, reason, value),
);

export function invalidParameter(parameter: string, reason: string, value: unknown): AwsError {
  const text = typeof value === 'object' ? JSON.stringify(value) : String(value);
  const message = `Value ${text} for parameter ${parameter} is invalid. Reason: ${reason}.`;
  return new AwsError('InvalidParameterValue', message);
}

export function missingParameter(parameter: string): AwsError {
  return new AwsError('MissingParameter', `The request must contain the parameter ${parameter}.`);
}
