import * as z from 'zod/mini';
import { generatedId } from '../../template/generated-id.ts';
import { resourceType } from '../../template/resource-type.ts';

/**
 * The naming of every resource to which CloudFront assigns an ID: `E` and 13 capital letters and
 * digits.
 */
const cloudFrontNaming = {
  name: (_properties: unknown, generated: string): string => `E${generatedId(generated, 13).toUpperCase()}`,
  attributes: ({ name }: { name: string }) => ({ Id: name }),
};

/** Returns the host name of the distribution with an ID. */
export function distributionDomain(id: string): string {
  return `d${id.slice(1).toLowerCase()}.cloudfront.net`;
}

/** Validates the response that replaces an error of the origin. */
const CustomErrorResponse = z.strictObject({
  ErrorCode: z.number(),
  ResponseCode: z.number(),
  ResponsePagePath: z.string().check(z.startsWith('/')),
  // Ignored locally, where nothing is cached:
  ErrorCachingMinTTL: z.optional(z.number()),
});

/**
 * `AWS::CloudFront::Distribution` of S3 buckets, read by an origin access control, with one
 * behavior for all paths.
 */
export const DistributionResource = resourceType(
  z.strictObject({
    DistributionConfig: z.strictObject({
      CustomErrorResponses: z._default(z.array(CustomErrorResponse), []),
      DefaultCacheBehavior: z.strictObject({
        ResponseHeadersPolicyId: z.optional(z.string()),
        TargetOriginId: z.string(),
        // Ignored locally, where there is no TLS, cache or compression:
        CachePolicyId: z.string(),
        Compress: z.optional(z.boolean()),
        ViewerProtocolPolicy: z.enum(['redirect-to-https', 'https-only', 'allow-all']),
      }),
      DefaultRootObject: z._default(z.string(), ''),
      Enabled: z.literal(true),
      Origins: z.array(
        z.strictObject({
          DomainName: z.string().check(z.regex(/\.s3\./, 'only buckets are supported')),
          Id: z.string(),
          OriginAccessControlId: z.string(),
          S3OriginConfig: z.strictObject({ OriginAccessIdentity: z.literal('') }),
        }),
      ),
      // Ignored locally:
      Comment: z.optional(z.string()),
      HttpVersion: z.optional(z.string()),
      IPV6Enabled: z.optional(z.boolean()),
      PriceClass: z.optional(z.string()),
    }),
    // Ignored locally:
    Tags: z.optional(z.unknown()),
  }),
  {
    ...cloudFrontNaming,
    arn: (name, { id }) => `arn:aws:cloudfront::${id}:distribution/${name}`,
    attributes: ({ name }) => ({ Id: name, DomainName: distributionDomain(name) }),
  },
);

/** `AWS::CloudFront::OriginAccessControl`: signs the requests of a distribution to its bucket. */
export const OriginAccessControlResource = resourceType(
  z.strictObject({
    OriginAccessControlConfig: z.strictObject({
      Name: z.string(),
      OriginAccessControlOriginType: z.literal('s3'),
      SigningBehavior: z.literal('always'),
      SigningProtocol: z.literal('sigv4'),
      // Ignored locally:
      Description: z.optional(z.string()),
    }),
  }),
  cloudFrontNaming,
);

// Both values have the same effect: S3 sends none of these headers.
const Override = z.boolean();

const ResponseHeadersPolicyProperties = z.strictObject({
  ResponseHeadersPolicyConfig: z.strictObject({
    Name: z.string(),
    SecurityHeadersConfig: z.strictObject({
      ContentSecurityPolicy: z.optional(z.strictObject({ ContentSecurityPolicy: z.string(), Override })),
      ContentTypeOptions: z.optional(z.strictObject({ Override })),
      FrameOptions: z.optional(z.strictObject({ FrameOption: z.enum(['DENY', 'SAMEORIGIN']), Override })),
      ReferrerPolicy: z.optional(z.strictObject({ ReferrerPolicy: z.string(), Override })),
      StrictTransportSecurity: z.optional(
        z.strictObject({
          AccessControlMaxAgeSec: z.number(),
          IncludeSubdomains: z._default(z.boolean(), false),
          Override,
        }),
      ),
    }),
    // Ignored locally:
    Comment: z.optional(z.string()),
  }),
});
export type ResponseHeadersPolicyProperties = z.infer<typeof ResponseHeadersPolicyProperties>;

/**
 * `AWS::CloudFront::ResponseHeadersPolicy`: headers that CloudFront adds to the responses of the
 * origin.
 */
export const ResponseHeadersPolicyResource = resourceType(ResponseHeadersPolicyProperties, cloudFrontNaming);
