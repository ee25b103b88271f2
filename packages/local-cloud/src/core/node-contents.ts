import * as z from 'zod/mini';
import { NodeKind } from './steps.ts';

/*
 * The JSON about a node of the architecture that the public port serves to the flow view. The page
 * imports this module too, so it imports nothing of Node.js. Times are milliseconds since the epoch.
 */

/** A step of a kept trace that reached the node. */
export const NodeStep = z.object({
  trace: z.string(),
  /** The title of the trace. */
  title: z.string(),
  step: z.number(),
  /** What happened, e.g. the name of its hop, or the type of an event. */
  text: z.string(),
  startedAt: z.number(),
  endedAt: z.optional(z.number()),
  outcome: z.enum(['running', 'ok', 'failed', 'no match']),
  error: z.optional(z.string()),
  /** The first 20 lines of its log. */
  logs: z.array(z.string()),
});
export type NodeStep = z.infer<typeof NodeStep>;

/** A table of texts. */
export const TextTable = z.object({
  title: z.string(),
  columns: z.array(z.string()),
  /** At most 100. */
  rows: z.array(z.array(z.string())),
});
export type TextTable = z.infer<typeof TextTable>;

/** The response of `GET /_local/flow/nodes/<id>`; 404 if there is no such node. */
export const NodeContents = z.object({
  id: z.string(),
  label: z.string(),
  kind: NodeKind,
  facts: z.array(z.object({ name: z.string(), value: z.string() })),
  tables: z.array(TextTable),
  /** The pattern of a rule. Events can be tested against it. */
  pattern: z.optional(z.unknown()),
  /** The newest event that reached a rule, whether it matched or not. */
  event: z.optional(z.unknown()),
  /** The number of steps in the kept traces, and of those that failed. */
  counts: z.object({ steps: z.number(), failed: z.number() }),
  /** The newest 25 of these steps, newest first. */
  steps: z.array(NodeStep),
});
export type NodeContents = z.infer<typeof NodeContents>;

/** The response of `GET /_local/flow/nodes/<id>/items`: a page of the items of a table. */
export const TableItems = z.object({
  items: z.array(
    z.object({
      /** The values of its key. */
      key: z.string(),
      /** The item as JSON, at most its first 10,000 characters. */
      text: z.string(),
    }),
  ),
  /** The number of items that were read. */
  read: z.number(),
  /** The parameter `after` of the next page; absent on the last one. */
  next: z.optional(z.string()),
});
export type TableItems = z.infer<typeof TableItems>;

/** The response of `POST /_local/flow/nodes/<id>/test`, whose body is an event. */
export const PatternTest = z.object({
  matches: z.boolean(),
  /** The part of the pattern that does not match, and the value. */
  why: z.optional(z.string()),
});
export type PatternTest = z.infer<typeof PatternTest>;
