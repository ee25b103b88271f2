import * as z from 'zod/mini';
import { Hop } from './hop.ts';

/*
 * The JSON that the public port serves to the flow view below `/_local/`. The page imports this
 * module too, so it imports nothing of Node.js. Times are milliseconds since the epoch, on the
 * clock of the services.
 */

/** The largest number of traces in a response: as many as are kept. */
const MAXIMUM_PAGE = 1_200;

export const NodeKind = z.enum([
  'client',
  'rest-api',
  'websocket-api',
  'function',
  'table',
  'stream',
  'bus',
  'archive',
  'rule',
  'topic',
  'queue',
  'secret',
  'mail',
  'comprehend',
]);
export type NodeKind = z.infer<typeof NodeKind>;

/**
 * A resource. `id` is its logical ID, `<logical id of the table>.stream`, `client`, `comprehend` or
 * `mail`.
 */
export const ArchitectureNode = z.object({ id: z.string(), label: z.string(), kind: NodeKind });
export type ArchitectureNode = z.infer<typeof ArchitectureNode>;

/**
 * A hop between two nodes. Two nodes can have several edges, one for each hop, e.g.
 * `create-post → dynamodb:PutItem` and `create-post → dynamodb:UpdateItem`. `id` is unique: the
 * hop's name, followed by the nodes where several edges have the same hop.
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

/** A request that the page can send to the REST API as an example. */
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

/** Where clients reach the stack, for commands. Absent if the stack has no such API. */
export const Endpoints = z.object({
  restApi: z.optional(z.string()),
  webSocketApi: z.optional(z.string()),
  /** The management API of the WebSocket API. */
  management: z.optional(z.string()),
  /** The endpoint for SDKs and the AWS CLI. */
  aws: z.string(),
  region: z.string(),
});
export type Endpoints = z.infer<typeof Endpoints>;

/** The response of `GET /_local/flow/architecture`. */
export const Architecture = z.object({
  endpoints: Endpoints,
  nodes: z.array(ArchitectureNode),
  edges: z.array(ArchitectureEdge),
  /** Whether the flow is recorded; `--no-flow` switches that off. */
  recording: z.boolean(),
  example: z.optional(ExampleRequest),
});
export type Architecture = z.infer<typeof Architecture>;

/**
 * - `request`: a client sends a request to an API, an operator a payload to a target, or an
 *   administrator an event or a notification;
 * - `run`: an attempt to run a function, from when Lambda receives it;
 * - `call`: an attempt of a function to call a service;
 * - `event`: a rule matches an event on its bus or of a replay, or its schedule is due;
 * - `unmatched`: a rule does not match an event, for the reason in `why`;
 * - `unwanted`: no rule of a bus matches an event, which ends there;
 * - `delivery`: an attempt of a rule to deliver an event to a target;
 * - `stream`: an event source mapping reads a record from the stream of a table;
 * - `dead-letter`: a message goes to a dead-letter queue;
 * - `mail`: an attempt of a topic to send an e-mail;
 * - `message`: a message goes to a client over its WebSocket.
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
  'unwanted',
]);
export type StepKind = z.infer<typeof StepKind>;

/** A hop that something takes or has taken. */
export const Step = z.object({
  /** Increases in the order in which steps begin. Unique in a run of the local cloud. */
  id: z.number(),
  /**
   * The ID of the step of the same trace that led to it, which is smaller; absent only for the
   * first step of a trace.
   */
  cause: z.optional(z.number()),
  kind: StepKind,
  hop: Hop,
  /**
   * IDs of nodes. They are equal if the node does not change, e.g. when a function runs an event of
   * its own event queue.
   */
  from: z.string(),
  to: z.string(),
  startedAt: z.number(),
  /** Absent while the step runs. */
  endedAt: z.optional(z.number()),
  outcome: z.enum(['running', 'ok', 'failed']),
  error: z.optional(z.string()),
  /** 1 for the first attempt; a retry is another step with the same cause. */
  attempt: z.number(),
  /** The injected faults, e.g. `delay`. */
  faults: z.optional(z.array(z.string())),
  /**
   * The payload: parsed if it is JSON, otherwise a text. If a text is longer than 256 KB, its
   * beginning, and `truncated` is set. Absent if the payload is no longer kept.
   */
  payload: z.optional(z.unknown()),
  truncated: z.optional(z.literal(true)),
  /** The result, if it is kept: `{ status, body }` of a request, the response of a run. */
  result: z.optional(z.unknown()),
  /** The lines that the handler of a run logged. */
  logs: z.optional(z.array(z.string())),
  /** The part of the pattern that did not match, and the value. */
  why: z.optional(z.string()),
});
export type Step = z.infer<typeof Step>;

/** A trace in the response of `GET /_local/flow/traces`. */
export const TraceSummary = z.object({
  trace: z.string(),
  /** The name of the first step, e.g. `POST /posts: A title`. */
  title: z.string(),
  startedAt: z.number(),
  /** When its last step ended; absent while a step runs. */
  endedAt: z.optional(z.number()),
  /**
   * The last segment of the `Location` in the response to the request: the ID of what it created.
   */
  createdId: z.optional(z.string()),
  /** Counts of its steps. */
  steps: z.number(),
  running: z.number(),
  failed: z.number(),
  deadLetters: z.number(),
  /** The number of events that no rule matched. */
  unwanted: z.number(),
});
export type TraceSummary = z.infer<typeof TraceSummary>;

