import * as z from 'zod/mini';
import { ofKind, resourceType } from '../../template/resource-type.ts';
import { apiGatewayNaming } from './rest-resources.ts';

/** `AWS::ApiGatewayV2::Api` of a WebSocket API. */
export const WebSocketApiResource = resourceType(
  ofKind(
    z.object({ ProtocolType: z.literal('WEBSOCKET') }),
    z.strictObject({
      Name: z.string(),
      ProtocolType: z.literal('WEBSOCKET'),
      RouteSelectionExpression: z.string(),
      // Ignored locally:
      Description: z.optional(z.string()),
      Tags: z.optional(z.unknown()),
    }),
  ),
  {
    ...apiGatewayNaming,
    attributes: ({ name }) => ({ ApiId: name }),
  },
);

/** `AWS::ApiGatewayV2::Route`. */
export const RouteResource = resourceType(
  z.strictObject({
    ApiId: z.string(),
    RouteKey: z.string(),
    Target: z.string(),
    AuthorizationType: z.literal('NONE'),
    RouteResponseSelectionExpression: z.optional(z.literal('$default')),
  }),
  apiGatewayNaming,
);

/** `AWS::ApiGatewayV2::RouteResponse`: lets a route send a response. */
export const RouteResponseResource = resourceType(
  z.strictObject({ ApiId: z.string(), RouteId: z.string(), RouteResponseKey: z.literal('$default') }),
  apiGatewayNaming,
);

/** `AWS::ApiGatewayV2::Integration` with a Lambda function. */
export const IntegrationResource = resourceType(
  z.strictObject({
    ApiId: z.string(),
    IntegrationType: z.literal('AWS_PROXY'),
    IntegrationUri: z.string(),
    TimeoutInMillis: z._default(z.number(), 29_000),
  }),
  apiGatewayNaming,
);

/** `AWS::ApiGatewayV2::Stage`. */
export const WebSocketStageResource = resourceType(
  z.strictObject({
    ApiId: z.string(),
    StageName: z.string(),
    AutoDeploy: z.literal(true),
    DefaultRouteSettings: z._default(
      z.strictObject({
        ThrottlingBurstLimit: z.optional(z.number()),
        ThrottlingRateLimit: z.optional(z.number()),
        // Ignored locally:
        DataTraceEnabled: z.optional(z.boolean()),
        DetailedMetricsEnabled: z.optional(z.boolean()),
        LoggingLevel: z.optional(z.string()),
      }),
      {},
    ),
    // Ignored locally:
    AccessLogSettings: z.optional(z.unknown()),
    Description: z.optional(z.string()),
    Tags: z.optional(z.unknown()),
  }),
  { name: ({ StageName }) => StageName },
);
