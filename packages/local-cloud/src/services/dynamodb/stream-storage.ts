import type { BatchOperation, Store } from 'dynalite/db/index.js';
import * as z from 'zod/mini';
import { KeptCause, keptCause } from '../../core/trace.ts';
import type { Stream, StreamEntry, StreamRecord } from './stream.ts';

const KeptEntry = z.object({
  record: z.custom<StreamRecord>((value) => typeof value === 'object' && value !== null),
  cause: KeptCause,
});

/**
 * Returns the operations that keep a record of a stream in the database and delete the records that
 * the stream has dropped. They belong in the batch that writes the item: a record without its
 * change, or a change without its record, must not exist.
 */
export function keepRecord(stream: Stream, { record, cause }: StreamEntry): BatchOperation[] {
  const keyOf = (number: string) => `${prefixOf(stream.tableName)}${number}`;
  const value: z.input<typeof KeptEntry> = { record, cause: keptCause(cause) };
  return [
    { type: 'put', key: keyOf(record.dynamodb.SequenceNumber), value },
    ...stream.takeDropped().map((number) => ({ type: 'del', key: keyOf(number) }) as const),
  ];
}

/** Returns the records of a table's stream that the previous process has kept, oldest first. */
export async function keptRecords(store: Store, tableName: string): Promise<StreamEntry[]> {
  const prefix = prefixOf(tableName);
  const entries: StreamEntry[] = [];
  for await (const value of store.db.values({ gte: prefix, lt: `${prefix}\x7f` }))
    entries.push(KeptEntry.parse(value));
  return entries;
}

function prefixOf(tableName: string): string {
  return `stream-${tableName}~`;
}
