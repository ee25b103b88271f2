import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Recorder } from '../core/recorder.ts';
import { SendRequest } from '../core/steps.ts';
import { answerJson } from '../http/http-server.ts';
import { readJson } from '../http/request-body.ts';
import type { ArchitectureGraph } from './architecture.ts';
import { bundleView, type ViewFile } from './bundled-view.ts';
import { NotSendable, type SendTargets } from './send-targets.ts';
import { summaryOf, traceDocument } from './trace-document.ts';

const MAXIMUM_TRACES = 200;
/** How long changes are gathered before they are told. */
const GATHERING_MS = 200;
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
  recorder: Recorder;
  targets: SendTargets;
}

/** What the flow view is and is told: `/_local/` and what is below `/_local/flow/`, as `model.ts` has it. */
export class FlowApi {
  readonly #services: FlowServices;
  #view: Promise<ReadonlyMap<string, ViewFile>> | undefined;

  constructor(services: FlowServices) {
    this.#services = services;
  }

  /** Whether a path is one of these. */
  has(path: string): boolean {
    return path === '/_local/' || path.startsWith('/_local/flow/');
  }

  async answer(path: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { architecture, recorder, targets } = this.#services;
    const trace = /^\/_local\/flow\/traces\/([^/]+)$/.exec(path)?.[1];
    if (path === '/_local/flow/architecture') {
      const { nodes, edges } = architecture;
      answerJson(response, 200, { nodes, edges, recording: recorder.isOn });
    } else if (path === '/_local/flow/traces') {
      answerJson(
        response,
        200,
        recorder.newest(MAXIMUM_TRACES).map((recorded) => summaryOf(recorded, recorder)),
      );
    } else if (trace !== undefined) {
      const recorded = recorder.trace(trace);
      if (recorded) answerJson(response, 200, traceDocument(recorded, recorder, architecture));
      else answerJson(response, 404, { title: 'There is no such trace, or it is no longer kept.' });
    } else if (path === '/_local/flow/events') this.#tellChanges(response);
    else if (path === '/_local/flow/targets') answerJson(response, 200, targets.list);
    else if (path === '/_local/flow/send' && request.method === 'POST') await this.#send(request, response);
    else await this.#answerView(path, response);
  }

  async #send(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { data } = SendRequest.safeParse(await readJson(request, MAXIMUM_BODY));
    if (!data || data.payload === undefined) {
      const title =
        'The body must be JSON, {"target": <id of a target>, "payload": <JSON>}, and 2 MB at most.';
      return answerJson(response, 400, { title });
    }
    try {
      answerJson(response, 202, { trace: await this.#services.targets.send(data.target, data.payload) });
    } catch (error) {
      if (!(error instanceof NotSendable)) throw error;
      answerJson(response, 400, { title: error.message });
    }
  }

  /** Sends the summaries of the traces that change, for as long as somebody listens. */
  #tellChanges(response: ServerResponse): void {
    // Who is gone already closes no more.
    if (response.destroyed) return;
    response.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-cache' });
    response.write(': changes of traces\n\n');
    const { recorder } = this.#services;
    /** Ids: a trace that is no longer kept must not be kept here. */
    const changed = new Set<string>();
    let timer: NodeJS.Timeout | undefined;
    const tell = (): void => {
      const kept = [...changed].flatMap((trace) => recorder.trace(trace) ?? []);
      changed.clear();
      // Who reads too slowly gets the more at once.
      if (response.writableNeedDrain) {
        for (const { trace } of kept) changed.add(trace);
        timer = setTimeout(tell, GATHERING_MS);
        return;
      }
      timer = undefined;
      const summaries = kept.map((recorded) => summaryOf(recorded, recorder));
      response.write(`data: ${JSON.stringify(summaries)}\n\n`);
    };
    const stop = recorder.onChange(({ trace }) => {
      changed.add(trace);
      timer ??= setTimeout(tell, GATHERING_MS);
    });
    response.on('close', () => {
      stop();
      clearTimeout(timer);
    });
  }

  async #answerView(path: string, response: ServerResponse): Promise<void> {
    this.#view ??= bundleView();
    const file = await this.#view
      .then((files) => files.get(path))
      .catch((error: unknown) => {
        // After the edit that mends it, the next request bundles it again.
        this.#view = undefined;
        throw error;
      });
    if (!file) return answerJson(response, 404, { title: 'There is no such page.' });
    response.writeHead(200, {
      'Content-Type': `${file.type}; charset=utf-8`,
      'Cache-Control': 'no-cache',
      'Content-Security-Policy': CONTENT_SECURITY_POLICY,
      'X-Content-Type-Options': 'nosniff',
    });
    response.end(file.content);
  }
}
