import { randomBytes, randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import * as z from 'zod/mini';
import type { Clock } from '../clock.ts';
import type { Lambda } from '../lambda/lambda.ts';
import type { Log } from '../log.ts';
import { AwsError } from '../service.ts';
import type { Account } from '../template/resource-type.ts';
import type { Template } from '../template/template.ts';
import { TokenBucket } from '../token-bucket.ts';
import { limitFrames } from './frame-limit.ts';
import { forwardedHeaders, last, orNull, queryParameters, requestTime, requestUrl } from './proxy-event.ts';
import { proxyResponse } from './proxy-response.ts';
import { functionArnOf } from './rest-api.ts';
import {
  IntegrationResource,
  RouteResource,
  RouteResponseResource,
  WebSocketApiResource,
  WebSocketStageResource,
} from './websocket-resources.ts';

/** Source of the limits: API Gateway Developer Guide, "Quotas for WebSocket APIs". */
const MAXIMUM_FRAME = 32 * 1024;
const MAXIMUM_MESSAGE = 128 * 1024;
const MESSAGE_TOO_BIG = 1009;
/** For binary frames. Source: API Gateway Developer Guide, "Binary media types for WebSocket APIs". */
const UNSUPPORTED_DATA = 1003;

/** The account's default throttle, for a stage that sets none. */
const DEFAULT_THROTTLE = { rate: 10_000, burst: 5_000 };

interface Route {
  functionArn: string;
  /** Whether what the integration answers is sent back to the client. */
  responds: boolean;
}

interface Connection {
  id: string;
  connectedAt: number;
  lastActiveAt: number;
  sourceIp: string;
  userAgent: string | undefined;
  domainName: string;
  socket: WebSocket;
}

/** The stack's WebSocket API: connections, routes, and the management API behind `@connections`. */
export class WebSocketApi {
  readonly #apiId: string;
  readonly stage: string;
  readonly #selection: string | undefined;
  readonly #routes: ReadonlyMap<string, Route>;
  readonly #throttle: TokenBucket;
  readonly #server = new WebSocketServer({
    noServer: true,
    maxPayload: MAXIMUM_MESSAGE,
    clientTracking: false,
  });
  readonly #connections = new Map<string, Connection>();
  readonly #services: WebSocketApiServices;

  constructor(template: Template, services: WebSocketApiServices) {
    const [api] = template.resources(WebSocketApiResource);
    const [stage] = template.resources(WebSocketStageResource);
    if (!api || !stage) throw new Error('The template has no WebSocket API with a stage.');
    this.#apiId = api.name;
    this.stage = stage.name;
    this.#services = services;
    this.#selection = /^\$request\.body\.(\w+)$/.exec(api.properties.RouteSelectionExpression)?.[1];
    if (!this.#selection) {
      throw new Error(`${api.logicalId}: ${api.properties.RouteSelectionExpression} is not supported.`);
    }
    const { DefaultRouteSettings: settings } = stage.properties;
    this.#throttle = new TokenBucket(services.clock, {
      rate: settings.ThrottlingRateLimit ?? DEFAULT_THROTTLE.rate,
      burst: settings.ThrottlingBurstLimit ?? DEFAULT_THROTTLE.burst,
    });
    const integrations = new Map(
      template
        .resources(IntegrationResource)
        .map(({ name, properties }) => [name, properties.IntegrationUri]),
    );
    const responding = new Set(
      template.resources(RouteResponseResource).map(({ properties }) => properties.RouteId),
    );
    this.#routes = new Map(
      template.resources(RouteResource).map(({ name, properties }) => {
        const uri = integrations.get(properties.Target.replace(/^integrations\//, '')) ?? '';
        const responds = properties.RouteResponseSelectionExpression !== undefined && responding.has(name);
        return [properties.RouteKey, { functionArn: functionArnOf(uri), responds }];
      }),
    );
  }

  /** Answers an upgrade request: the handshake succeeds only if the `$connect` route's function answers 2xx. */
  async upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    const { clock } = this.#services;
    // Without a listener a connection that is reset meanwhile would end the process.
    socket.on('error', () => {});
    if (!this.#throttle.take()) return refuse(socket, 429, 'Too Many Requests');
    const url = requestUrl(request);
    const connection = {
      // As API Gateway's: fifteen characters of base64 and a sign of equality.
      id: `${randomBytes(12).toString('base64url').slice(0, 15)}=`,
      connectedAt: clock.now(),
      lastActiveAt: clock.now(),
      sourceIp: request.socket.remoteAddress ?? '',
      userAgent: request.headers['user-agent'],
      domainName: url.hostname,
    };
    const headers = forwardedHeaders(request);
    const query = queryParameters(url);
    const answer = await this.#invoke('$connect', connection, {
      headers: last(headers),
      multiValueHeaders: headers,
      queryStringParameters: orNull(last(query)) ?? undefined,
      multiValueQueryStringParameters: orNull(query) ?? undefined,
    });
    if (answer && (answer.status < 200 || answer.status > 299))
      return refuse(socket, answer.status, 'Refused');
    this.#server.handleUpgrade(request, socket, head, (webSocket) => {
      this.#open({ ...connection, socket: webSocket }, socket);
    });
    // The client has left meanwhile, or its handshake was malformed.
    if (!this.#connections.has(connection.id)) await this.#disconnect(connection, 1006);
  }

  /**
   * Sends a message to a connection, as `POST @connections/{id}` does.
   * @throws {AwsError} `GoneException` (410) when there is no such connection, or not yet; `PayloadTooLargeException`
   */
  async postToConnection(id: string, data: Buffer): Promise<void> {
    if (data.length > MAXIMUM_MESSAGE)
      throw new AwsError('PayloadTooLargeException', 'Message too long', 413);
    const { socket } = this.#connection(id);
    await new Promise<void>((resolve, reject) => {
      socket.send(data.toString('utf8'), (error) => (error ? reject(gone()) : resolve()));
    });
  }

  /** What `GET @connections/{id}` answers. */
  getConnection(id: string): object {
    const { connectedAt, lastActiveAt, sourceIp, userAgent } = this.#connection(id);
    return {
      connectedAt: new Date(connectedAt).toISOString(),
      lastActiveAt: new Date(lastActiveAt).toISOString(),
      identity: { sourceIp, userAgent },
    };
  }

  /** Closes a connection, as `DELETE @connections/{id}` does. */
  deleteConnection(id: string): void {
    this.#connection(id).socket.close(1000);
  }

  /** Closes every connection without telling the handlers, as when a laptop is shut. */
  close(): void {
    for (const { socket } of this.#connections.values()) {
      socket.removeAllListeners('close');
      socket.terminate();
    }
    this.#connections.clear();
  }

  #connection(id: string): Connection {
    const connection = this.#connections.get(id);
    if (!connection) throw gone();
    return connection;
  }

  #open(connection: Connection, rawSocket: Duplex): void {
    const { socket } = connection;
    const { log } = this.#services;
    this.#connections.set(connection.id, connection);
    let refused = false;
    const refuseMore = (code: number, reason: string): void => {
      refused = true;
      socket.close(code, reason);
    };
    limitFrames(rawSocket, MAXIMUM_FRAME, () => refuseMore(MESSAGE_TOO_BIG, 'Message too long'));
    // ws closes by itself, with the right code, when a message is malformed or too long.
    socket.on('error', (error) => log.trace(`WebSocket ${connection.id}`, error.message));
    socket.on('message', (data, isBinary) => {
      if (refused) return;
      if (isBinary) refuseMore(UNSUPPORTED_DATA, 'Binary frames are not supported');
      else void this.#receive(connection, data.toString());
    });
    socket.on('close', (code) => {
      this.#connections.delete(connection.id);
      void this.#disconnect(connection, code);
    });
  }

  async #receive(connection: Connection, body: string): Promise<void> {
    connection.lastActiveAt = this.#services.clock.now();
    const requestId = randomUUID();
    const complain = (message: string) =>
      connection.socket.send(JSON.stringify({ message, connectionId: connection.id, requestId }));
    if (!this.#throttle.take()) return complain('Too Many Requests');
    const routeKey = this.#routeKeyOf(body);
    const answer = await this.#invoke(routeKey, connection, { body });
    if (!answer || answer.status === 502) return complain('Internal server error');
    if (this.#routes.get(routeKey)?.responds && answer.body.length > 0) connection.socket.send(answer.body);
  }

  /** Evaluates the route selection expression. */
  #routeKeyOf(body: string): string {
    try {
      const { success, data } = z.record(z.string(), z.unknown()).safeParse(JSON.parse(body));
      const key = success ? data[this.#selection ?? ''] : undefined;
      if (typeof key === 'string' && !key.startsWith('$') && this.#routes.has(key)) return key;
    } catch {
      // What is not JSON has no route of its own.
    }
    return '$default';
  }

  async #disconnect(connection: Omit<Connection, 'socket'>, code: number): Promise<void> {
    await this.#invoke('$disconnect', connection, { disconnectStatusCode: code });
  }

  /** Nothing if the API has no such route. */
  async #invoke(routeKey: string, connection: Omit<Connection, 'socket'>, message: EventPart) {
    const route = this.#routes.get(routeKey);
    if (!route) return undefined;
    const { account, clock, lambda, log } = this.#services;
    const { disconnectStatusCode, ...part } = message;
    const eventType =
      routeKey === '$connect' ? 'CONNECT' : routeKey === '$disconnect' ? 'DISCONNECT' : 'MESSAGE';
    const requestId = randomUUID();
    const event = {
      ...part,
      requestContext: {
        accountId: account.id,
        apiId: this.#apiId,
        connectedAt: connection.connectedAt,
        connectionId: connection.id,
        disconnectStatusCode,
        domainName: connection.domainName,
        eventType,
        extendedRequestId: requestId,
        identity: { sourceIp: connection.sourceIp, userAgent: connection.userAgent },
        messageDirection: 'IN',
        messageId: eventType === 'MESSAGE' ? randomBytes(12).toString('base64') : undefined,
        requestId,
        requestTime: requestTime(clock.now()),
        requestTimeEpoch: clock.now(),
        routeKey,
        stage: this.stage,
      },
      isBase64Encoded: false,
    };
    log.trace(`WebSocket ${routeKey} → integration`, event);
    return proxyResponse(await lambda.invoke(route.functionArn, event)) ?? { status: 502, body: '' };
  }
}

export interface WebSocketApiServices {
  account: Account;
  lambda: Lambda;
  clock: Clock;
  log: Log;
}

/** The parts of a route's event that differ between connecting, a message and disconnecting. */
interface EventPart {
  headers?: Record<string, string>;
  multiValueHeaders?: Record<string, string[]>;
  queryStringParameters?: Record<string, string> | undefined;
  multiValueQueryStringParameters?: Record<string, string[]> | undefined;
  body?: string;
  disconnectStatusCode?: number;
}

function gone(): AwsError {
  return new AwsError('GoneException', 'The connection is gone.', 410);
}

function refuse(socket: Duplex, status: number, reason: string): void {
  socket.end(`HTTP/1.1 ${status} ${reason}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}
