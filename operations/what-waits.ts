import { deadLetterOf } from './dead-letter.ts';
import type { Queue } from './queue.ts';

/** The messages of one queue that have the same cause. */
export interface Group {
  queue: string;
  cause: string;
  count: number;
  /**
   * The times at which the oldest and the newest message were sent, in milliseconds since the
   * epoch.
   */
  oldest: number;
  newest: number;
}

/** The maximum number of messages of a queue that are grouped. */
const sample = 1000;

/**
 * Groups the first thousand messages of a queue by their cause, and leaves them in it. Returns how
 * many messages wait (`waiting`) and how many are received but not deleted (`hidden`).
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
