import { randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { reachesIntegration } from './restricted-headers.ts';

/* Builds the fields that the events of REST and of WebSocket APIs have in common. */

/** The values of each name, in the order of the request. */
type Multi = Record<string, string[]>;

/** Returns the URL of a request, with the path as the client sent it. */
export function requestUrl(request: IncomingMessage): URL {
  const url = new URL(`http://localhost${request.url}`);
  // Ignored if it is not valid.
  url.host = request.headers.host ?? '';
  return url;
}

/**
 * Returns the headers of a request, with names as the client sent them, and the headers that API
 * Gateway adds.
 */
export function forwardedHeaders(request: IncomingMessage, traceHeader: string): Multi {
  const added = {
    'X-Amzn-Trace-Id': [traceHeader],
    'X-Forwarded-For': [
      [request.headers['x-forwarded-for'] ?? [], request.socket.remoteAddress ?? ''].flat().join(', '),
    ],
    'X-Forwarded-Port': [String(request.socket.localPort ?? '')],
    'X-Forwarded-Proto': ['http'],
  };
  const replaced = new Set(Object.keys(added).map((name) => name.toLowerCase()));
  const headers: [string, string][] = [];
  for (let index = 0; index + 1 < request.rawHeaders.length; index += 2) {
    const [name = '', value = ''] = request.rawHeaders.slice(index, index + 2);
    // API Gateway spells this one itself, whatever the client's spelling.
    if (reachesIntegration(name, value) && !replaced.has(name.toLowerCase()))
      headers.push([name.toLowerCase() === 'host' ? 'Host' : name, value]);
  }
  return { ...grouped(headers), ...added };
}

export function queryParameters(url: URL): Multi {
  return grouped(url.searchParams);
}

function grouped(pairs: Iterable<[string, string]>): Multi {
  // Not an object: a client may send any name, even `constructor`.
  const values = new Map<string, string[]>();
  for (const [name, value] of pairs) {
    const list = values.get(name);
    if (list) list.push(value);
    else values.set(name, [value]);
  }
  return Object.fromEntries(values);
}

/** Returns the last value of each name, for the events' single-value maps. */
export function last(values: Multi): Record<string, string> {
  return Object.fromEntries(Object.entries(values).map(([name, list]) => [name, list.at(-1) ?? '']));
}

export function orNull<Values extends object>(values: Values): Values | null {
  return Object.keys(values).length > 0 ? values : null;
}

/** Returns a time in the Common Log Format, e.g. `31/Jan/2026:09:30:00 +0000`. */
export function requestTime(epoch: number): string {
  const [, day, month, year, time] = new Date(epoch).toUTCString().split(' ');
  return `${day}/${month}/${year}:${time} +0000`;
}

/**
 * Returns a new ID of a connection or an extended request ID: 15 characters of base64 and an equals
 * sign.
 */
export function extendedId(): string {
  return `${randomBytes(12).toString('base64url').slice(0, 15)}=`;
}
