import * as z from 'zod/mini';

/*
 * The JSON about queues that the public port serves to the flow view. The page imports this module
 * too, so it imports nothing of Node.js. Times are milliseconds since the epoch.
 */

/** A message of a queue, without its body. */
export const WaitingMessage = z.object({
  id: z.string(),
  sentAt: z.number(),
  /** Why it is in the queue, in one line. */
  cause: z.string(),
  /**
   * What failed, e.g. `OrderPlaced → save-order`; absent if that is unknown. It cannot be redriven
   * then.
   */
  source: z.optional(z.string()),
  /** A consumer has received it, and it is hidden until then. */
  hiddenUntil: z.optional(z.number()),
  /** Why the last redrive failed, and the trace of the attempt if there is one. */
  kept: z.optional(z.object({ reason: z.string(), trace: z.optional(z.string()) })),
  /** The traces that led to it, as far as they are kept. */
  traces: z.array(
    z.object({
      trace: z.string(),
      title: z.string(),
      /** The ID of what the request of the trace created. */
      createdId: z.optional(z.string()),
      /** The path of the REST API under which that can be read, if it has one. */
      createdPath: z.optional(z.string()),
    }),
  ),
});
export type WaitingMessage = z.infer<typeof WaitingMessage>;

/** A queue, the number of its messages, and the newest 50 of them, newest first. */
export const QueueContents = z.object({
  queue: z.string(),
  /** The node of the architecture. */
  node: z.string(),
  label: z.string(),
  count: z.number(),
  messages: z.array(WaitingMessage),
});
export type QueueContents = z.infer<typeof QueueContents>;

/** The response of `GET /_local/flow/queues`. */
export const AllQueueContents = z.array(QueueContents);

/**
 * A message as the queue has it, in the responses of `GET /_local/dead-letters` and
 * `GET /_local/dead-letters/<queue>/<id>`. Message attributes of every type can be read as strings.
 */
export const QueueMessage = z.object({
  id: z.string(),
  body: z.string(),
  sentAt: z.number(),
  attributes: z.record(z.string(), z.object({ StringValue: z.optional(z.string()) })),
});
export type QueueMessage = z.infer<typeof QueueMessage>;

/** The body of `POST /_local/dead-letters/<queue>/redrive`; every message if there are no IDs. */
export const RedriveRequest = z.strictObject({ ids: z.optional(z.array(z.string())) });

/** The response to it. */
export const RedriveResult = z.object({
  redriven: z.number(),
  /** The trace of the last message that was redriven. */
  trace: z.optional(z.string()),
  /** The messages that stay, and why. */
  kept: z.array(z.object({ id: z.string(), reason: z.string() })),
  /** The number of messages that were not tried, because 100 others had failed. */
  untried: z.number(),
});
export type RedriveResult = z.infer<typeof RedriveResult>;

/** The response of `DELETE /_local/dead-letters/<queue>` and `…/<queue>/<id>`. */
export const DeletedMessages = z.object({ deleted: z.number() });
