import { EventBridgeClient, PutEventsCommand, type PutEventsResultEntry } from '@aws-sdk/client-eventbridge';
import type { Issued } from '../../model/event-metadata.ts';
import {
  type BlogPostCreated,
  type BlogPostRemoved,
  type BlogPostSaved,
  type BlogPostUpdated,
  type ConnectionOpened,
  type ConnectionsToPush,
  DetailType,
  eventSource,
} from '../../model/events.ts';
import { environment } from '../runtime/environment.ts';
import { sdkSettings } from '../runtime/sdk-settings.ts';
import type { BLOG_BUS, WEBSOCKET_BUS } from './environment.ts';

const eventBridge = new EventBridgeClient(sdkSettings);

/** The maximum number of entries of one `PutEvents` call. */
const maxEntries = 10;

/**
 * The maximum size of one `PutEvents` call in bytes: EventBridge's former limit of 256 KB, less the
 * envelope.
 */
export const maxBytes = 240 * 1024;

type Bus = typeof BLOG_BUS | typeof WEBSOCKET_BUS;

/** The detail of each event, by its `detail-type`. */
interface Details {
  [DetailType.blogPostCreated]: Issued<BlogPostCreated>;
  [DetailType.blogPostSaved]: Issued<BlogPostSaved>;
  [DetailType.blogPostUpdated]: Issued<BlogPostUpdated>;
  [DetailType.blogPostRemoved]: Issued<BlogPostRemoved>;
  [DetailType.connectionOpened]: Issued<ConnectionOpened>;
  [DetailType.connectionsToPush]: Issued<ConnectionsToPush>;
}

/** An event to put on a bus. */
export interface BusEvent {
  detailType: keyof Details;
  /** JSON. */
  detail: string;
  /** The size that counts towards the limit of a `PutEvents` call. */
  bytes: number;
}

/** Why the bus refused an event. */
export type Refusal = Pick<PutEventsResultEntry, 'ErrorMessage'> & { ErrorCode: string };

/** Returns one line that says why the bus refused an event. */
export function refusalText({ ErrorCode, ErrorMessage }: Refusal): string {
  return `The bus refused the event: ${[ErrorCode, ErrorMessage].filter(Boolean).join(', ')}`;
}

/** Serializes the detail of an event and measures the event. */
export function busEvent<Type extends keyof Details>(detailType: Type, content: Details[Type]): BusEvent {
  const detail = JSON.stringify(content);
  return { detailType, detail, bytes: Buffer.byteLength(eventSource + detailType + detail) };
}

/**
 * Splits events, in their order, into batches for one `PutEvents` call each. An event over the size
 * limit is a separate batch.
 */
export function batchesOf<Event extends { bytes: number }>(events: Event[]): Event[][] {
  const batches: Event[][] = [];
  let room = 0;
  for (const event of events) {
    const last = batches.at(-1);
    if (last && last.length < maxEntries && event.bytes <= room) {
      last.push(event);
      room -= event.bytes;
    } else {
      batches.push([event]);
      room = maxBytes - event.bytes;
    }
  }
  return batches;
}

/**
 * Puts one batch of events on a bus. Returns the events that the bus refused, in their order, each
 * with its error; an event without an ID in the response counts as refused. Throws if the call
 * fails.
 */
export async function putEvents<Event extends BusEvent>(
  bus: Bus,
  batch: Event[],
  abortSignal?: AbortSignal,
): Promise<Map<Event, Refusal>> {
  const refused = new Map<Event, Refusal>();
  if (batch.length === 0) return refused;
  const { Entries = [] } = await eventBridge.send(
    new PutEventsCommand({
      Entries: batch.map(({ detailType, detail }) => ({
        EventBusName: environment(bus),
        Source: eventSource,
        DetailType: detailType,
        Detail: detail,
      })),
    }),
    abortSignal && { abortSignal },
  );
  for (const [index, event] of batch.entries()) {
    const { EventId, ErrorCode = 'InternalFailure', ErrorMessage } = Entries[index] ?? {};
    if (!EventId) refused.set(event, { ErrorCode, ErrorMessage });
  }
  return refused;
}

/** Puts one event on a bus. Throws if the call fails or the bus refuses the event. */
export async function putEvent(bus: Bus, event: BusEvent, abortSignal?: AbortSignal): Promise<void> {
  const refusal = (await putEvents(bus, [event], abortSignal)).get(event);
  if (refusal) throw new Error(refusalText(refusal));
}
