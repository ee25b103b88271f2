import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import { inBackground } from '../../core/background.ts';
import { rootOf } from '../../core/trace.ts';
import { refuseUpgrade } from '../../http/http-server.ts';
import type { Template } from '../../template/template.ts';
import { extendedId, forwardedHeaders, last, orNull, queryParameters, requestUrl } from './event-fields.ts';
import { gatewayResponses } from './gateway-response.ts';
import type { ApiServices } from './lambda-integration.ts';
import { ManagementApi } from './management-api.ts';
import {
  ABNORMAL_CLOSURE,
  type Client,
  type Closure,
  type Connection,
  MAXIMUM_MESSAGE,
  WebSocketConnections,
} from './websocket-connections.ts';
import { WebSocketApiResource, WebSocketStageResource } from './websocket-resources.ts';
import { WebSocketRoutes } from './websocket-routes.ts';

/**
 * The WebSocket API of the stack: its handshakes, and the routes of its connections and messages.
 */
export class WebSocketApi {
  readonly stage: string;
  readonly connections: WebSocketConnections;
  readonly management: ManagementApi;
  readonly #routes: WebSocketRoutes;
  readonly #server = new WebSocketServer({
    noServer: true,
    maxPayload: MAXIMUM_MESSAGE,
    // Each part takes far more memory than its bytes, if they are few.
    maxFragments: 4_096,
    maxBufferedChunks: 4_096,
    clientTracking: false,
    // Only the `$connect` integration can choose a subprotocol, and none does here.
    handleProtocols: () => false,
  });
  readonly #services: ApiServices;

  constructor(template: Template, services: ApiServices) {
    const [api] = template.resources(WebSocketApiResource);
    const [stage] = template.resources(WebSocketStageResource);
    if (!api || !stage) throw new Error('The template has no WebSocket API with a stage.');
    this.stage = stage.name;
    this.#services = services;
    this.#routes = new WebSocketRoutes(template, { api, stage }, services);
    this.connections = new WebSocketConnections(services, {
      onMessage: (connection, message) =>
        inBackground('websocket', this.#receive(connection, message), services.log),
      onClose: (connection, closure) =>
        inBackground('websocket', this.#disconnect(connection, closure), services.log),
    });
    this.management = new ManagementApi(this.connections, services.recorder);
  }

  /**
   * Answers an upgrade request: the handshake succeeds only if the `$connect` route's function
   * answers 2xx.
   * Source: API Gateway Developer Guide, "Manage connected users and client apps: $connect and
   * $disconnect routes".
   */
  async upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    const client = clientOf(request, this.#services.clock.now());
    const status = await this.#connect(request, client);
    if (status < 200 || status > 299) {
      refuseUpgrade(socket, status);
      return;
    }
    let isOpen = false;
    this.#server.handleUpgrade(request, socket, head, (webSocket) => {
      this.connections.open(client, webSocket, socket);
      isOpen = true;
    });
    // The client has left in the meantime, or its handshake was malformed.
    if (!isOpen) await this.#disconnect(client, { code: ABNORMAL_CLOSURE, reason: '' });
  }

  /** Returns the HTTP status of the `$connect` route's response. */
  async #connect(request: IncomingMessage, client: Client): Promise<number> {
    const { clock, tracer } = this.#services;
    const cause = tracer.begin(`$connect ${request.url}`);
    const headers = forwardedHeaders(request, rootOf(cause, clock.now()));
    const query = queryParameters(requestUrl(request));
    const answer = await this.#routes.invoke('$connect', client, cause, {
      headers: last(headers),
      multiValueHeaders: headers,
      queryStringParameters: orNull(last(query)) ?? undefined,
      multiValueQueryStringParameters: orNull(query) ?? undefined,
    });
    if (!answer) return 200;
    return (typeof answer === 'string' ? gatewayResponses[answer] : answer).status;
  }

  async #receive(connection: Connection, body: string): Promise<void> {
    const routeKey = this.#routes.select(body);
    const cause = this.#services.tracer.begin(`${routeKey} ${body}`);
    const answer = await this.#routes.invoke(routeKey, connection, cause, { body });
    if (connection.ended) return;
    if (typeof answer === 'string' || !answer) {
      const message = answer ? gatewayResponses[answer].message : 'Forbidden';
      const { connectionId } = connection;
      this.connections.send(connection, JSON.stringify({ message, connectionId, requestId: extendedId() }));
    } else if (this.#routes.responds(routeKey) && answer.body.length > 0) {
      this.connections.send(connection, answer.body.toString());
    }
  }

  async #disconnect(client: Client, closure: Closure): Promise<void> {
    const cause = this.#services.tracer.begin(`$disconnect ${closure.code}`);
    const headers = { Host: client.domainName, 'x-api-key': '', 'X-Forwarded-For': '', 'x-restapi': '' };
    await this.#routes.invoke('$disconnect', client, cause, {
      headers,
      multiValueHeaders: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value]])),
      closure,
    });
  }
}

function clientOf(request: IncomingMessage, connectedAt: number): Client {
  const url = requestUrl(request);
  return {
    connectionId: extendedId(),
    connectedAt,
    query: last(queryParameters(url)),
    domainName: url.hostname,
    identity: {
      sourceIp: request.socket.remoteAddress ?? '',
      userAgent: request.headers['user-agent'],
    },
  };
}
