import { operationMaker } from '../../core/operation.ts';
import { AwsError } from '../../core/service.ts';

export const operation = operationMaker((parameter, reason, value) =>
  invalidParameter(parameter, value === undefined ? 'no value for required parameter' : reason),
);

export function invalidParameter(parameter: string, reason?: string): AwsError {
  const suffix = reason === undefined ? '' : ` Reason: ${reason}`;
  return new AwsError('InvalidParameter', `Invalid parameter: ${parameter}${suffix}`);
}

/** @throws {AwsError} `InvalidParameter` if a text has too few elements for an ARN */
export function refuseMalformedArn(parameter: string, arn: string): void {
  const { length } = arn.split(':');
  if (length < 6) throw invalidParameter(parameter, `An ARN must have at least 6 elements, not ${length}`);
}
