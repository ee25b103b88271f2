import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type * as z from 'zod/mini';
import type { Clock } from '../clock.ts';
import type { Lambda } from '../lambda/lambda.ts';
import type { Log } from '../log.ts';
import { readBody } from '../request-body.ts';
import type { Account } from '../template/resource-type.ts';
import type { Template } from '../template/template.ts';
import { TokenBucket } from '../token-bucket.ts';
import {
  fixedHeaders,
  GatewayResponses,
  type GatewayResponseType,
  type HttpAnswer,
} from './gateway-response.ts';
import { proxyEvent, requestUrl } from './proxy-event.ts';
import { proxyResponse } from './proxy-response.ts';
import {
  GatewayResponseResource,
  MethodResource,
  PathResource,
  RestApiResource,
  RestStageResource,
} from './rest-resources.ts';

/** A request's payload may have 10 MB. Source: API Gateway Developer Guide, "Quotas for REST APIs". */
const MAXIMUM_PAYLOAD = 10 * 1024 * 1024;

/** The account's default throttle, for a stage that sets none. */
const DEFAULT_THROTTLE = { rate: 10_000, burst: 5_000 };

interface Route {
  segments: string[];
  path: string;
  resourceId: string;
  method: string;
  integration: z.infer<typeof MethodResource.properties>['Integration'];
}

/** The stack's REST API: finds the method for a request and answers with what its integration says. */
export class RestApi {
  readonly #apiId: string;
  readonly #stage: string;
  readonly #account: Account;
  readonly #routes: Route[];
  readonly #gatewayResponses: GatewayResponses;
  readonly #throttle: TokenBucket;
  readonly #lambda: Lambda;
  readonly #clock: Clock;
  readonly #log: Log;

  constructor(template: Template, { account, lambda, clock, log }: RestApiServices) {
    const [api] = template.resources(RestApiResource);
    const [stage] = template.resources(RestStageResource);
    if (!api || !stage) throw new Error('The template has no REST API with a stage.');
    this.#apiId = api.name;
    this.#stage = stage.name;
    this.#account = account;
    this.#lambda = lambda;
    this.#clock = clock;
    this.#log = log;
    const [settings] = stage.properties.MethodSettings;
    this.#throttle = new TokenBucket(clock, {
      rate: settings?.ThrottlingRateLimit ?? DEFAULT_THROTTLE.rate,
      burst: settings?.ThrottlingBurstLimit ?? DEFAULT_THROTTLE.burst,
    });
    this.#gatewayResponses = new GatewayResponses(template.resources(GatewayResponseResource));
    const paths = new Map(template.resources(PathResource).map(({ name, properties }) => [name, properties]));
    const segmentsOf = (resourceId: string): string[] => {
      const path = paths.get(resourceId);
      return path ? [...segmentsOf(path.ParentId), path.PathPart] : [];
    };
    const routes = template.resources(MethodResource).map(({ properties }) => {
      const segments = segmentsOf(properties.ResourceId);
      return {
        segments,
        path: `/${segments.join('/')}`,
        resourceId: properties.ResourceId,
        method: properties.HttpMethod,
        integration: properties.Integration,
      };
    });
    // `{` comes after what a fixed segment is made of, and a fixed segment goes before a variable one.
    this.#routes = routes.sort((one, other) => (one.path < other.path ? -1 : 1));
  }

  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const requestId = randomUUID();
    const answer = await this.#answer(request, requestId);
    response.statusCode = answer.status;
    // One by one, so that a function's `content-type` takes the place of the default `Content-Type`.
    for (const [name, value] of Object.entries(answer.headers)) response.setHeader(name, value);
    response.setHeader('x-amzn-RequestId', requestId);
    response.end(answer.body);
  }

  async #answer(request: IncomingMessage, requestId: string): Promise<HttpAnswer> {
    const refuse = (type: GatewayResponseType) => this.#gatewayResponses.answer(type, requestId);
    const receivedAt = this.#clock.now();
    const body = await readBody(request, MAXIMUM_PAYLOAD);
    if (!body) return refuse('REQUEST_TOO_LARGE');
    const url = requestUrl(request);
    const route = this.#routes.find(
      ({ segments, method }) => method === request.method && matchPath(segments, url.pathname),
    );
    if (!route) return refuse('MISSING_AUTHENTICATION_TOKEN');
    if (!this.#throttle.take()) return refuse('THROTTLED');
    const { integration } = route;
    if (integration.Type === 'MOCK') {
      const [{ StatusCode, ResponseParameters }] = integration.IntegrationResponses;
      return {
        status: Number(StatusCode),
        headers: fixedHeaders(ResponseParameters, 'method.response.header.'),
        body: '',
      };
    }
    const event = proxyEvent({
      request,
      body,
      url,
      requestId,
      receivedAt,
      account: this.#account,
      apiId: this.#apiId,
      stage: this.#stage,
      resourcePath: route.path,
      resourceId: route.resourceId,
      pathParameters: matchPath(route.segments, url.pathname) ?? {},
    });
    this.#log.trace(`${request.method} ${url.pathname} → integration`, event);
    const timedOut = Symbol();
    let callOff = (): void => {};
    const result = await Promise.race([
      this.#lambda.invoke(functionArnOf(integration.Uri), event),
      new Promise<typeof timedOut>((resolve) => {
        callOff = this.#clock.schedule(() => resolve(timedOut), integration.TimeoutInMillis);
      }),
    ]);
    callOff();
    if (result === timedOut) return refuse('INTEGRATION_TIMEOUT');
    return proxyResponse(result) ?? refuse('MALFORMED_PROXY_RESPONSE');
  }
}

export interface RestApiServices {
  account: Account;
  lambda: Lambda;
  clock: Clock;
  log: Log;
}

/** The function in `arn:aws:apigateway:<region>:lambda:path/2015-03-31/functions/<function's ARN>/invocations`. */
export function functionArnOf(integrationUri: string): string {
  const arn = /\/functions\/(arn:[^/]+)\/invocations$/.exec(integrationUri)?.[1];
  if (!arn) throw new Error(`The integration ${integrationUri} is not a Lambda function's.`);
  return arn;
}

/** The path parameters if the path matches, e.g. `['posts', '{id}']` and `/posts/1` give `{ id: '1' }`. */
function matchPath(segments: string[], pathname: string): Record<string, string> | undefined {
  const parts = pathname.split('/').slice(1);
  if (parts.at(-1) === '') parts.pop();
  if (parts.length !== segments.length) return undefined;
  const parameters: Record<string, string> = {};
  for (const [index, segment] of segments.entries()) {
    const part = parts[index] ?? '';
    const name = /^\{(.+)\}$/.exec(segment)?.[1];
    if (name && part) parameters[name] = part;
    else if (segment !== part) return undefined;
  }
  return parameters;
}
