import * as z from 'zod/mini';
import { Hop } from './hop.ts';

/*
 * What the flow view is told, by the server below `/_local/` on the public port: `/_local/` is `view/index.html`, with
 * `/_local/flow/main.js` and `/_local/flow/main.css` bundled from `view/main.tsx`, and `connect-src 'self'`. The page
 * reads this file too, which imports nothing of Node.js. Times are milliseconds since the epoch, on the services' clock.
 */

export const NodeKind = z.enum([
  'client',
  'rest-api',
  'websocket-api',
  'function',
  'table',
  'stream',
  'bus',
  'rule',
  'topic',
  'queue',
  'mail',
  'comprehend',
]);
export type NodeKind = z.infer<typeof NodeKind>;

/** A resource. `id` is its logical id, of a stream `<its table's>.stream`; or one of `client`, `comprehend` and `mail`. */
export const ArchitectureNode = z.object({ id: z.string(), label: z.string(), kind: NodeKind });
export type ArchitectureNode = z.infer<typeof ArchitectureNode>;

/**
 * A hop between two nodes. Two nodes may have several edges, one a hop, e.g. `create-post → dynamodb:PutItem` and
 * `create-post → dynamodb:UpdateItem`. `id` is unique: the hop's name, followed by the nodes where several edges have the
 * same hop.
 */
export const ArchitectureEdge = z.object({
  id: z.string(),
  from: z.string(),
  to: z.string(),
  label: z.string(),
  hop: Hop,
  /** Whether faults can be switched on for the hop. */
  faults: z.boolean(),
});
export type ArchitectureEdge = z.infer<typeof ArchitectureEdge>;

/** A request that the page can send to the REST API, so that there is something to look at. */
export const ExampleRequest = z.object({
  /** What the request creates, in one word, e.g. `order`. */
  name: z.string(),
  method: z.string(),
  /** The path of the REST API, e.g. `/orders`; it has no parameters. */
  path: z.string(),
  /** The JSON bodies to send, one after the other. */
  bodies: z.array(z.record(z.string(), z.unknown())),
});
export type ExampleRequest = z.infer<typeof ExampleRequest>;

/** The answer of `GET /_local/flow/architecture`. */
export const Architecture = z.object({
  nodes: z.array(ArchitectureNode),
  edges: z.array(ArchitectureEdge),
  /** Whether anything is recorded: not with `npm start -- --no-flow`. */
  recording: z.boolean(),
  example: z.optional(ExampleRequest),
});
export type Architecture = z.infer<typeof Architecture>;

/**
 * - `request`: a client asks an API, an operator sends something by hand, or an administrator puts an event or publishes;
 * - `run`: a function runs, an attempt each, from when it is handed over to Lambda;
 * - `call`: a function calls a service, an attempt each;
 * - `event`: a rule matches an event on its bus, or its schedule is due; `unmatched`: it does not match, `why` says why;
 * - `delivery`: a rule hands over an event to a target, an attempt each;
 * - `stream`: a change of an item is read from the table's stream;
 * - `dead-letter`: what could not be delivered goes to a queue;
 * - `mail`: a topic sends a mail, an attempt each;
 * - `message`: a client is sent a message over its WebSocket.
 */
export const StepKind = z.enum([
  'request',
  'run',
  'call',
  'event',
  'delivery',
  'stream',
  'dead-letter',
  'mail',
  'message',
  'unmatched',
]);
export type StepKind = z.infer<typeof StepKind>;

