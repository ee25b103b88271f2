import { httpRequest, messageHop, requestHop, runHop, webSocketRequest } from '../core/hop.ts';
import { functionArnOf } from '../services/apigateway/lambda-integration.ts';
import { pathsOf } from '../services/apigateway/rest-api.ts';
import { MethodResource } from '../services/apigateway/rest-resources.ts';
import {
  IntegrationResource,
  RouteResource,
  WebSocketApiResource,
} from '../services/apigateway/websocket-resources.ts';
import type { Template } from '../template/template.ts';
import type { Edge, FunctionLabels } from './edge.ts';

/** Returns the edges from clients to the functions behind the methods of REST APIs. */
export function restApiEdges(template: Template, labels: FunctionLabels): Edge[] {
  const segmentsOf = pathsOf(template);
  return template.resources(MethodResource).flatMap(({ properties }) => {
    const { HttpMethod, Integration, ResourceId, RestApiId: api } = properties;
    if (Integration.Type !== 'AWS_PROXY') return [];
    const request = httpRequest(HttpMethod, `/${segmentsOf(ResourceId).join('/')}`);
    return [
      { from: 'client', to: api, hop: requestHop(request), label: request },
      integrationEdge(api, request, functionArnOf(Integration.Uri), labels),
    ];
  });
}

/**
 * Returns the edges from clients to the functions behind the routes of WebSocket APIs, and back to
 * the clients.
 */
export function webSocketEdges(template: Template, labels: FunctionLabels): Edge[] {
  const uris = new Map(
    template
      .resources(IntegrationResource)
      .map(({ name, properties }) => [`integrations/${name}`, properties.IntegrationUri]),
  );
  const requests = template.resources(RouteResource).flatMap(({ properties }): Edge[] => {
    const { ApiId: api, RouteKey, Target } = properties;
    const uri = uris.get(Target);
    if (!uri) return [];
    const request = webSocketRequest(RouteKey);
    return [
      { from: 'client', to: api, hop: requestHop(request), label: request, faults: false },
      integrationEdge(api, request, functionArnOf(uri), labels),
    ];
  });
  const messages = template
    .resources(WebSocketApiResource)
    .map(
      ({ name }): Edge => ({ from: name, to: 'client', hop: messageHop, label: 'messages', faults: false }),
    );
  return [...requests, ...messages];
}

function integrationEdge(api: string, request: string, target: string, labels: FunctionLabels): Edge {
  return { from: api, to: target, hop: runHop(request, labels.get(target) ?? target), label: request };
}
