import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { WebSocketApi } from './apigateway/websocket-api.ts';
import type { Log } from './log.ts';
import { readBody } from './request-body.ts';
import { AwsError, type Service } from './service.ts';
import { confirmationPage, type Page, unsubscribePage } from './sns/pages.ts';
import { formatXml, formatXmlError, parseQuery } from './sns/query-protocol.ts';

/** The services behind the port, by the prefix of their `X-Amz-Target` header; SNS is spoken to by AWS's query protocol. */
export interface AwsServices {
  AWSEvents: Service;
  AmazonSQS: Service;
  Comprehend_20171127: Service;
  DynamoDB_20120810: Service;
  sns: Service;
  webSocketApi: WebSocketApi;
}

const MAXIMUM_PAYLOAD = 16 * 1024 * 1024;

interface Answer {
  status: number;
  type: string;
  body: string;
  headers?: Record<string, string>;
}

/** The endpoint that SDKs and the AWS CLI call in place of all of AWS's. */
export class AwsPort {
  readonly #services: AwsServices;
  readonly #callers: ReadonlyMap<string, string>;
  readonly #log: Log;

  /** @param callers the functions' names by their access key ids; whoever else signs is the account's administrator */
  constructor(services: AwsServices, callers: ReadonlyMap<string, string>, log: Log) {
    this.#services = services;
    this.#callers = callers;
    this.#log = log;
  }

  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const requestId = randomUUID();
    const answer = await this.#answer(request, requestId);
    response.writeHead(answer.status, {
      'Content-Type': answer.type,
      'Content-Length': Buffer.byteLength(answer.body),
      'x-amzn-RequestId': requestId,
      ...answer.headers,
    });
    response.end(answer.body);
  }

  async #answer(request: IncomingMessage, requestId: string): Promise<Answer> {
    const url = new URL(`http://localhost${request.url}`);
    const body = await readBody(request, MAXIMUM_PAYLOAD);
    if (!body) return { status: 413, type: 'text/plain', body: '' };
    if (url.pathname === '/confirmation.html')
      return asHtml(await confirmationPage(this.#services.sns, url.searchParams));
    if (url.pathname === '/unsubscribe.html')
      return asHtml(await unsubscribePage(this.#services.sns, url.searchParams));
    const target = request.headers['x-amz-target'];
    if (typeof target === 'string') return this.#json(request, target, body.toString('utf8'));
    const connection = /^\/([^/]+)\/@connections\/([^/]+)$/.exec(url.pathname);
    if (connection) return this.#connections(request, connection[1] ?? '', connection[2] ?? '', body);
    const query = body.length > 0 ? body.toString('utf8') : url.search.slice(1);
    return this.#query(request, query, requestId);
  }

  /** The protocols `json` 1.0 and 1.1. Source: Smithy's "AWS JSON protocol". */
  async #json(request: IncomingMessage, target: string, body: string): Promise<Answer> {
    const type = request.headers['content-type'] ?? 'application/x-amz-json-1.1';
    const [prefix = '', operation = ''] = target.split('.');
    try {
      const service = Object.entries(this.#services).find(([name]) => name === prefix)?.[1];
      if (!service || !('call' in service)) {
        throw new AwsError('UnknownOperationException', `The local cloud has no ${target}.`);
      }
      this.#log.trace(`${this.#caller(request)} → ${operation}`, body);
      const result = await service.call(operation, JSON.parse(body || '{}'));
      return { status: 200, type, body: JSON.stringify(result) };
    } catch (error) {
      const { code, message, status } = asAwsError(error);
      return { status, type, body: JSON.stringify({ __type: code, message }) };
    }
  }

  /** The protocol `query`, which SNS speaks. Source: Smithy's "AWS query protocol". */
  async #query(request: IncomingMessage, query: string, requestId: string): Promise<Answer> {
    try {
      const { operation, input } = parseQuery(query);
      this.#log.trace(`${this.#caller(request)} → ${operation}`, query);
      const result = await this.#services.sns.call(operation, input);
      return { status: 200, type: 'text/xml', body: formatXml(operation, result, requestId) };
    } catch (error) {
      const failure = asAwsError(error);
      return { status: failure.status, type: 'text/xml', body: formatXmlError(failure, requestId) };
    }
  }

  /** The management API of the WebSocket API. Source: API Gateway Developer Guide, "@connections commands". */
  async #connections(
    request: IncomingMessage,
    stage: string,
    encodedId: string,
    body: Buffer,
  ): Promise<Answer> {
    const { webSocketApi } = this.#services;
    const type = 'application/json';
    try {
      const id = decodeURIComponent(encodedId);
      this.#log.trace(
        `${this.#caller(request)} → ${request.method} @connections/${id}`,
        body.toString('utf8'),
      );
      if (stage !== webSocketApi.stage) throw new AwsError('ForbiddenException', 'Forbidden', 403);
      if (request.method === 'GET')
        return { status: 200, type, body: JSON.stringify(webSocketApi.getConnection(id)) };
      if (request.method === 'POST') {
        await webSocketApi.postToConnection(id, body);
        return { status: 200, type, body: '' };
      }
      if (request.method !== 'DELETE') throw new AwsError('ForbiddenException', 'Forbidden', 403);
      webSocketApi.deleteConnection(id);
      return { status: 204, type, body: '' };
    } catch (error) {
      const { code, message, status } = asAwsError(error);
      return { status, type, body: JSON.stringify({ message }), headers: { 'x-amzn-ErrorType': code } };
    }
  }

  /** Who signed the request. @throws {AwsError} `MissingAuthenticationToken` if nobody did */
  #caller(request: IncomingMessage): string {
    const accessKeyId = /^AWS4-HMAC-SHA256 Credential=([^/]+)\//.exec(
      request.headers.authorization ?? '',
    )?.[1];
    if (!accessKeyId) {
      throw new AwsError('MissingAuthenticationToken', 'Request is missing Authentication Token', 403);
    }
    return this.#callers.get(accessKeyId) ?? 'administrator';
  }
}

function asHtml({ status, body }: Page): Answer {
  return { status, type: 'text/html; charset=utf-8', body };
}

function asAwsError(error: unknown): AwsError {
  if (error instanceof AwsError) return error;
  if (error instanceof SyntaxError || error instanceof URIError)
    return new AwsError('SerializationException', error.message);
  console.error(error);
  return new AwsError('InternalFailure', 'The local cloud has failed; its terminal says why.', 500);
}