/** One hop that something has taken, or is taking. */
export const Step = z.object({
  /** In the order of their beginnings, unique in a run of the local cloud. */
  id: z.number(),
  /** The id of the step of the same trace that led to it, which is smaller; absent for the first of a trace alone. */
  cause: z.optional(z.number()),
  kind: StepKind,
  hop: Hop,
  /** Node ids. They are equal where something stays, e.g. a function runs what waited in its own event queue. */
  from: z.string(),
  to: z.string(),
  startedAt: z.number(),
  /** Absent while it is under way. */
  endedAt: z.optional(z.number()),
  outcome: z.enum(['running', 'ok', 'failed']),
  error: z.optional(z.string()),
  /** 1 at first; a retry of what failed is another step with the same cause. */
  attempt: z.number(),
  /** What was injected, e.g. `delay`. */
  faults: z.optional(z.array(z.string())),
  /**
   * What was passed on: JSON if it is JSON, else text; the first 256 KB of its text if it is longer, and `truncated` says
   * so. Absent if it is dropped.
   */
  payload: z.optional(z.unknown()),
  truncated: z.optional(z.literal(true)),
  /** What came back, if that is kept: of a request `{ status, body }`, of a run its answer. */
  result: z.optional(z.unknown()),
  /** The lines that the handler wrote, of a run. */
  logs: z.optional(z.array(z.string())),
  /** Of an `unmatched`: what of the pattern did not match which value. */
  why: z.optional(z.string()),
});
export type Step = z.infer<typeof Step>;

/** A trace in the list of them, `GET /_local/flow/traces`, and in what `GET /_local/flow/events` sends when it changes. */
export const TraceSummary = z.object({
  trace: z.string(),
  /** What began it, e.g. `POST /posts: A title`. */
  title: z.string(),
  startedAt: z.number(),
  /** When its last step was over; absent while one is under way. */
  endedAt: z.optional(z.number()),
  /** The last segment of the `Location` that the request was answered with: the id of what it created. */
  createdId: z.optional(z.string()),
  /** How many there are, of each kind. */
  steps: z.number(),
  running: z.number(),
  failed: z.number(),
  deadLetters: z.number(),
});
export type TraceSummary = z.infer<typeof TraceSummary>;

/** The answer of `GET /_local/flow/traces`, newest first, at most 200; also the data of a server-sent event. */
export const TraceSummaries = z.array(TraceSummary);

/** The answer of `GET /_local/flow/traces/<trace>`; 404 if it is not, or no longer, kept. */
export const Trace = z.object({
  trace: z.string(),
  title: z.string(),
  startedAt: z.number(),
  createdId: z.optional(z.string()),
  /** Whether payloads, results or logs of it are dropped: the newest 8 MB of all of them are kept, 30,000 lines of logs. */
  contentsDropped: z.boolean(),
  /** How many steps more there were than are kept, if any: of a trace, 5,000 are. */
  leftOut: z.number(),
  steps: z.array(Step),
});
export type Trace = z.infer<typeof Trace>;

/** What something can be sent to: a function, or a target of a rule, which renders the input as for any event. */
export const SendTarget = z.object({
  id: z.string(),
  label: z.string(),
  /** The name of the rule; then the payload is an event as it stands on the bus, and as the rule's dead letters have it. */
  rule: z.optional(z.string()),
  /** The node of the target. */
  node: z.string(),
  /** The names of the queues that its dead letters go to. */
  queues: z.array(z.string()),
});
export type SendTarget = z.infer<typeof SendTarget>;

/** The answer of `GET /_local/flow/targets`. */
export const SendTargets = z.array(SendTarget);

/** The body of `POST /_local/flow/send`; answered 202 with `Sent`, or 400 with `Refusal`. */
export const SendRequest = z.strictObject({ target: z.string(), payload: z.unknown() });
export type SendRequest = z.infer<typeof SendRequest>;

/** The trace that what was sent begins. */
export const Sent = z.object({ trace: z.string() });

/** The answer of a request that is refused: 400, 403 from a page of another origin, 404, 413. */
export const Refusal = z.object({ title: z.string() });

/** The answer of `GET /_local/connections`: the WebSocket connections that are open. */
export const Connections = z.array(
  z.object({
    connectionId: z.string(),
    connectedAt: z.number(),
    /** The parameters of its handshake, e.g. `{ "topic": "summer" }`. */
    query: z.record(z.string(), z.string()),
  }),
);
