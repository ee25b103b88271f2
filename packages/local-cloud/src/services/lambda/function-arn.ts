import { parse, validate } from '@aws-sdk/util-arn-parser';
import type { Account } from '../../template/resource-type.ts';

/** The qualifier of the unpublished version. */
export const LATEST = '$LATEST';

/** @param name the name of a function, with or without a qualifier, e.g. `create-post:live` */
export function functionArn(name: string, { id, region }: Account): string {
  return `arn:aws:lambda:${region}:${id}:function:${name}`;
}

/**
 * Returns the name of a function, with its qualifier if it has one, from its name, its ARN or a part
 * of its ARN.
 */
export function qualifiedName(reference: string): string {
  const resource = validate(reference) ? parse(reference).resource : reference;
  return resource.replace(/^(\d{12}:)?function:/, '');
}

/**
 * Returns the name of a function, with its qualifier if that is an alias or a published version.
 * Permissions and policies are the same for the function and for `$LATEST`. Source: AWS Lambda
 * Developer Guide, "Working with aliases in Lambda permission policies".
 */
export function functionName(reference: string): string {
  const name = qualifiedName(reference);
  return name.endsWith(`:${LATEST}`) ? name.slice(0, -LATEST.length - 1) : name;
}
