import { allProperties } from './stage-template.ts';

const gatewayResponses = allProperties('AWS::ApiGateway::GatewayResponse');

it('the REST API returns its own errors with the statuses of a web API', () => {
  expect(
    Object.fromEntries(gatewayResponses.map(({ ResponseType, StatusCode }) => [ResponseType, StatusCode])),
  ).toEqual({
    MISSING_AUTHENTICATION_TOKEN: '404',
    RESOURCE_NOT_FOUND: '404',
    REQUEST_TOO_LARGE: '413',
    THROTTLED: '429',
    API_CONFIGURATION_ERROR: '500',
    INTEGRATION_FAILURE: '504',
    INTEGRATION_TIMEOUT: '504',
    BAD_REQUEST_BODY: '400',
    BAD_REQUEST_PARAMETERS: '400',
    ACCESS_DENIED: '403',
    EXPIRED_TOKEN: '403',
    INVALID_SIGNATURE: '403',
    WAF_FILTERED: '403',
    DEFAULT_4XX: '400',
    DEFAULT_5XX: '502',
  });
});

it.each(gatewayResponses.map((each) => [each.ResponseType, each]))(
  'the REST API returns a problem for %s',
  (_, each) => {
    expect(each.ResponseParameters).toMatchObject({
      'gatewayresponse.header.Content-Type': "'application/problem+json'",
      'gatewayresponse.header.Cache-Control': "'no-store'",
      'gatewayresponse.header.Access-Control-Allow-Origin': "'*'",
      'gatewayresponse.header.Access-Control-Expose-Headers':
        "'Location, ETag, Idempotency-Replayed, Retry-After'",
    });
    const body = each.ResponseTemplates['application/json'];
    expect(body).not.toContain('$');
    const problem = JSON.parse(body);
    expect(problem).toMatchObject({
      type: 'about:blank',
      title: expect.any(String),
      detail: expect.any(String),
    });
    expect(problem.status).toBe(Number(each.StatusCode));
  },
);

it('the response to a throttled request has Retry-After', () => {
  const throttled = gatewayResponses.find(({ ResponseType }) => ResponseType === 'THROTTLED');
  expect(throttled?.ResponseParameters).toHaveProperty(['gatewayresponse.header.Retry-After'], "'1'");
});
