import { deadLetterOf } from './dead-letter.ts';
import type { Queue } from './queue.ts';

/** Messages of one queue that wait for the same reason. */
export interface Group {
  queue: string;
  cause: string;
  count: number;
  /** When the oldest and the newest were sent, in milliseconds since the epoch. */
  oldest: number;
  newest: number;
}

/** How many messages of a queue are looked at before anything is done. */
const sample = 1000;

/**
 * Groups what waits in a queue by its cause, and leaves it there. Of a queue that holds more, it is the first thousand
 * messages; `waiting` counts them all, `hidden` those that have been received and not yet deleted.
 */
export async function whatWaits(queue: Queue): Promise<{ waiting: number; hidden: number; groups: Group[] }> {
  const depth = await queue.depth();
  const groups = new Map<string, Group>();
  const handles: string[] = [];
  try {
    while (handles.length < sample) {
      const messages = await queue.receive();
      if (messages.length === 0) break;
      for (const message of messages) {
        handles.push(message.handle);
        const { cause } = deadLetterOf(message);
        const { sentAt } = message;
        const group = groups.get(cause) ?? {
          queue: queue.name,
          cause,
          count: 0,
          oldest: sentAt,
          newest: sentAt,
        };
        group.count += 1;
        group.oldest = Math.min(group.oldest, sentAt);
        group.newest = Math.max(group.newest, sentAt);
        groups.set(cause, group);
      }
    }
  } finally {
    await queue.release(handles);
  }
  return {
    waiting: Math.max(depth.waiting, handles.length),
    hidden: depth.hidden,
    groups: [...groups.values()],
  };
}
