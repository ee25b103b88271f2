import { parse } from '@aws-sdk/util-arn-parser';
import type { Account } from '../../template/resource-type.ts';

export function tableArn(name: string, { id, region }: Account): string {
  return `arn:aws:dynamodb:${region}:${id}:table/${name}`;
}

/**
 * Returns the ARN of a table's stream. In AWS its label is the time at which the stream was
 * enabled; here it is fixed.
 */
export function streamArn(tableArn: string): string {
  return `${tableArn}/stream/2026-01-01T00:00:00.000`;
}

/** Returns the name of the table and the label of the stream in a stream's ARN. */
export function parseStreamArn(streamArn: string): { tableName: string; label: string } {
  const [, tableName = '', , label = ''] = parse(streamArn).resource.split('/');
  return { tableName, label };
}
