import { SQSClient } from '@aws-sdk/client-sqs';
import * as z from 'zod/mini';
import { blogPostCreated, DetailType, eventSource } from '../model/events.ts';
import { parse } from '../model/parse.ts';
import { CreatedPost } from '../model/post.ts';
import { deadLetterOf, type StreamBatch } from './dead-letter.ts';
import { type Message, Queue } from './queue.ts';
import type { Stack } from './stack.ts';
import { Targets } from './targets.ts';
import { countUnannounced } from './unannounced-posts.ts';
import { unfinishedPosts } from './unfinished-posts.ts';
import { whatWaits } from './what-waits.ts';

export interface RedriveOptions {
  stack: Stack;
  /** Whether to also enrich forgotten posts: they are not enriched and not in a queue. */
  unfinished: boolean;
  /**
   * Asks the operator a question, e.g. `Redrive 3 messages?`, and returns whether the answer is yes.
   */
  confirm(question: string): Promise<boolean>;
  print(line: string): void;
  /** The present time, in milliseconds since the epoch. */
  now: number;
  /** Resolves after a number of milliseconds. */
  sleep(ms: number): Promise<void>;
}

/**
 * The number of messages that may fail again before the run leaves the rest of their queue: the
 * target is still broken.
 */
const patience = 100;

/** The parts used of a stored post that is not enriched. */
const Unfinished = z.extend(CreatedPost, { requestId: z.optional(z.string()) });

/** A queue does not show the events that are still retried. */
const nothingLeft =
  'Nothing is left in the queues. What Lambda or EventBridge is still retrying is in no queue yet.';

/**
 * Shows the messages in the stack's dead-letter queues and, after confirmation, finishes each at
 * the target that failed. A message is deleted once its target has accepted it; otherwise it stays.
 * Messages that arrive meanwhile stay too.
 * @returns how much is left: messages, posts that could not be handed to their enrichment, and
 * posts that wait for the relay
 */
export async function redrive(options: RedriveOptions): Promise<number> {
  const { stack, unfinished, print } = options;
  const sqs = new SQSClient(stack.settings);
  const targets = new Targets(stack, options.sleep);
  let left = 0;
  for (const [name, url] of stack.queueUrls)
    left += await redriveQueue(new Queue(sqs, name, url, stack.settings.endpoint ? 0 : 2), targets, options);
  if (unfinished) left += await enrichUnfinished(targets, options);
  const unannounced = await countUnannounced(stack, options.now);
  if (unannounced > 0) print(`Still to be announced by the relay after 3 minutes: ${posts(unannounced)}`);
  left += unannounced;
  print(left === 0 ? nothingLeft : `Left: ${left}.`);
  return left;
}

async function redriveQueue(
  queue: Queue,
  targets: Targets,
  { confirm, print, now }: RedriveOptions,
): Promise<number> {
  const { waiting, hidden, groups } = await whatWaits(queue);
  if (hidden > 0)
    print(`${queue.name}: ${messages(hidden)} in flight to another consumer, such as another redrive.`);
  if (waiting === 0) return hidden;
  print(`${queue.name}: ${messages(waiting)}`);
  for (const { cause, count, oldest, newest } of groups)
    print(`  ${count} × ${cause} (${ages(now - oldest, now - newest)} old)`);
  if (!(await confirm(`Redrive ${messages(waiting)} from ${queue.name}?`))) return hidden + waiting;

  /**
   * The handles of the messages that failed again, by their IDs: a run of more than 15 minutes
   * receives a message twice.
   */
  const kept = new Map<string, string>();
  /**
   * The stream batches, by their messages' IDs. They are finished last, because one scan of the
   * table finishes all of them.
   */
  const late = new Map<string, { message: Message; batch: StreamBatch }>();
  let finished = 0;
  async function done(message: Message, outcome: string): Promise<void> {
    await queue.delete(message);
    finished += 1;
    print(`${queue.name} ${message.id}: ${outcome}`);
  }
  try {
    while (finished + late.size + kept.size < waiting && kept.size < patience) {
      const page = await queue.receive();
      if (page.length === 0) break;
      await Promise.all(
        page.map(async (message) => {
          try {
            const outcome = await targets.finish(deadLetterOf(message));
            if (typeof outcome === 'string') await done(message, outcome);
            else late.set(message.id, { message, batch: outcome });
          } catch (error) {
            kept.set(message.id, message.handle);
            print(`${queue.name} ${message.id}: KEPT: ${oneLine(error)}`);
          }
        }),
      );
    }
    if (kept.size >= patience) print(`${queue.name}: stopped because ${messages(kept.size)} failed again.`);
    if (late.size > 0) {
      try {
        const outcome = await targets.publishChanges([...late.values()].map(({ batch }) => batch));
        for (const [id, { message }] of late) {
          await done(message, outcome);
          late.delete(id);
        }
      } catch (error) {
        print(`${queue.name}: KEPT ${messages(late.size)}: ${oneLine(error)}`);
      }
    }
    // Messages that arrived meanwhile.
    for (const { id, handle } of await queue.receive()) kept.set(id, handle);
    return hidden + Math.max(kept.size + late.size, waiting - finished);
  } finally {
    await queue.release([...kept.values(), ...[...late.values()].map(({ message }) => message.handle)]);
  }
}

async function enrichUnfinished(targets: Targets, options: RedriveOptions): Promise<number> {
  const { stack, confirm, print, now } = options;
  let count = 0;
  for await (const _ of unfinishedPosts(stack, now, targets.enriched)) count += 1;
  print(`Neither enriched nor marked after 10 minutes: ${posts(count)}`);
  if (count === 0) return 0;
  if (!(await confirm(`Enrich ${posts(count)}?`))) return count;

  let left = 0;
  for await (const item of unfinishedPosts(stack, now, targets.enriched)) {
    try {
      const { requestId, ...post } = parse(Unfinished, item, 'The stored post');
      const detail = blogPostCreated(post, `${stack.outputs.ApiUrl}/posts/${post.id}`, requestId);
      const event = { source: eventSource, 'detail-type': DetailType.blogPostCreated, detail };
      const outcome = await targets.invoke(
        stack.outputs.RecognizeEntitiesFunctionName,
        JSON.stringify(event),
      );
      print(`post ${post.id}: ${outcome}`);
    } catch (error) {
      left += 1;
      print(`post ${item.id}: KEPT: ${oneLine(error)}`);
    }
  }
  return left;
}

const messages = (count: number) => `${count} ${count === 1 ? 'message' : 'messages'}`;
const posts = (count: number) => `${count} ${count === 1 ? 'post' : 'posts'}`;

function oneLine(error: unknown): string {
  return String(error).replace(/\s+/g, ' ');
}

function ages(oldest: number, newest: number): string {
  return age(oldest) === age(newest) ? age(oldest) : `${age(newest)} to ${age(oldest)}`;
}

/** Returns a time in milliseconds in its largest unit, e.g. `3 h`. */
function age(ms: number): string {
  const minutes = Math.max(0, Math.round(ms / 60_000));
  if (minutes < 120) return `${minutes} min`;
  const hours = Math.round(minutes / 60);
  return hours < 48 ? `${hours} h` : `${Math.round(hours / 24)} d`;
}
