import type { Clock } from '../core/clock.ts';
import { httpRequest, isFromClient } from '../core/hop.ts';
import { parseJson } from '../core/json.ts';
import { type QueueContents, RedriveRequest, type WaitingMessage } from '../core/queue-contents.ts';
import type { Recorder } from '../core/recorder.ts';
import type { RecordedTrace } from '../core/trace-store.ts';
import { answerJson, refuse } from '../http/http-server.ts';
import { readBody } from '../http/request-body.ts';
import { queryOf } from '../http/request-query.ts';
import type { Exchange, Routes } from '../http/routes.ts';
import type { Message, Queue } from '../services/sqs/queue.ts';
import type { Sqs } from '../services/sqs/sqs.ts';
import type { ArchitectureGraph } from './architecture.ts';
import type { Redrive } from './redrive.ts';
import { summaryOf } from './trace-document.ts';

/** The number of messages of each queue in the response for the flow view. */
const SHOWN = 50;
/** The maximum size of a request, in bytes: more than 10,000 IDs. */
const MAXIMUM_BODY = 512 * 1024;

export interface QueueServices {
  architecture: Pick<ArchitectureGraph, 'edges' | 'label' | 'nodeId'>;
  clock: Clock;
  recorder: Pick<Recorder, 'traces'>;
  redrive: Redrive;
  sqs: Pick<Sqs, 'queues'>;
}

/** Returns the routes that show the messages of the queues, redrive them and delete them. */
export function queueRoutes(services: QueueServices): Routes {
  const { redrive, sqs } = services;
  const withQueue =
    (answer: (queue: Queue, exchange: Exchange) => void | Promise<void>) =>
    (exchange: Exchange): void | Promise<void> => {
      const queue = sqs.queues.find(({ name }) => name === exchange.parameters[0]);
      return queue ? answer(queue, exchange) : refuse(exchange.response, 404, 'There is no such queue.');
    };
  return {
    '/_local/flow/queues': ({ response }) =>
      answerJson(
        response,
        200,
        sqs.queues.map((queue) => contentsOf(queue, services)),
      ),
    'GET /_local/dead-letters': ({ response }) =>
      answerJson(
        response,
        200,
        sqs.queues.map(({ name, messages }) => ({ queue: name, messages })),
      ),
    'GET /_local/dead-letters/{queue}/{id}': withQueue((queue, { response, parameters: [, id] }) => {
      const message = queue.messages.find((candidate) => candidate.id === id);
      if (message) answerJson(response, 200, message);
      else refuse(response, 404, 'The message is no longer in the queue.');
    }),
    'POST /_local/dead-letters/{queue}/redrive': withQueue(async (queue, { request, response }) => {
      const body = await readBody(request, MAXIMUM_BODY);
      const { data } = RedriveRequest.safeParse(body?.length === 0 ? {} : body && parseJson(body.toString()));
      if (data) return answerJson(response, 200, await redrive.redrive(queue, data.ids));
      const title = 'The body must be empty, or JSON like {"ids": [<id of a message>]}, of at most 512 KB.';
      refuse(response, 400, title);
    }),
    'DELETE /_local/dead-letters/{queue}': withQueue((queue, { request, response }) => {
      const until = queryOf(request).get('until') ?? 'Infinity';
      if (!/^(?:Infinity|\d+)$/.test(until))
        return refuse(response, 400, 'until must be a time in milliseconds since the epoch.');
      const ids = queue.messages.filter(({ sentAt }) => sentAt <= Number(until)).map(({ id }) => id);
      answerJson(response, 200, { deleted: queue.deleteById(new Set(ids)) });
    }),
    'DELETE /_local/dead-letters/{queue}/{id}': withQueue((queue, { response, parameters: [, id = ''] }) =>
      answerJson(response, 200, { deleted: queue.deleteById(new Set([id])) }),
    ),
  };
}

function contentsOf(queue: Queue, services: QueueServices): QueueContents {
  const { architecture } = services;
  const { arn, messages, name } = queue;
  const newest = messages.slice(-SHOWN).reverse();
  return {
    queue: name,
    node: architecture.nodeId(arn),
    label: architecture.label(arn),
    count: messages.length,
    messages: newest.map((message) => waiting(queue, message, services)),
  };
}

function waiting(
  queue: Queue,
  message: Message,
  { architecture, clock, recorder: { traces }, redrive }: QueueServices,
): WaitingMessage {
  const { id, sentAt, visibleAt } = message;
  const source = redrive.sourceOf(queue, message);
  const kept = redrive.keptBecause(message);
  const recorded = (message.traces ?? []).flatMap((trace) => traces.trace(trace) ?? []);
  return {
    id,
    sentAt,
    cause: source.cause,
    source: redrive.nameOf(source),
    hiddenUntil: visibleAt > clock.now() ? visibleAt : undefined,
    // What could not be tried has no trace.
    kept: kept && { reason: kept.reason, trace: traces.trace(kept.trace)?.trace },
    traces: recorded.map((one) => {
      const { createdId, title, trace } = summaryOf(one, traces);
      return { createdId, createdPath: createdPath(one, architecture), title, trace };
    }),
  };
}

/** Returns the path of what the request of a trace created, if the REST API has a route for it. */
function createdPath(
  { createdId, steps: [first] }: RecordedTrace,
  { edges }: Pick<ArchitectureGraph, 'edges'>,
): string | undefined {
  const path = first && isFromClient(first.hop) ? /^POST (.*)$/.exec(first.hop.to)?.[1] : undefined;
  if (createdId === undefined || path === undefined) return undefined;
  const route = httpRequest('GET', `${path}/{`);
  const isThere = edges.some(
    ({ hop }) => isFromClient(hop) && hop.to.startsWith(route) && /^[^/]*}$/.test(hop.to.slice(route.length)),
  );
  return isThere ? `${path}/${createdId}` : undefined;
}
