import type { IncomingMessage, ServerResponse } from 'node:http';

/** A request, and the path parameters of its route. */
export interface Exchange {
  request: IncomingMessage;
  response: ServerResponse;
  /** The path without the query. */
  path: string;
  /** The values of the path's `{name}` segments, in order and still encoded. */
  parameters: string[];
}

/**
 * The handlers by route: `GET /traces/{trace}` or, for any method, `/traces/{trace}`. A segment in
 * braces matches any one segment. The first matching route wins.
 */
export type Routes<Answer = (exchange: Exchange) => void | Promise<void>> = Readonly<Record<string, Answer>>;

/**
 * Returns the answer of the matching route, with the path and its parameters; `undefined` if no
 * route matches.
 */
export function match<Answer>(
  routes: Routes<Answer>,
  request: Pick<IncomingMessage, 'method' | 'url'>,
): { answer: Answer; path: string; parameters: string[] } | undefined {
  const path = (request.url ?? '').replace(/\?.*$/s, '');
  for (const [route, answer] of Object.entries(routes)) {
    const [method, pattern] = route.startsWith('/') ? [request.method, route] : route.split(' ');
    const parameters = method === request.method ? parametersOf(pattern ?? '', path) : undefined;
    if (parameters) return { answer, path, parameters };
  }
  return undefined;
}

function parametersOf(pattern: string, path: string): string[] | undefined {
  const expected = pattern.split('/');
  const actual = path.split('/');
  if (expected.length !== actual.length) return undefined;
  const parameters: string[] = [];
  for (const [index, segment] of expected.entries()) {
    const value = actual[index] ?? '';
    if (segment.startsWith('{') && value) parameters.push(value);
    else if (segment !== value) return undefined;
  }
  return parameters;
}
