import * as rest from '../services/apigateway/rest-resources.ts';
import * as webSocket from '../services/apigateway/websocket-resources.ts';
import { DistributionResource } from '../services/cloudfront/cloudfront-resources.ts';
import { compareExecutionRoles } from '../services/iam/execution-role.ts';
import { compareQualifiers } from '../services/lambda/qualifiers.ts';
import { SubscriptionResource } from '../services/sns/topic-resource.ts';
import type { ResourceType } from '../template/resource-type.ts';
import type { Finding, Template } from '../template/template.ts';

/** The types whose resources are parts of another, by the service of the other. */
const parts: readonly [ResourceType, string][] = [
  [rest.PathResource, 'apigateway'],
  [rest.MethodResource, 'apigateway'],
  [rest.GatewayResponseResource, 'apigateway'],
  [rest.DeploymentResource, 'apigateway'],
  [rest.RestStageResource, 'apigateway'],
  [webSocket.IntegrationResource, 'apigatewayv2'],
  [webSocket.RouteResource, 'apigatewayv2'],
  [webSocket.RouteResponseResource, 'apigatewayv2'],
  [webSocket.WebSocketStageResource, 'apigatewayv2'],
  [DistributionResource, 's3'],
  [SubscriptionResource, 'sns'],
];

/** Returns the resources that are not supported because of other resources of the template. */
export function compareResources(template: Template): Finding[] {
  return [...compareExecutionRoles(template), ...compareQualifiers(template), ...partsOfSkipped(template)];
}

/** Returns the resources that are part of a skipped one, such as the methods of a skipped path. */
function partsOfSkipped(template: Template): Finding[] {
  return parts.flatMap(([type, service]) =>
    template
      .resources(type)
      .filter(({ properties }) =>
        namesIn(properties).some((name) => template.skipped.sentence(name, service) !== undefined),
      )
      .map(({ logicalId }) => ({ logicalId })),
  );
}

/** Returns the names in properties. A bucket is named by its domain. */
function namesIn(properties: unknown): string[] {
  if (typeof properties === 'string') return [properties.replace(/\.s3\..*$/, '')];
  if (typeof properties !== 'object' || properties === null) return [];
  return Object.values(properties).flatMap(namesIn);
}