/** What distinguishes traces in the list. A trace can be in several states. */
export const TraceState = z.enum(['failed', 'slow', 'dead-letters']);
export type TraceState = z.infer<typeof TraceState>;

/** The query parameters of `GET /_local/flow/traces`; answered 400 with `Refusal` if not valid. */
export const TraceQuery = z.strictObject({
  /** Words that the title, the IDs or the errors of a trace contain, in any case and order. */
  text: z._default(z.string(), ''),
  /** `example`: only traces that begin with the example request, if there is one. */
  kind: z._default(z.enum(['example', 'all']), 'all'),
  state: z.optional(TraceState),
  limit: z._default(z.coerce.number().check(z.int(), z.gte(1), z.lte(MAXIMUM_PAGE)), 200),
  /** `next` of the page before. */
  cursor: z.optional(z.coerce.number().check(z.int())),
});
export type TraceQuery = z.infer<typeof TraceQuery>;

/** The response of `GET /_local/flow/traces`. */
export const TracePage = z.object({
  /** Newest first. */
  traces: z.array(TraceSummary),
  /** The number of kept traces that match, on all pages. */
  total: z.number(),
  /** The numbers of kept traces in each state that match the other parameters. */
  states: z.record(TraceState, z.number()),
  /** The cursor of the next page, with older traces; absent on the last page. */
  next: z.optional(z.number()),
});
export type TracePage = z.infer<typeof TracePage>;

/**
 * The response of `GET /_local/flow/traces/<trace>`; 404 if the trace is not, or no longer, kept.
 */
export const Trace = z.object({
  trace: z.string(),
  title: z.string(),
  startedAt: z.number(),
  createdId: z.optional(z.string()),
  /**
   * Whether any of its payloads, results or logs are no longer kept. The newest 8 MB and 30,000
   * lines of all traces are kept.
   */
  contentsDropped: z.boolean(),
  /** The number of steps that are not kept: a trace keeps 5,000. */
  leftOut: z.number(),
  steps: z.array(Step),
});
export type Trace = z.infer<typeof Trace>;

/** The passes of a hop in the last minutes. Each step of a batch counts. */
export const HopTraffic = z.object({
  hop: Hop,
  /** The nodes of the edge. `from` is absent if the hop has only one edge to `to`. */
  from: z.optional(z.string()),
  to: z.string(),
  /** The passes that have not ended, however old they are. */
  running: z.number(),
  /** The passes that ended since the hop was first passed, or had not been for five minutes. */
  total: z.number(),
  /** The passes that ended in the last minutes, and those of them that failed, retried or not. */
  passed: z.number(),
  failed: z.number(),
  /** In milliseconds, exact within 6 %; absent if none has ended. */
  p50: z.optional(z.number()),
  p99: z.optional(z.number()),
});
export type HopTraffic = z.infer<typeof HopTraffic>;

/** The response of `GET /_local/flow/traffic`. */
export const TrafficReport = z.object({
  /** The time that the figures are about, in milliseconds. */
  window: z.number(),
  hops: z.array(HopTraffic),
});
export type TrafficReport = z.infer<typeof TrafficReport>;

/**
 * The names of the server-sent events of `GET /_local/flow/events`. Each says that the resource of
 * that name below `/_local/` or `/_local/flow/` has changed.
 */
export const Topic = z.enum([
  'traces',
  'traffic',
  'connections',
  'dead-letters',
  'emails',
  'faults',
  'metrics',
]);
export type Topic = z.infer<typeof Topic>;

/** The data of the event `traces`: the IDs of the traces that have changed. */
export const ChangedTraces = z.object({ traces: z.array(z.string()) });

/** A function, or a target of a rule, to which an operator can send a payload. */
export const SendTarget = z.object({
  id: z.string(),
  label: z.string(),
  /** The name of the rule. The payload is then an event of its bus, as in its dead letters. */
  rule: z.optional(z.string()),
  /** The node of the target. */
  node: z.string(),
  /** The names of the queues that its dead letters go to. */
  queues: z.array(z.string()),
});
export type SendTarget = z.infer<typeof SendTarget>;

/** The response of `GET /_local/flow/targets`. */
export const SendTargets = z.array(SendTarget);

/** The body of `POST /_local/flow/send`; answered 202 with `Sent`, or 400 with `Refusal`. */
export const SendRequest = z.strictObject({ target: z.string(), payload: z.unknown() });
export type SendRequest = z.infer<typeof SendRequest>;

/** The trace that the payload begins. */
export const Sent = z.object({ trace: z.string() });

/** The response to a refused request: 400, 403 for a page of another origin, 404, 413. */
export const Refusal = z.object({ title: z.string() });

/** The response of `GET /_local/connections`: the open WebSocket connections. */
export const Connections = z.array(
  z.object({
    connectionId: z.string(),
    connectedAt: z.number(),
    /** The parameters of its handshake, e.g. `{ "topic": "summer" }`. */
    query: z.record(z.string(), z.string()),
  }),
);
