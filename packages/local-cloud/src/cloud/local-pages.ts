import type { IncomingMessage, ServerResponse } from 'node:http';
import { parseFault } from '../core/fault-input.ts';
import type { Faults, Point } from '../core/faults.ts';
import { PAGE_HEADERS } from '../http/html.ts';
import { answerJson } from '../http/http-server.ts';
import { readJson } from '../http/request-body.ts';
import { isCrossOrigin } from '../http/request-origin.ts';
import { type Exchange, match, type Routes } from '../http/routes.ts';
import type { WebSocketApi } from '../services/apigateway/websocket-api.ts';
import type { Metrics } from '../services/cloudwatch/metrics.ts';
import { inboxRoutes } from '../services/mail/inbox-routes.ts';
import type { Mailbox } from '../services/mail/mailbox.ts';

/** The parts of the cloud that the pages below `/_local/` show. */
export interface LocalPagesSource {
  /** The reasons why edited sources do not compile, by what they are. */
  buildFailures: ReadonlyMap<string, string>;
  faults: Faults;
  /** Returns the points at which a fault can occur. */
  faultPoints: () => readonly Point[];
  /** The routes of the flow view, and of the queues. */
  flow: Routes;
  mailbox: Mailbox;
  metrics: Metrics;
  /** The stack's outputs, with the URLs of this machine. */
  outputs: Record<string, string>;
  webSocketApi: WebSocketApi | undefined;
}

/** The maximum size of a fault, in bytes. */
const MAXIMUM_FAULT = 64 * 1024;

/** Returns whether a request is for `/_local` or a path below it. */
export function isForLocalPage({ url = '' }: IncomingMessage): boolean {
  return /^\/_local([/?]|$)/.test(url);
}

/**
 * Answers a request for one of the local cloud's own pages, which have no counterpart in AWS.
 * Refuses the requests of pages of another origin. The local pages cannot be shown in a frame.
 */
export async function answerLocalPage(
  request: IncomingMessage,
  response: ServerResponse,
  routes: Routes,
): Promise<void> {
  const refuse = (status: number, title: string): void => answerJson(response, status, { title });
  for (const [name, value] of Object.entries(PAGE_HEADERS)) response.setHeader(name, value);
  if (isCrossOrigin(request)) return refuse(403, 'Pages of another origin have no access.');
  const matched = match(routes, request);
  if (!matched) return refuse(404, 'There is no such page.');
  await matched.answer({ request, response, ...matched });
}

/** Returns the routes below `/_local`. */
export function localRoutes(source: LocalPagesSource): Routes {
  const { buildFailures, faults, flow, mailbox, metrics, outputs, webSocketApi } = source;
  const show =
    (value: () => unknown) =>
    ({ response }: Exchange): void =>
      answerJson(response, 200, value());
  return {
    '/_local': ({ response }) => {
      response.writeHead(308, { Location: '/_local/' }).end();
    },
    ...flow,
    ...inboxRoutes(mailbox),
    '/_local/connections': show(() => webSocketApi?.connections.list ?? []),
    '/_local/health': show(() => ({
      status: 'ok',
      ...(buildFailures.size > 0 && { buildFailures: Object.fromEntries(buildFailures) }),
    })),
    '/_local/outputs': show(() => outputs),
    '/_local/metrics': show(() => metrics.list),
    'POST /_local/faults': (exchange) => addFault(exchange, source),
    'DELETE /_local/faults': ({ response }) => {
      faults.clear();
      answerJson(response, 200, faults.list);
    },
    'DELETE /_local/faults/{id}': ({ response, parameters: [id] }) => {
      if (faults.remove(Number(id))) answerJson(response, 200, faults.list);
      else answerJson(response, 404, { title: 'No fault with this number is switched on.' });
    },
    '/_local/faults': show(() => faults.list),
  };
}

async function addFault(
  { request, response }: Exchange,
  { faults, faultPoints }: Pick<LocalPagesSource, 'faults' | 'faultPoints'>,
): Promise<void> {
  const body = await readJson(request, MAXIMUM_FAULT);
  if (body === undefined)
    return answerJson(response, 400, { title: 'The body must be JSON, of at most 64 KB.' });
  const parsed = parseFault(body, faultPoints());
  if ('errors' in parsed) return answerJson(response, 400, { title: 'The fault is not valid.', ...parsed });
  answerJson(response, 201, faults.add(parsed.fault));
}
