import * as z from 'zod/mini';
import { explainIssue, sentencesOf } from '../core/issue.ts';
import type { Recorder } from '../core/recorder.ts';
import { type Endpoints, type ExampleRequest, SendRequest, TraceQuery } from '../core/steps.ts';
import { answerJson } from '../http/http-server.ts';
import { readJson } from '../http/request-body.ts';
import { queryOf } from '../http/request-query.ts';
import type { Exchange, Routes } from '../http/routes.ts';
import type { ArchitectureGraph } from './architecture.ts';
import { bundleView, VIEW_FILES, type ViewFile } from './bundled-view.ts';
import { type ChangeSources, sendChanges } from './change-notices.ts';
import { NotSendable, type SendTargets } from './send-targets.ts';
import { traceDocument } from './trace-document.ts';
import { tracePage } from './trace-page.ts';
import { trafficReport } from './traffic-report.ts';

/** Larger than any payload that a target takes. */
const MAXIMUM_BODY = 2 * 1024 ** 2;

/** The page loads its own script and style, and talks to its own server. */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  "img-src 'self' data:",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

export interface FlowServices {
  architecture: ArchitectureGraph;
  changes: ChangeSources;
  endpoints: Endpoints;
  /** The requests that the flow view can send; none if absent. */
  example?: ExampleRequest | undefined;
  recorder: Recorder;
  targets: SendTargets;
}

/**
 * Returns the routes of the flow view: the page, and the JSON of `core/steps.ts` below
 * `/_local/flow/`.
 */
export function flowRoutes({
  architecture,
  changes,
  endpoints,
  example,
  recorder,
  targets,
}: FlowServices): Routes {
  const { nodes, edges } = architecture;
  const { isOn: recording, traces } = recorder;
  return {
    '/_local/flow/architecture': ({ response }) =>
      answerJson(response, 200, { nodes, edges, endpoints, recording, example }),
    '/_local/flow/traces': ({ request, response }) => {
      const parameters = Object.fromEntries(queryOf(request));
      const { data, error } = z.safeParse(TraceQuery, parameters, { error: explainIssue });
      if (data) answerJson(response, 200, tracePage(data, traces, example));
      else answerJson(response, 400, { title: error.issues.flatMap(sentencesOf).join(' ') });
    },
    '/_local/flow/traces/{trace}': ({ response, parameters: [trace = ''] }) => {
      const recorded = traces.trace(trace);
      if (recorded) answerJson(response, 200, traceDocument(recorded, traces, architecture));
      else answerJson(response, 404, { title: 'There is no such trace, or it is no longer kept.' });
    },
    '/_local/flow/traffic': ({ response }) =>
      answerJson(response, 200, trafficReport(recorder.traffic, architecture)),
    '/_local/flow/events': ({ response }) => sendChanges(recorder, changes, response),
    '/_local/flow/targets': ({ response }) => answerJson(response, 200, targets.list),
    'POST /_local/flow/send': (exchange) => send(targets, exchange),
    ...viewRoutes(),
  };
}

async function send(targets: SendTargets, { request, response }: Exchange): Promise<void> {
  const { data } = SendRequest.safeParse(await readJson(request, MAXIMUM_BODY));
  if (!data || data.payload === undefined) {
    const title =
      'The body must be JSON like {"target": <id of a target>, "payload": <JSON>}, of at most 2 MB.';
    return answerJson(response, 400, { title });
  }
  try {
    answerJson(response, 202, { trace: await targets.send(data.target, data.payload) });
  } catch (error) {
    if (!(error instanceof NotSendable)) throw error;
    answerJson(response, 400, { title: error.message });
  }
}

/** Returns the routes of the page's files, which are bundled at the first request. */
function viewRoutes(): Routes {
  let view: Promise<ReadonlyMap<string, ViewFile>> | undefined;
  const answer = async ({ path, response }: Exchange): Promise<void> => {
    view ??= bundleView();
    const file = await view
      .then((files) => files.get(path))
      .catch((error: unknown) => {
        // The next request bundles it again, so that an edit can fix it.
        view = undefined;
        throw error;
      });
    if (!file) return answerJson(response, 404, { title: 'There is no such page.' });
    response.writeHead(200, {
      'Content-Type': `${file.type}; charset=utf-8`,
      'Cache-Control': 'no-cache',
      'Content-Security-Policy': CONTENT_SECURITY_POLICY,
    });
    response.end(file.content);
  };
  return Object.fromEntries(VIEW_FILES.map((path) => [path, answer]));
}
