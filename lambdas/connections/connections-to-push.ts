import { v5 as uuidv5 } from 'uuid';
import { type EventMetadata, schemaVersion } from '../../model/event-metadata.ts';
import { type ConnectionsToPush, DetailType } from '../../model/events.ts';
import { type BusEvent, busEvent } from '../events/event-bus.ts';

/** A random namespace for the IDs of the events (RFC 9562, "UUID Version 5"). */
const eventNamespace = 'f0a6a1de-8a5b-4c0c-9d0c-6b0a1d3b7c52';

/**
 * Returns the event that asks for a push to these connections. Its ID is derived from its cause, the
 * attempt and the connections: if a push is repeated and split differently, its parts have other
 * IDs, so that no connection counts as a repeated one by mistake.
 */
export function connectionsToPush(
  cause: EventMetadata,
  content: Pick<ConnectionsToPush, 'postId' | 'attempt' | 'revision' | 'connections'>,
): BusEvent {
  const ids = content.connections.map(({ connectionId }) => connectionId).sort();
  const metadata: EventMetadata = {
    eventId: uuidv5(JSON.stringify([cause.eventId, content.attempt ?? 1, ids]), eventNamespace),
    correlationId: cause.correlationId,
    causationId: cause.eventId,
    time: cause.time,
    schemaVersion,
  };
  return busEvent(DetailType.connectionsToPush, { version: 1, metadata, ...content });
}
