import * as z from 'zod/mini';
import { generatedId } from '../../template/generated-id.ts';
import { resourceType } from '../../template/resource-type.ts';

/** The naming of every resource to which API Gateway assigns an ID: ten letters and digits. */
export const apiGatewayNaming = {
  name: (_properties: unknown, generated: string): string => generatedId(generated, 10),
};

/** `AWS::ApiGateway::RestApi`. */
export const RestApiResource = resourceType(
  z.strictObject({
    Name: z.string(),
    BinaryMediaTypes: z._default(z.array(z.string()), []),
    // Ignored locally:
    Description: z.optional(z.string()),
    EndpointConfiguration: z.optional(z.unknown()),
    Tags: z.optional(z.unknown()),
  }),
  { ...apiGatewayNaming, attributes: ({ name }) => ({ RestApiId: name, RootResourceId: `${name}-root` }) },
);

/** `AWS::ApiGateway::Resource`: one segment of a path. */
export const PathResource = resourceType(
  z.strictObject({
    ParentId: z.string(),
    PathPart: z.string().check(z.regex(/^[^+]*$/, 'greedy path variables are not supported')),
    RestApiId: z.string(),
  }),
  apiGatewayNaming,
);

/** The header values of a mock integration and of a gateway response, e.g. `"'*'"`. */
const staticValues = z.record(z.string(), z.string());

/** An interim status (1xx) would leave the client waiting for the response that follows it. */
const StatusCode = z.string().check(z.regex(/^[2-5]\d\d$/, 'must be a status from 200 to 599'));

/** `AWS::ApiGateway::Method`, with a Lambda proxy or a mock integration. */
export const MethodResource = resourceType(
  z.strictObject({
    HttpMethod: z.string().check(z.regex(/^(?!ANY$)/, 'ANY is not supported')),
    ResourceId: z.string(),
    RestApiId: z.string(),
    AuthorizationType: z.literal('NONE'),
    Integration: z.discriminatedUnion('Type', [
      z.strictObject({
        Type: z.literal('AWS_PROXY'),
        Uri: z.string(),
        IntegrationHttpMethod: z.literal('POST'),
        TimeoutInMillis: z._default(z.number(), 29_000),
      }),
      z.strictObject({
        Type: z.literal('MOCK'),
        RequestTemplates: z.optional(z.unknown()),
        IntegrationResponses: z.tuple([
          z.strictObject({
            StatusCode,
            ResponseParameters: z._default(staticValues, {}),
          }),
        ]),
      }),
    ]),
    ApiKeyRequired: z.optional(z.literal(false)),
    MethodResponses: z.optional(z.unknown()),
  }),
  apiGatewayNaming,
);

const GatewayResponseProperties = z.strictObject({
  ResponseType: z.string(),
  RestApiId: z.string(),
  StatusCode: z.optional(StatusCode),
  ResponseParameters: z._default(staticValues, {}),
  ResponseTemplates: z._default(staticValues, {}),
});
export type GatewayResponseProperties = z.infer<typeof GatewayResponseProperties>;

/** `AWS::ApiGateway::GatewayResponse`: a response that API Gateway generates itself. */
export const GatewayResponseResource = resourceType(GatewayResponseProperties, apiGatewayNaming);

/** `AWS::ApiGateway::Deployment`. */
export const DeploymentResource = resourceType(
  z.strictObject({ RestApiId: z.string(), Description: z.optional(z.string()) }),
  { ...apiGatewayNaming, attributes: ({ name }) => ({ DeploymentId: name }) },
);

/** `AWS::ApiGateway::Stage`. */
export const RestStageResource = resourceType(
  z.strictObject({
    StageName: z.string(),
    RestApiId: z.string(),
    DeploymentId: z.string(),
    MethodSettings: z._default(
      z.array(
        z
          .strictObject({
            HttpMethod: z.string(),
            ResourcePath: z.string(),
            ThrottlingBurstLimit: z.optional(z.number()),
            ThrottlingRateLimit: z.optional(z.number()),
            // Ignored locally:
            DataTraceEnabled: z.optional(z.boolean()),
            LoggingLevel: z.optional(z.string()),
            MetricsEnabled: z.optional(z.boolean()),
          })
          .check(
            z.refine(
              ({ HttpMethod, ResourcePath }) => (HttpMethod === '*') === (ResourcePath === '/*'),
              'must name one method, or all with HttpMethod * and ResourcePath /*',
            ),
          ),
      ),
      [],
    ),
    // Ignored locally:
    AccessLogSetting: z.optional(z.unknown()),
    Description: z.optional(z.string()),
    Tags: z.optional(z.unknown()),
    TracingEnabled: z.optional(z.boolean()),
  }),
  { name: (properties) => properties.StageName },
);
