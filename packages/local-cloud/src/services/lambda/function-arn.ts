import { parse, validate } from '@aws-sdk/util-arn-parser';
import type { Account } from '../../template/resource-type.ts';

export function functionArn(name: string, { id, region }: Account): string {
  return `arn:aws:lambda:${region}:${id}:function:${name}`;
}

/**
 * Returns the name of a function from its name, its ARN or a part of its ARN, with or without the
 * qualifier `$LATEST`.
 */
export function functionName(reference: string): string {
  const resource = validate(reference) ? parse(reference).resource : reference;
  return resource.replace(/^(\d{12}:)?function:/, '').replace(/:\$LATEST$/, '');
}
