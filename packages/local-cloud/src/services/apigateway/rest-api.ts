import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { httpRequest, requestHop } from '../../core/hop.ts';
import { pass } from '../../core/passage.ts';
import { AwsError } from '../../core/service.ts';
import type { TokenBucket } from '../../core/token-bucket.ts';
import { rootOf } from '../../core/trace.ts';
import { readBody } from '../../http/request-body.ts';
import type { Template } from '../../template/template.ts';
import { extendedId, requestUrl } from './event-fields.ts';
import {
  fixedHeaders,
  GatewayResponses,
  type GatewayResponseType,
  type HttpAnswer,
} from './gateway-response.ts';
import {
  type ApiServices,
  callFunction,
  functionArnOf,
  type LambdaIntegration,
  outcomeOfAnswer,
} from './lambda-integration.ts';
import { isBinary, proxyEvent } from './proxy-event.ts';
import {
  GatewayResponseResource,
  MethodResource,
  PathResource,
  RestApiResource,
  RestStageResource,
} from './rest-resources.ts';
import { clientHeaders } from './restricted-headers.ts';
import { settingsOf, throttleOf } from './throttle.ts';

/**
 * The maximum size of a request's payload. Source: API Gateway Developer Guide, "Quotas for REST
 * APIs".
 */
const MAXIMUM_PAYLOAD = 10 * 1024 * 1024;

interface Route {
  segments: string[];
  path: string;
  resourceId: string;
  method: string;
  /** A function, or the response of a mock. */
  integration: LambdaIntegration | HttpAnswer;
  throttle: TokenBucket;
}

/**
 * The REST API of the stack: routes a request to its method and answers with the method's
 * integration.
 */
export class RestApi {
  /** The API's properties in events and ARNs. */
  readonly #ids: { apiId: string; deploymentId: string; stage: string; binaryMediaTypes: string[] };
  readonly #routes: Route[];
  readonly #gatewayResponses: GatewayResponses;
  readonly #services: ApiServices;
  /** Why methods of the template are skipped. */
  readonly #skipped: string[];

