import * as z from 'zod/mini';

/*
 * The only module that builds, prints and parses hops. The browser page of the flow view imports it
 * too, so it imports nothing of Node.js.
 */

/**
 * A passage between two parts of the cloud. Only a call has an operation; its `to` is the prefix of
 * the service's permissions.
 */
export const Hop = z.object({ from: z.string(), to: z.string(), operation: z.optional(z.string()) });
export type Hop = z.infer<typeof Hop>;

const ARROW = ' → ';
const CALL = /^([a-z][a-z0-9-]*):([A-Z]\w*)$/;

/**
 * Returns the name by which faults, logs and people refer to a hop, e.g.
 * `create-post → dynamodb:PutItem`.
 */
export function hopName({ from, to, operation }: Hop): string {
  return operation === undefined ? `${from}${ARROW}${to}` : `${from}${ARROW}${to}:${operation}`;
}

/**
 * Returns the hop that has a name.
 * @throws {Error} if the text is not the name of a hop
 */
export function parseHop(name: string): Hop {
  const [from, to, ...rest] = name.split(ARROW);
  if (!from || !to || rest.length > 0)
    throw new Error(`"${name}" must name a hop like "create-post → dynamodb:PutItem".`);
  const [, service, operation] = CALL.exec(to) ?? [];
  return service === undefined ? { from, to } : { from, to: service, operation };
}

/** Returns the name of a request to a REST API, e.g. `GET /posts`. It is one end of a hop. */
export function httpRequest(method: string, path: string): string {
  return `${method} ${path}`;
}

/**
 * Returns the name of a request to a WebSocket API, e.g. `WebSocket $connect`. It is one end of a
 * hop.
 */
export function webSocketRequest(routeKey: string): string {
  return `WebSocket ${routeKey}`;
}

/** Returns the name of the event queue of a function, which is one end of the hop to its runs. */
export function eventQueueOf(functionLabel: string): string {
  return `event queue of ${functionLabel}`;
}

/**
 * Returns the name of the stream of a table, which is one end of the hops that its records take.
 */
export function streamOf(table: string): string {
  return `stream of ${table}`;
}

/** Returns whether a hop leaves the stream of a table. */
export function isFromStream({ from }: Hop): boolean {
  return from.startsWith(streamOf(''));
}

/** Returns the hop over which a client sends a request to an API. */
export function requestHop(request: string): Hop {
  return { from: 'client', to: request };
}

/** Returns whether a client sends a request over the hop. */
export function isFromClient({ from }: Hop): boolean {
  return from === 'client';
}

/** Returns the hop over which an operator sends a payload to a target manually. */
export function sendHop(target: string): Hop {
  return { from: 'operator', to: target };
}

/**
 * Returns the hop over which a function, or without one the account's administrator, calls a
 * service.
 */
export function callHop(service: string, operation: string, functionLabel = 'administrator'): Hop {
  return { from: functionLabel, to: service, operation };
}

/**
 * Returns the hop over which a request, an event queue, a stream or the operation `Invoke` runs a
 * function.
 */
export function runHop(invoker: string, functionLabel: string): Hop {
  return { from: invoker, to: functionLabel };
}

/** Returns the hop over which a rule matches events on its bus. */
export function eventHop(bus: string, rule: string): Hop {
  return { from: bus, to: rule };
}

/** Returns the hop of an event that no rule on its bus matches. */
export function unwantedHop(bus: string): Hop {
  return { from: bus, to: 'no rule' };
}

/** Returns the hop over which the schedule of a rule is due. */
export function scheduleHop(rule: string): Hop {
  return { from: 'schedule', to: rule };
}

/** Returns the hop over which a rule delivers events to a target. */
export function deliveryHop(rule: string, target: string): Hop {
  return { from: rule, to: target };
}

/** Returns the hop over which a replay hands events of an archive to a rule. */
export function replayHop(archive: string, rule: string): Hop {
  return { from: archive, to: rule };
}

/** Returns the hop over which an event source mapping reads records from the stream of a table. */
export function streamReadHop(table: string): Hop {
  return { from: streamOf(table), to: 'event source mapping' };
}

/** Returns the hop over which messages go to a dead-letter queue. */
export function deadLetterHop(queue: string): Hop {
  return { from: 'dead letter', to: queue };
}

/** Returns the hop over which a topic sends e-mails. */
export function mailHop(topic: string): Hop {
  return { from: topic, to: 'email' };
}

/** The hop over which a WebSocket API sends messages to its clients. */
export const messageHop: Hop = { from: 'WebSocket', to: 'client' };
