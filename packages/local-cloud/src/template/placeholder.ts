import type { Account } from './resource-type.ts';

/**
 * Returns the value that stands for the name, the ARN and each attribute of a resource whose type is
 * not supported. It is an ARN, because policies accept nothing else.
 */
export function placeholder(type: string, logicalId: string, { id, region }: Account): string {
  return `arn:aws:${serviceOf(type)}:${region}:${id}:skipped/${logicalId}`;
}

/** Returns the service of a resource type in lower case, e.g. `sqs` of `AWS::SQS::Queue`. */
export function serviceOf(type: string): string {
  const [vendor = '', service] = type.toLowerCase().split('::');
  return vendor === 'aws' && service ? service : 'cloudformation';
}

/** Returns the logical ids of the resources whose placeholders a value contains. */
export function placeholdersIn(value: unknown): string[] {
  const text = JSON.stringify(value) ?? '';
  return [...text.matchAll(/:skipped\/(\w+)/g)].flatMap(([, logicalId]) => logicalId ?? []);
}