  constructor(template: Template, services: ApiServices) {
    const [api] = template.resources(RestApiResource);
    const [stage] = template.resources(RestStageResource);
    if (!api || !stage) throw new Error('The template has no REST API with a stage.');
    this.#ids = {
      apiId: api.name,
      deploymentId: stage.properties.DeploymentId,
      stage: stage.name,
      binaryMediaTypes: api.properties.BinaryMediaTypes,
    };
    this.#services = services;
    this.#skipped = template.skipped.ofType('AWS::ApiGateway::Method');
    this.#gatewayResponses = new GatewayResponses(template.resources(GatewayResponseResource));
    const segmentsOf = pathsOf(template);
    const { MethodSettings } = stage.properties;
    const routes = template.resources(MethodResource).map(({ properties }) => {
      const segments = segmentsOf(properties.ResourceId);
      const path = `/${segments.join('/')}`;
      return {
        segments,
        path,
        resourceId: properties.ResourceId,
        method: properties.HttpMethod,
        integration: integrationOf(properties.Integration),
        throttle: throttleOf(settingsOf(MethodSettings, properties.HttpMethod, path), services.clock),
      };
    });
    // `{` sorts after all characters of a fixed segment, and fixed segments take precedence.
    this.#routes = routes.sort((one, other) => (one.path < other.path ? -1 : 1));
  }

  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const requestId = randomUUID();
    const extendedRequestId = extendedId();
    const answer = await this.#answer(request, { requestId, extendedRequestId });
    response.statusCode = answer.status;
    for (const [name, value] of clientHeaders(answer.headers)) response.appendHeader(name, value);
    if (!response.hasHeader('Content-Type')) response.setHeader('Content-Type', 'application/json');
    response.setHeader('x-amzn-RequestId', requestId);
    response.setHeader('x-amz-apigw-id', extendedRequestId);
    response.end(answer.body);
  }

  async #answer(
    request: IncomingMessage,
    requestIds: { requestId: string; extendedRequestId: string },
  ): Promise<HttpAnswer> {
    const refuse = (type: GatewayResponseType) => this.#gatewayResponses.answer(type, requestIds.requestId);
    const { account, clock, log, tracer } = this.#services;
    const receivedAt = clock.now();
    const body = await readBody(request, MAXIMUM_PAYLOAD);
    if (!body) return refuse('REQUEST_TOO_LARGE');
    const url = requestUrl(request);
    // An API is identified by its host name, which HTTP/1.0 may omit and any version may leave
    // empty.
    const match = request.headers.host ? this.#match(request.method, url.pathname) : undefined;
    if (!match) {
      for (const sentence of this.#skipped) log.error(`${request.method} ${url.pathname}`, sentence);
      return refuse('MISSING_AUTHENTICATION_TOKEN');
    }
    const { route, path, pathParameters } = match;
    if (!route.throttle.take()) return refuse('THROTTLED');
    if ('status' in route.integration) return route.integration;
    const { apiId, binaryMediaTypes, stage } = this.#ids;
    const text = body.toString('utf8');
    const cause = tracer.begin(`${request.method} ${request.url} ${text}`);
    const event = proxyEvent({
      ...this.#ids,
      ...requestIds,
      account,
      body,
      path,
      pathParameters,
      receivedAt,
      request,
      resourceId: route.resourceId,
      resourcePath: route.path,
      traceHeader: rootOf(cause, receivedAt),
      url,
    });
    const { integration } = route;
    const name = httpRequest(route.method, route.path);
    const point = { hop: requestHop(name), service: 'apigateway', operation: name };
    const answer = await pass<HttpAnswer | GatewayResponseType>(this.#services, point, cause, {
      step: { kind: 'request', to: apiId, payload: text || undefined, outcome: outcomeOfAnswer },
      act: (own = cause) =>
        callFunction(this.#services, integration, {
          name,
          cause: own,
          source: `${apiId}/${stage}/${route.method}${route.path}`,
          event,
          binaryAnswer: isBinary(request.headers.accept, binaryMediaTypes),
        }),
    }).catch((error: unknown) => {
      if (!(error instanceof AwsError)) throw error;
      return error.status === 429 ? 'THROTTLED' : 'API_CONFIGURATION_ERROR';
    });
    return typeof answer === 'string' ? refuse(answer) : answer;
  }

  /**
   * Returns the method for a request. Clients of a custom domain name that is mapped to the stage
   * send `/posts`, clients of the API's own host `/<stage>/posts`. Both reach the same resource.
   * Several slashes after the stage count as one, as has been observed.
   */
  #match(method: string | undefined, pathname: string) {
    const prefix = `/${this.#ids.stage}/`;
    const paths = [
      pathname,
      ...(pathname.startsWith(prefix) ? [pathname.slice(prefix.length - 1).replace(/^\/+/, '/')] : []),
    ];
    for (const path of paths) {
      for (const route of this.#routes) {
        const pathParameters = route.method === method ? matchPath(route.segments, path) : undefined;
        if (pathParameters) return { route, path, pathParameters };
      }
    }
    return undefined;
  }
}

/** Returns a function that returns the path segments of a resource of the API, by its ID. */
export function pathsOf(template: Template): (resourceId: string) => string[] {
  const paths = new Map(template.resources(PathResource).map(({ name, properties }) => [name, properties]));
  const segmentsOf = (resourceId: string): string[] => {
    const path = paths.get(resourceId);
    return path ? [...segmentsOf(path.ParentId), path.PathPart] : [];
  };
  return segmentsOf;
}

type IntegrationProperties = ReturnType<typeof MethodResource.properties.parse>['Integration'];

function integrationOf(properties: IntegrationProperties): Route['integration'] {
  if (properties.Type === 'AWS_PROXY')
    return { functionArn: functionArnOf(properties.Uri), timeoutMs: properties.TimeoutInMillis };
  const [{ StatusCode, ResponseParameters }] = properties.IntegrationResponses;
  return {
    status: Number(StatusCode),
    headers: fixedHeaders(ResponseParameters, 'method.response.header.'),
    body: '',
  };
}

/**
 * Returns the path parameters if the path matches, e.g. `{ id: '1' }` for `['posts', '{id}']` and
 * `/posts/1`.
 */
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
