import { parse, validate } from '@aws-sdk/util-arn-parser';
import type { Account } from '../../template/resource-type.ts';

export function queueArn(name: string, { id, region }: Account): string {
  return `arn:aws:sqs:${region}:${id}:${name}`;
}

/** Returns the name of a queue from its name, its ARN or its URL on any host. */
export function queueName(reference: string): string {
  return validate(reference) ? parse(reference).resource : reference.replace(/^.*\//s, '');
}
