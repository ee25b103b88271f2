import type { Stream } from '../../../src/services/dynamodb/stream.ts';

/** Appends the record of a change to a stream, as if it were written with its item. */
export function appendTo(stream: Stream, ...change: Parameters<Stream['add']>): void {
  const entry = stream.add(...change);
  if (entry) stream.written(entry);
}
