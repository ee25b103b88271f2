import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { ConnectionDropped } from '../core/faults.ts';
import { callHop, hopName } from '../core/hop.ts';
import { parseJsonOrThrow } from '../core/json.ts';
import { pass } from '../core/passage.ts';
import { AwsError } from '../core/service.ts';
import { type Cause, causeOf } from '../core/trace.ts';
import { readBody } from '../http/request-body.ts';
import type { RequestHead } from '../http/request-head.ts';
import { isCrossOrigin } from '../http/request-origin.ts';
import { queryOf } from '../http/request-query.ts';
import { match, type Routes } from '../http/routes.ts';
import type { AwsCall, AwsResponse } from '../services/lambda/aws-call.ts';
import { confirmationPage, type Page, unsubscribePage } from '../services/sns/pages.ts';
import { formatXml, formatXmlError, parseQuery } from '../services/sns/query-protocol.ts';
import { queryError } from '../services/sqs/query-error.ts';
import { callSts } from '../services/sts/sts.ts';
import { account } from './account.ts';
import { type AwsAnswer, asAwsError, asHtml } from './aws-answer.ts';
import type { AwsPortOptions, Caller } from './aws-port-options.ts';
import { notEmulated } from './not-emulated.ts';
import { namespaces, targets } from './protocols.ts';
import { missingToken, signedService, signerOf, unsigned } from './signature.ts';
import { refuseSkipped } from './skipped-calls.ts';

/** A call in any protocol. `service` is the prefix of its permissions, e.g. `dynamodb`. */
interface Call {
  service: string;
  operation: string;
  input: unknown;
  /** The payload of the caller. */
  text: string;
  /** As in `Point`. */
  part?: string;
}

const MAXIMUM_PAYLOAD = 16 * 1024 * 1024;

/** A request to the port, with its body. */
interface Received {
  request: RequestHead;
  requestId: string;
  body: Body;
  query: URLSearchParams;
  /** The values of the path's `{name}` segments. */
  parameters: string[];
}

/** The body of a request: a text, or bytes in any encoding. */
type Body = string | Buffer;

/** The endpoint that SDKs and the AWS CLI call in place of all AWS endpoints. */
export class AwsPort {
  readonly #options: AwsPortOptions;
  #isClosed = false;
  /** The pages behind the links in e-mails. */
  readonly #pages: Routes<(query: URLSearchParams) => Promise<Page>>;
  /** The routes of the protocols that name an operation by its path. */
  readonly #routes: Routes<(received: Received) => Promise<AwsAnswer>>;

