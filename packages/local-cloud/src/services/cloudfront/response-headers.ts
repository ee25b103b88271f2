import type { ResponseHeadersPolicyProperties } from './cloudfront-resources.ts';

/**
 * Returns the headers that a response headers policy adds.
 * Source: Amazon CloudFront Developer Guide, "Understand response headers policies", security
 * headers.
 */
export function responseHeaders({
  ResponseHeadersPolicyConfig: { SecurityHeadersConfig },
}: ResponseHeadersPolicyProperties): Record<string, string> {
  const { ContentSecurityPolicy, ContentTypeOptions, FrameOptions, ReferrerPolicy, StrictTransportSecurity } =
    SecurityHeadersConfig;
  return {
    ...(ContentSecurityPolicy && {
      'Content-Security-Policy': ContentSecurityPolicy.ContentSecurityPolicy,
    }),
    ...(ContentTypeOptions && { 'X-Content-Type-Options': 'nosniff' }),
    ...(FrameOptions && { 'X-Frame-Options': FrameOptions.FrameOption }),
    ...(ReferrerPolicy && { 'Referrer-Policy': ReferrerPolicy.ReferrerPolicy }),
    ...(StrictTransportSecurity && {
      'Strict-Transport-Security': `max-age=${StrictTransportSecurity.AccessControlMaxAgeSec}${
        StrictTransportSecurity.IncludeSubdomains ? '; includeSubDomains' : ''
      }`,
    }),
  };
}
