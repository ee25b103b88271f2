import type { IncomingMessage, ServerResponse } from 'node:http';
import * as z from 'zod/mini';
import { Fault, type Faults } from '../core/faults.ts';
import type { FlowApi } from '../flow/flow-api.ts';
import { answerJson, isCrossOrigin, isForThisMachine } from '../http/http-server.ts';
import { readJson } from '../http/request-body.ts';
import type { WebSocketApi } from '../services/apigateway/websocket-api.ts';
import type { Lambda } from '../services/lambda/lambda.ts';
import { inboxPage } from '../services/mail/inbox-page.ts';
import type { Mailbox } from '../services/mail/mailbox.ts';
import type { Sqs } from '../services/sqs/sqs.ts';

/** What the pages below `/_local/` show. */
export interface LocalPagesSource {
  faults: Faults;
  flow: FlowApi;
  lambda: Lambda;
  mailbox: Mailbox;
  sqs: Sqs;
  /** The stack's outputs, with the URLs of this machine. */
  outputs: Record<string, string>;
  webSocketApi: WebSocketApi;
}

const MAXIMUM_FAULT = 64 * 1024;

/** Whether a request is for one of these pages. */
export function isForLocalPage({ url = '' }: IncomingMessage): boolean {
  return /^\/_local([/?]|$)/.test(url);
}

/** Answers what is asked below `/_local/`: the local cloud's own view of itself, which AWS has nothing like. */
export async function answerLocalPage(
  request: IncomingMessage,
  response: ServerResponse,
  { faults, flow, lambda, mailbox, sqs, outputs, webSocketApi }: LocalPagesSource,
): Promise<void> {
  const answer = (status: number, type: string, body: string): void => {
    response.writeHead(status, { 'Content-Type': `${type}; charset=utf-8` });
    response.end(body);
  };
  const json = (status: number, value: unknown): void => answerJson(response, status, value);
  const path = request.url?.replace(/\?.*$/, '') ?? '';
  if (!isForThisMachine(request)) json(403, { title: 'This is for localhost and 127.0.0.1 alone.' });
  else if (request.method !== 'GET' && isCrossOrigin(request))
    json(403, { title: 'A page of another origin may not do this.' });
  else if (path === '/_local') response.writeHead(308, { Location: '/_local/' }).end();
  else if (flow.has(path)) await flow.answer(path, request, response);
  else if (path === '/_local/connections') json(200, webSocketApi.connections);
  else if (path === '/_local/health') json(200, { status: 'ok' });
  else if (path === '/_local/outputs') json(200, outputs);
  else if (path === '/_local/emails') json(200, mailbox.mails);
  else if (path === '/_local/inbox') answer(200, 'text/html', inboxPage(mailbox.mails));
  else if (path === '/_local/dead-letters') {
    json(
      200,
      sqs.queues.map(({ name, messages }) => ({ queue: name, messages })),
    );
  } else if (path === '/_local/faults' && request.method === 'POST') {
    const labels = [...lambda.functions].map(({ label }) => label);
    const isKnown = ({ function: name }: Fault) => name === undefined || labels.includes(name);
    const fault = Fault.check(z.refine(isKnown, `function: one of ${labels.join(', ')}`)).safeParse(
      await readJson(request, MAXIMUM_FAULT),
    );
    if (fault.success) faults.add(fault.data);
    if (fault.success) json(201, fault.data);
    else json(400, { title: 'This is not a fault.', errors: fault.error.issues });
  } else if (path === '/_local/faults') {
    if (request.method === 'DELETE') faults.clear();
    json(200, faults.list);
  } else json(404, { title: 'There is no such page.' });
}