  constructor(options: AwsPortOptions) {
    this.#options = options;
    const { sns } = options.services;
    this.#pages = {
      '/confirmation.html': (query) => confirmationPage(sns, query),
      '/unsubscribe.html': (query) => unsubscribePage(sns, query),
    };
    this.#routes = {
      '/{stage}/@connections/{id}': (received) => this.#connections(received),
      '/2015-03-31/functions/{name}/invocations': (received) => this.#invoke(received),
    };
  }

  /**
   * Answers a request over HTTP.
   * @throws {ConnectionDropped} if the connection must end without an answer
   */
  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { status, headers, body } = await this.#respond(request, () => readBody(request, MAXIMUM_PAYLOAD));
    response.writeHead(status, headers).end(body);
  }

  /**
   * Answers a call that a worker makes over its channel, as `handle` does.
   * @throws {ConnectionDropped} if the connection must end without an answer
   */
  async answer({ body, ...head }: AwsCall): Promise<AwsResponse> {
    if (this.#isClosed) throw new ConnectionDropped('The local cloud stops.');
    const isTooLong = Buffer.byteLength(body) > MAXIMUM_PAYLOAD;
    const read = typeof body === 'string' ? body : Buffer.from(body.buffer, body.byteOffset, body.length);
    return this.#respond(head, async () => (isTooLong ? undefined : read));
  }

  /** Ends later calls of workers, as the closed port does for other clients. */
  close(): void {
    this.#isClosed = true;
  }

  /** @param read returns the body; `undefined` if it is too long */
  async #respond(head: RequestHead, read: () => Promise<Body | undefined>): Promise<AwsResponse> {
    const requestId = randomUUID();
    const answer = await this.#answer(head, read, requestId);
    const headers = {
      'Content-Type': answer.type,
      'Content-Length': String(Buffer.byteLength(answer.body)),
      // The SDK retries errors if its clock differs from this header.
      Date: new Date(this.#options.clock.now()).toUTCString(),
      'x-amzn-RequestId': requestId,
      ...answer.headers,
    };
    return { status: answer.status, headers, body: answer.body };
  }

  async #answer(
    request: RequestHead,
    read: () => Promise<Body | undefined>,
    requestId: string,
  ): Promise<AwsAnswer> {
    if (isCrossOrigin(request)) {
      const message = 'Pages of another origin have no access to the AWS endpoint.';
      return { status: 403, type: 'application/json', body: JSON.stringify({ message }) };
    }
    const query = queryOf(request);
    const page = match(this.#pages, request);
    if (page) return asHtml(await page.answer(query));
    if (signerOf(request) === undefined && signedService(request) === undefined)
      return unsigned(request, requestId);
    const body = await read();
    if (body === undefined) return { status: 413, type: 'text/plain', body: '' };
    const target = request.headers['x-amz-target'];
    if (typeof target === 'string') {
      const [prefix = '', operation = ''] = target.split('.');
      const known = Object.entries(targets).find(([key]) => key === prefix)?.[1];
      if (known) return this.#json(request, known, operation, body.toString());
    }
    const route = match(this.#routes, request);
    if (route) return route.answer({ request, requestId, body, query, parameters: route.parameters });
    const service = signedService(request) ?? (target === undefined ? 'sns' : undefined);
    const text = body.length > 0 ? body.toString() : query.toString();
    if (service !== undefined && Object.hasOwn(namespaces, service))
      return this.#query(request, { service, text, requestId });
    return notEmulated(request, text, requestId, this.#options.skippedIn('', [text, request.url]));
  }

  /** Answers in the protocols `json` 1.0 and 1.1. Source: Smithy's "AWS JSON protocol". */
  async #json(
    request: RequestHead,
    [name, service]: (typeof targets)[keyof typeof targets],
    operation: string,
    text: string,
  ): Promise<AwsAnswer> {
    const type = request.headers['content-type'] ?? 'application/x-amz-json-1.1';
    try {
      const input = parseJsonOrThrow(text || '{}');
      if (!(input instanceof Object) || Array.isArray(input))
        throw new AwsError('SerializationException', 'The input must be an object.');
      const result = await this.#perform(request, { service, operation, input, text }, (cause) =>
        this.#options.services[name].call(operation, input, cause),
      );
      return { status: 200, type, body: JSON.stringify(result) };
    } catch (error) {
      const failure = asAwsError(error);
      const { message, status, fields } = failure;
      if (name !== 'sqs')
        return { status, type, body: JSON.stringify({ __type: failure.code, message, ...fields }) };
      const { shape, header } = queryError(failure);
      const body = JSON.stringify({ __type: shape, message });
      return { status, type, body, headers: { 'x-amzn-query-error': header } };
    }
  }

  /** Answers in the protocol `query`. Source: Smithy's "AWS query protocol". */
  async #query(
    request: RequestHead,
    { service, text, requestId }: { service: string; text: string; requestId: string },
  ): Promise<AwsAnswer> {
    const { callerArn, services } = this.#options;
    try {
      const { operation, input } = parseQuery(text);
      const result = await this.#perform(
        request,
        { service, operation, input, text },
        async (cause, caller) => {
          if (service === 'sts') return callSts(operation, callerArn(caller?.functionName), account);
          const called = service === 'sns' ? services.sns : services.cloudFormation;
          return called.call(operation, input, cause);
        },
      );
      const body = formatXml(operation, result, requestId, namespaces[service]);
      return { status: 200, type: 'text/xml', body };
    } catch (error) {
      const failure = asAwsError(error);
      const body = formatXmlError(failure, requestId, namespaces[service]);
      return { status: failure.status, type: 'text/xml', body };
    }
  }

  /**
   * Answers in the protocol `restJson1`, limited to Lambda's `Invoke`. Source: AWS Lambda API
   * Reference.
   */
  async #invoke({
    request,
    body: payload,
    query,
    parameters: [encodedName = ''],
  }: Received): Promise<AwsAnswer> {
    const type = 'application/json';
    const text = payload.toString();
    try {
      const invocationType = request.headers['x-amz-invocation-type'];
      const input = {
        FunctionName: [decodeURIComponent(encodedName), query.get('Qualifier') ?? []].flat().join(':'),
        InvocationType: typeof invocationType === 'string' ? invocationType : undefined,
        Payload: text,
      };
      const call = { service: 'lambda', operation: 'Invoke', input, text };
      const output = await this.#perform(request, call, (cause) =>
        this.#options.services.lambda.invoke(input, cause),
      );
      const headers = {
        ...(output.ExecutedVersion && { 'X-Amz-Executed-Version': output.ExecutedVersion }),
        ...(output.FunctionError && { 'X-Amz-Function-Error': output.FunctionError }),
      };
      return { status: output.StatusCode, type, body: output.Payload, headers };
    } catch (error) {
      const { code, message, status } = asAwsError(error);
      const body = JSON.stringify({ Type: 'User', Message: message });
      return { status, type, body, headers: { 'x-amzn-ErrorType': code } };
    }
  }

  /**
   * Answers for the management API of the WebSocket API. Source: API Gateway Developer Guide,
   * "@connections commands".
   */
  async #connections({ request, body, parameters: [stage, encodedId = ''] }: Received): Promise<AwsAnswer> {
    const { webSocketApi } = this.#options.services;
    const type = 'application/json';
    try {
      const id = decodeURIComponent(encodedId);
      const operation = connectionOperations[request.method ?? ''];
      if (!webSocketApi || stage !== webSocketApi.stage || !operation)
        throw new AwsError('ForbiddenException', 'Forbidden', 403);
      const call = {
        service: 'execute-api',
        operation,
        input: { ConnectionId: id },
        text: body.toString(),
        part: String(webSocketApi.connections.ordinal(id)),
      };
      return await this.#perform(request, call, async (cause) => {
        if (operation === 'GetConnection')
          return { status: 200, type, body: JSON.stringify(webSocketApi.management.getConnection(id)) };
        if (operation === 'PostToConnection') {
          await webSocketApi.management.postToConnection(id, Buffer.from(body), cause);
          return { status: 200, type, body: '' };
        }
        webSocketApi.management.deleteConnection(id);
        return { status: 204, type, body: '' };
      });
    } catch (error) {
      const { code, message, status } = asAwsError(error);
      return { status, type, body: JSON.stringify({ message }), headers: { 'x-amzn-ErrorType': code } };
    }
  }

  /**
   * Authorizes and performs a call, with the faults that are switched on for it.
   * @throws {AwsError} also for an unsigned call
   * @throws {ConnectionDropped} if the connection must end without an answer
   */
  async #perform<T>(
    request: RequestHead,
    { service, operation, input, text, part }: Call,
    act: (cause: Cause | undefined, caller: Caller | undefined) => Promise<T>,
  ): Promise<T> {
    const { authorize, journal, log, tracer } = this.#options;
    const accessKeyId = signerOf(request);
    if (accessKeyId === undefined) throw missingToken();
    const caller = this.#options.callers.get(accessKeyId);
    const header = request.headers['x-amzn-trace-id'];
    const invocation = this.#options.invocation(typeof header === 'string' ? header : undefined);
    // A publication by an administrator leads to e-mails, so it begins a trace, like an
    // administrator's events.
    const begins = !caller && service === 'sns' && operation === 'Publish';
    const cause = invocation ? causeOf(invocation.cause, text) : begins ? tracer.begin(text) : undefined;
    const hop = callHop(service, operation, caller?.label);
    log.trace(hopName(hop), text);
    refuseSkipped(this.#options.skippedIn, service, input);
    const [to = service] = authorize(caller?.functionName, service, operation, input);
    const attempt = /attempt=(\d+)/.exec(String(request.headers['amz-sdk-request']))?.[1];
    const point = { hop, service, operation, function: caller?.label, part };
    const result = await pass(this.#options, point, cause, {
      step: {
        kind: invocation ? 'call' : 'request',
        to: to === '*' ? service : to,
        attempt: attempt === undefined ? undefined : Number(attempt),
        payload: text,
      },
      act: (cause) => act(cause, caller).finally(() => journal.written()),
      crash: invocation?.crash,
      hold: invocation && (() => invocation.hold(callName(request))),
    });
    if (!invocation?.crashesAtCall) return result;
    invocation.crash();
    throw new ConnectionDropped('The worker was crashed.');
  }
}

const connectionOperations: Record<string, 'GetConnection' | 'PostToConnection' | 'DeleteConnection'> = {
  GET: 'GetConnection',
  POST: 'PostToConnection',
  DELETE: 'DeleteConnection',
};

/** Returns the SDK's name of an attempt at a call. */
function callName({ headers }: RequestHead): string {
  return `${headers['amz-sdk-invocation-id']} ${headers['amz-sdk-request']}`;
}
