import { parse, validate } from '@aws-sdk/util-arn-parser';
import type { Account } from '../../template/resource-type.ts';

export function eventBusArn(name: string, { id, region }: Account): string {
  return `arn:aws:events:${region}:${id}:event-bus/${name}`;
}

/** Returns the name of an event bus from its name or its ARN. */
export function eventBusName(reference: string): string {
  return validate(reference) ? parse(reference).resource.replace(/^event-bus\//, '') : reference;
}
