import { parse, validate } from '@aws-sdk/util-arn-parser';

/** Returns the name of a queue from its name, its ARN or its URL, whatever host the URL names. */
export function queueName(reference: string): string {
  return validate(reference) ? parse(reference).resource : reference.replace(/^.*\//s, '');
}
