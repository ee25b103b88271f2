import type { DynamoDB } from '@aws-sdk/client-dynamodb';
import type { DynamoDBDocument, PutCommandInput, UpdateCommandInput } from '@aws-sdk/lib-dynamodb';
import type { Recorder } from '../answers.ts';

/** The post that the calls write and change. */
export const post = { id: '1', title: 'Title', revision: 1 };
/** The name of a table that does not exist. */
export const noTable = { TableName: 'Nothing' };

/** The clients of the system under comparison, and the recorder of its answers. */
export interface Clients {
  client: DynamoDB;
  table: DynamoDBDocument;
  record: Recorder;
}

/** Returns a function that makes and records a `PutItem`. */
export function putting({ table, record }: Clients) {
  return (name: string, input: Omit<PutCommandInput, 'TableName'>) =>
    record.call(
      `PutItem: ${name}`,
      table.put({ TableName: 'Posts', ReturnConsumedCapacity: 'TOTAL', ...input }),
    );
}

/** Returns a function that makes and records an `UpdateItem`. */
export function updating({ table, record }: Clients) {
  return (name: string, id: string, input: Omit<UpdateCommandInput, 'TableName' | 'Key'>) =>
    record.call(`UpdateItem: ${name}`, table.update({ TableName: 'Posts', Key: { id }, ...input }));
}
