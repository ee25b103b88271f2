import * as z from 'zod/mini';
import { requestHop, webSocketRequest } from '../../core/hop.ts';
import { parseJson } from '../../core/json.ts';
import type { TokenBucket } from '../../core/token-bucket.ts';
import type { Cause } from '../../core/trace.ts';
import type { Resource } from '../../template/resource.ts';
import type { Template } from '../../template/template.ts';
import { extendedId, requestTime } from './event-fields.ts';
import type { GatewayResponseType, HttpAnswer } from './gateway-response.ts';
import {
  type ApiServices,
  callFunction,
  functionArnOf,
  type LambdaIntegration,
  outcomeOfAnswer,
} from './lambda-integration.ts';
import { throttleOf } from './throttle.ts';
import type { Client, Closure } from './websocket-connections.ts';
import {
  IntegrationResource,
  RouteResource,
  RouteResponseResource,
  type WebSocketApiResource,
  type WebSocketStageResource,
} from './websocket-resources.ts';

/** Validates a message that can select a route. */
const Message = z.record(z.string(), z.unknown());

interface Route {
  integration: LambdaIntegration;
  /** Whether the client receives the result of the integration. */
  responds: boolean;
  throttle: TokenBucket;
}

/** The fields of a route's event that differ between connecting, a message and disconnecting. */
interface EventPart {
  headers?: Record<string, string>;
  multiValueHeaders?: Record<string, string[]>;
  queryStringParameters?: Record<string, string> | undefined;
  multiValueQueryStringParameters?: Record<string, string[]> | undefined;
  body?: string;
  closure?: Closure;
}

type PropertiesOf<Type extends { properties: z.ZodMiniType }> = z.infer<Type['properties']>;

/** The API of the routes, and its stage. */
interface DeployedApi {
  api: Resource<PropertiesOf<typeof WebSocketApiResource>>;
  stage: Resource<PropertiesOf<typeof WebSocketStageResource>>;
}

/** The routes of a WebSocket API: selects the route of a message, and invokes its integration. */
export class WebSocketRoutes {
  readonly #apiId: string;
  readonly #stage: string;
  /** The field of a message that selects its route. */
  readonly #selection: string;
  readonly #routes: ReadonlyMap<string, Route>;
  readonly #services: ApiServices;

  /**
   * @throws {Error} if the route selection expression is not supported, or a route has no
   * integration
   */
  constructor(template: Template, { api, stage }: DeployedApi, services: ApiServices) {
    const { RouteSelectionExpression } = api.properties;
    const selection = /^\$request\.body\.(\w+)$/.exec(RouteSelectionExpression)?.[1];
    if (!selection) throw new Error(`${api.logicalId}: ${RouteSelectionExpression} is not supported.`);
    this.#apiId = api.name;
    this.#stage = stage.name;
    this.#selection = selection;
    this.#services = services;
    const integrations = new Map(
      template.resources(IntegrationResource).map(({ name, properties }) => [name, properties]),
    );
    const responding = new Set(
      template.resources(RouteResponseResource).map(({ properties }) => properties.RouteId),
    );
    this.#routes = new Map(
      template.resources(RouteResource).map(({ logicalId, name, properties }) => {
        const integration = integrations.get(properties.Target.replace(/^integrations\//, ''));
        if (!integration) throw new Error(`${logicalId}: there is no integration ${properties.Target}.`);
        const route = {
          integration: {
            functionArn: functionArnOf(integration.IntegrationUri),
            timeoutMs: integration.TimeoutInMillis,
          },
          responds: properties.RouteResponseSelectionExpression !== undefined && responding.has(name),
          throttle: throttleOf(stage.properties.DefaultRouteSettings, services.clock),
        };
        return [properties.RouteKey, route];
      }),
    );
  }

  /** Returns the key of the route that the route selection expression selects for a message. */
  select(body: string): string {
    const { data: message } = Message.safeParse(parseJson(body));
    const key = message?.[this.#selection];
    const isRoute = typeof key === 'string' && !key.startsWith('$') && this.#routes.has(key);
    return isRoute ? key : '$default';
  }

  /** Returns whether the client receives the result of a route's integration. */
  responds(routeKey: string): boolean {
    return this.#routes.get(routeKey)?.responds ?? false;
  }

  /** Invokes the integration of a route; `undefined` if the API has no such route. */
  async invoke(
    routeKey: string,
    client: Client,
    cause: Cause,
    part: EventPart,
  ): Promise<HttpAnswer | GatewayResponseType | undefined> {
    const route = this.#routes.get(routeKey);
    if (!route) return undefined;
    // A connection that has ended cannot be refused.
    if (!part.closure && !route.throttle.take()) return 'THROTTLED';
    const name = webSocketRequest(routeKey);
    const payload = part.body ?? JSON.stringify(part.queryStringParameters);
    const event = this.#event(routeKey, client, part);
    return this.#services.recorder.record(
      { kind: 'request', hop: requestHop(name), to: this.#apiId, payload },
      cause,
      (own) =>
        callFunction(this.#services, route.integration, {
          name,
          cause: own,
          source: `${this.#apiId}/${this.#stage}/${routeKey}`,
          event,
          binaryAnswer: false,
        }),
      outcomeOfAnswer,
    );
  }

  #event(routeKey: string, client: Client, { closure, ...part }: EventPart): object {
    const { account, clock } = this.#services;
    const { connectedAt, connectionId, domainName, identity } = client;
    const isMessage = part.body !== undefined;
    const requestId = extendedId();
    return {
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
        stage: this.#stage,
      },
      isBase64Encoded: false,
    };
  }
}
