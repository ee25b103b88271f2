import { type IncomingMessage, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import * as z from 'zod/mini';
import { inBackground } from '../../core/background.ts';
import { messageHop, requestHop, webSocketRequest } from '../../core/hop.ts';
import { AwsError } from '../../core/service.ts';
import type { TokenBucket } from '../../core/token-bucket.ts';
import { type Cause, rootOf } from '../../core/trace.ts';
import type { Template } from '../../template/template.ts';
import { limitFrames } from './frame-limit.ts';
import { type GatewayResponseType, gatewayResponses, type HttpAnswer } from './gateway-response.ts';
import {
  type ApiServices,
  callFunction,
  functionArnOf,
  type LambdaIntegration,
  outcomeOfAnswer,
} from './lambda-integration.ts';
import {
  extendedId,
  forwardedHeaders,
  last,
  orNull,
  queryParameters,
  requestTime,
  requestUrl,
} from './proxy-event.ts';
import { throttleOf } from './throttle.ts';
import {
  IntegrationResource,
  RouteResource,
  RouteResponseResource,
  WebSocketApiResource,
  WebSocketStageResource,
} from './websocket-resources.ts';

/** Source of the limits: API Gateway Developer Guide, "Quotas for configuring and running a WebSocket API". */
const MAXIMUM_FRAME = 32 * 1024;
const MAXIMUM_MESSAGE = 128 * 1024;
const MAXIMUM_LIFE = 2 * 60 * 60 * 1000;
const MAXIMUM_IDLE = 10 * 60 * 1000;

/** Close codes of RFC 6455, section 7.4.1. */
const NORMAL_CLOSURE = 1000;
const GOING_AWAY = 1001;
/** For binary frames. Source: API Gateway Developer Guide, "Binary media types for WebSocket APIs". */
const UNSUPPORTED_DATA = 1003;
const NO_STATUS = 1005;
const ABNORMAL_CLOSURE = 1006;
const MESSAGE_TOO_BIG = 1009;

interface Route {
  integration: LambdaIntegration;
  /** Whether what the integration answers is sent back to the client. */
  responds: boolean;
  throttle: TokenBucket;
}

/** A client, from its handshake on. */
interface Client {
  connectionId: string;
  connectedAt: number;
  /** The parameters of its handshake. */
  query: Record<string, string>;
  domainName: string;
  identity: { sourceIp: string; userAgent: string | undefined };
}

interface Connection extends Client {
  /** How many had connected before. */
  ordinal: number;
  lastActiveAt: number;
  socket: WebSocket;
  /** Calls off the check of idleness and age. */
  callOff: () => void;
  /** How this side has ended it. */
  ended?: Closure;
}

/** A close code and its reason. */
interface Closure {
  code: number;
  reason: string;
}

/** The parts of a route's event that differ between connecting, a message and disconnecting. */
interface EventPart {
  headers?: Record<string, string>;
  multiValueHeaders?: Record<string, string[]>;
  queryStringParameters?: Record<string, string> | undefined;
  multiValueQueryStringParameters?: Record<string, string[]> | undefined;
  body?: string;
  closure?: Closure;
}

/** The stack's WebSocket API: connections, routes, and the management API behind `@connections`. */
export class WebSocketApi {
  readonly #apiId: string;
  readonly stage: string;
  readonly #selection: string;
  readonly #routes: ReadonlyMap<string, Route>;
  readonly #server = new WebSocketServer({
    noServer: true,
    maxPayload: MAXIMUM_MESSAGE,
    clientTracking: false,
    // A subprotocol is the `$connect` integration's to choose, and none does here.
    handleProtocols: () => false,
  });
  readonly #connections = new Map<string, Connection>();
  #connected = 0;
  readonly #services: ApiServices;

  constructor(template: Template, services: ApiServices) {
    const [api] = template.resources(WebSocketApiResource);
    const [stage] = template.resources(WebSocketStageResource);
    if (!api || !stage) throw new Error('The template has no WebSocket API with a stage.');
    this.#apiId = api.name;
    this.stage = stage.name;
    this.#services = services;
    const selection = /^\$request\.body\.(\w+)$/.exec(api.properties.RouteSelectionExpression)?.[1];
    if (!selection)
      throw new Error(`${api.logicalId}: ${api.properties.RouteSelectionExpression} is not supported.`);
    this.#selection = selection;
    const integrations = new Map(
      template.resources(IntegrationResource).map(({ name, properties }) => [name, properties]),
    );
    const responding = new Set(
      template.resources(RouteResponseResource).map(({ properties }) => properties.RouteId),
    );
    this.#routes = new Map(
      template.resources(RouteResource).map(({ name, properties }) => {
        const integration = integrations.get(properties.Target.replace(/^integrations\//, ''));
        return [
          properties.RouteKey,
          {
            integration: {
              functionArn: functionArnOf(integration?.IntegrationUri ?? ''),
              timeoutMs: integration?.TimeoutInMillis ?? 0,
            },
            responds: properties.RouteResponseSelectionExpression !== undefined && responding.has(name),
            throttle: throttleOf(stage.properties.DefaultRouteSettings, services.clock),
          },
        ];
      }),
    );
  }

  /**
   * Answers an upgrade request: the handshake succeeds only if the `$connect` route's function answers 2xx.
   * Source: API Gateway Developer Guide, "Manage connected users and client apps: $connect and $disconnect routes".
   */
  async upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    const { clock, tracer } = this.#services;
    // Without a listener a connection that is reset meanwhile would end the process.
    socket.on('error', () => {});
    const url = requestUrl(request);
    const query = queryParameters(url);
    const client = {
      connectionId: extendedId(),
      connectedAt: clock.now(),
      query: last(query),
      domainName: url.hostname,
      identity: {
        sourceIp: request.socket.remoteAddress ?? '',
        userAgent: request.headers['user-agent'],
      },
    };
    const cause = tracer.begin(`$connect ${request.url}`);
    const headers = forwardedHeaders(request, rootOf(cause, clock.now()));
    const answer = await this.#invoke('$connect', client, cause, {
      headers: last(headers),
      multiValueHeaders: headers,
      queryStringParameters: orNull(last(query)) ?? undefined,
      multiValueQueryStringParameters: orNull(query) ?? undefined,
    });
    const { status } = typeof answer === 'string' ? gatewayResponses[answer] : (answer ?? { status: 200 });
    if (status < 200 || status > 299) {
      socket.end(
        `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`,
      );
      return;
    }
    this.#server.handleUpgrade(request, socket, head, (webSocket) => {
      this.#open(
        {
          ...client,
          ordinal: this.#connected++,
          lastActiveAt: clock.now(),
          socket: webSocket,
          callOff: () => {},
        },
        socket,
      );
    });
    // The client has left meanwhile, or its handshake was malformed.
    if (!this.#connections.has(client.connectionId))
      await this.#disconnect(client, { code: ABNORMAL_CLOSURE, reason: '' });
  }

  /**
   * Sends a message to a connection, as `POST @connections/{id}` does.
   * @param cause what the call goes back to, if it is a function's
   * @throws {AwsError} `GoneException` (410) when there is no such connection, or not yet; `PayloadTooLargeException`
   */
  async postToConnection(id: string, data: Buffer, cause?: Cause): Promise<void> {
    if (data.length > MAXIMUM_MESSAGE)
      throw new AwsError('PayloadTooLargeException', 'Message too long', 413);
    const connection = this.#connection(id);
    const message = data.toString('utf8');
    await new Promise<void>((resolve, reject) => {
      this.#send(connection, message, (error) => (error ? reject(gone()) : resolve()));
    });
    const { recorder } = this.#services;
    if (cause) recorder.note({ kind: 'message', hop: messageHop, to: 'client', payload: message }, cause);
  }

  /** Those that are open. */
  get connections(): Pick<Client, 'connectionId' | 'connectedAt' | 'query'>[] {
    return [...this.#connections.values()].map(({ connectionId, connectedAt, query }) => ({
      connectionId,
      connectedAt,
      query,
    }));
  }

  /** Which connection it is, in the order of their handshakes, whatever its id; nothing if it is gone. */
  ordinal(id: string): number | undefined {
    return this.#connections.get(id)?.ordinal;
  }

  /** What `GET @connections/{id}` answers. */
  getConnection(id: string): object {
    const { connectedAt, lastActiveAt, identity } = this.#connection(id);
    return {
      connectedAt: new Date(connectedAt).toISOString(),
      lastActiveAt: new Date(lastActiveAt).toISOString(),
      identity,
    };
  }

  /** Closes a connection, as `DELETE @connections/{id}` does. */
  deleteConnection(id: string): void {
    this.#end(this.#connection(id), { code: NORMAL_CLOSURE, reason: '' });
  }

  /** Closes every connection without telling the handlers, as when a laptop is shut. */
  close(): void {
    for (const { socket, callOff } of this.#connections.values()) {
      callOff();
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
    const { connectionId, socket } = connection;
    this.#connections.set(connectionId, connection);
    this.#watch(connection);
    limitFrames(rawSocket, MAXIMUM_FRAME, () =>
      this.#end(connection, { code: MESSAGE_TOO_BIG, reason: 'Message too long' }),
    );
    // ws closes by itself, with the right code, when a message is malformed or too long.
    socket.on('error', (error) => this.#services.log.trace(`WebSocket ${connectionId}`, error.message));
    socket.on('message', (data, isBinary) => {
      if (connection.ended) return;
      if (isBinary)
        this.#end(connection, { code: UNSUPPORTED_DATA, reason: 'Binary frames are not supported' });
      else inBackground('websocket', this.#receive(connection, data.toString()), this.#services.log);
    });
    socket.on('close', (code, reason) => {
      this.#connections.delete(connectionId);
      connection.callOff();
      const unset = code === NO_STATUS ? 'Client-side close frame status not set' : '';
      const closure = connection.ended ?? { code, reason: unset || reason.toString() };
      inBackground('websocket', this.#disconnect(connection, closure), this.#services.log);
    });
  }

  /** Ends a connection from this side. From now on it is gone, whether the client answers or not. */
  #end(connection: Connection, closure: Closure): void {
    this.#connections.delete(connection.connectionId);
    connection.ended ??= closure;
    connection.socket.close(closure.code, closure.reason);
  }

  /** Ends a connection that nothing was sent on for too long, in either direction, or that is too old. */
  #watch(connection: Connection): void {
    const { clock } = this.#services;
    const end = Math.min(connection.connectedAt + MAXIMUM_LIFE, connection.lastActiveAt + MAXIMUM_IDLE);
    const left = end - clock.now();
    if (left <= 0) this.#end(connection, { code: GOING_AWAY, reason: 'Going away' });
    else connection.callOff = clock.schedule(() => this.#watch(connection), left);
  }

  #send(connection: Connection, message: string, done?: (error?: Error) => void): void {
    connection.lastActiveAt = this.#services.clock.now();
    connection.socket.send(message, done);
  }

  async #receive(connection: Connection, body: string): Promise<void> {
    connection.lastActiveAt = this.#services.clock.now();
    const routeKey = this.#routeKeyOf(body);
    const cause = this.#services.tracer.begin(`${routeKey} ${body}`);
    const answer = await this.#invoke(routeKey, connection, cause, { body });
    if (connection.ended) return;
    if (typeof answer === 'string' || !answer) {
      const message = answer ? gatewayResponses[answer].message : 'Forbidden';
      const { connectionId } = connection;
      this.#send(connection, JSON.stringify({ message, connectionId, requestId: extendedId() }));
    } else if (this.#routes.get(routeKey)?.responds && answer.body.length > 0) {
      this.#send(connection, answer.body.toString());
    }
  }

  /** Evaluates the route selection expression. */
  #routeKeyOf(body: string): string {
    try {
      const { success, data } = z.record(z.string(), z.unknown()).safeParse(JSON.parse(body));
      const key = success ? data[this.#selection] : undefined;
      if (typeof key === 'string' && !key.startsWith('$') && this.#routes.has(key)) return key;
    } catch {
      // What is not JSON has no route of its own.
    }
    return '$default';
  }

  async #disconnect(client: Client, closure: Closure): Promise<void> {
    const cause = this.#services.tracer.begin(`$disconnect ${closure.code}`);
    const headers = { Host: client.domainName, 'x-api-key': '', 'X-Forwarded-For': '', 'x-restapi': '' };
    await this.#invoke('$disconnect', client, cause, {
      headers,
      multiValueHeaders: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value]])),
      closure,
    });
  }

  /** Nothing if the API has no such route. */
  async #invoke(
    routeKey: string,
    { connectionId, connectedAt, domainName, identity }: Client,
    cause: Cause,
    { closure, ...part }: EventPart,
  ): Promise<HttpAnswer | GatewayResponseType | undefined> {
    const route = this.#routes.get(routeKey);
    if (!route) return undefined;
    // What has ended cannot be refused.
    if (!closure && !route.throttle.take()) return 'THROTTLED';
    const { account, clock, recorder } = this.#services;
    const isMessage = part.body !== undefined;
    const requestId = extendedId();
    const event = {
      ...part,
      requestContext: {
        accountId: account.id,
        apiId: this.#apiId,
        connectedAt,
        connectionId,
        disconnectReason: closure?.reason,
        disconnectStatusCode: closure?.code,
        domainName,
        eventType: isMessage ? 'MESSAGE' : closure ? 'DISCONNECT' : 'CONNECT',
        extendedRequestId: requestId,
        identity,
        messageDirection: 'IN',
        messageId: isMessage ? extendedId() : undefined,
        requestId,
        requestTime: requestTime(clock.now()),
        requestTimeEpoch: clock.now(),
        routeKey,
        stage: this.stage,
      },
      isBase64Encoded: false,
    };
    const name = webSocketRequest(routeKey);
    return recorder.record(
      {
        kind: 'request',
        hop: requestHop(name),
        to: this.#apiId,
        payload: part.body ?? JSON.stringify(part.queryStringParameters),
      },
      cause,
      (own) =>
        callFunction(this.#services, route.integration, {
          name,
          cause: own,
          source: `${this.#apiId}/${this.stage}/${routeKey}`,
          event,
          binaryAnswer: false,
        }),
      outcomeOfAnswer,
    );
  }
}

function gone(): AwsError {
  return new AwsError('GoneException', 'The connection is gone.', 410);
}
