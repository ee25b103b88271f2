import { parse, validate } from '@aws-sdk/util-arn-parser';

/**
 * Returns the name of the queue, the topic, the function or the archive that an ARN names. Any other
 * text is returned as it is.
 */
export function resourceName(arn: string): string {
  return validate(arn) ? parse(arn).resource.replace(/^(?:function:|archive\/)/, '') : arn;
}
