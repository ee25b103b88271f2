import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { type DetailType, eventSource } from '../../model/events.ts';
import { Environment, environment } from '../runtime/environment.ts';
import { sdkSettings } from '../runtime/sdk-settings.ts';

const eventBridge = new EventBridgeClient(sdkSettings);

/** `PutEvents` takes 10 entries; its size limit has been 256 KB, of which this leaves some to the envelope. */
const maxEntries = 10;
export const maxBytes = 240 * 1024;

type DetailTypeName = (typeof DetailType)[keyof typeof DetailType];

/** How many bytes an event counts for in a `PutEvents`. `detail` is its detail as JSON. */
export function eventBytes(detailType: DetailTypeName, detail: string): number {
  return Buffer.byteLength(eventSource + detailType + detail);
}

/** As many events from the front as one `PutEvents` takes, and at least one of any. */
export function firstBatch<T extends { bytes: number }>(events: T[]): T[] {
  const batch: T[] = [];
  let room = maxBytes;
  for (const event of events.slice(0, maxEntries)) {
    room -= event.bytes;
    if (room < 0 && batch.length > 0) break;
    batch.push(event);
  }
  return batch;
}

/**
 * Puts a batch of events on the WebSocket bus, one for each detail. The result has, in the same order, the error code of
 * each that has no event id.
 */
export async function putEvents(
  detailType: DetailTypeName,
  details: string[],
  abortSignal?: AbortSignal,
): Promise<(string | undefined)[]> {
  const { Entries = [] } = await eventBridge.send(
    new PutEventsCommand({
      Entries: details.map((Detail) => ({
        EventBusName: environment(Environment.webSocketBus),
        Source: eventSource,
        DetailType: detailType,
        Detail,
      })),
    }),
    { abortSignal },
  );
  return details.map((_, index) => {
    const { EventId, ErrorCode = 'InternalFailure' } = Entries[index] ?? {};
    return EventId ? undefined : ErrorCode;
  });
}
