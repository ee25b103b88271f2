import { GatewayResponses } from '../../../src/services/apigateway/gateway-response.ts';
import type { GatewayResponseProperties } from '../../../src/services/apigateway/rest-resources.ts';

function open(...responses: Partial<GatewayResponseProperties>[]): GatewayResponses {
  return new GatewayResponses(
    responses.map((properties, index) => ({
      logicalId: `Response${index}`,
      constructPath: '',
      name: '',
      arn: '',
      properties: {
        ResponseType: 'THROTTLED',
        RestApiId: 'api',
        StatusCode: undefined,
        ResponseParameters: {},
        ResponseTemplates: {},
        ...properties,
      },
    })),
  );
}

it.each([
  ['API_CONFIGURATION_ERROR', 500, 'Internal server error'],
  ['MISSING_AUTHENTICATION_TOKEN', 403, 'Missing Authentication Token'],
  ['THROTTLED', 429, 'Too Many Requests'],
  ['REQUEST_TOO_LARGE', 413, 'Request Too Long'],
  ['INTEGRATION_TIMEOUT', 504, 'Endpoint request timed out'],
  ['MALFORMED_PROXY_RESPONSE', 502, 'Internal server error'],
] as const)('returns %s like API Gateway if the template does not define it', (type, status, message) => {
  expect(open().answer(type, 'id')).toEqual({
    status,
    headers: [],
    body: JSON.stringify({ message }),
  });
});

it('returns the status, headers and variables of the template', () => {
  const responses = open({
    StatusCode: '404',
    ResponseParameters: {
      'gatewayresponse.header.Access-Control-Allow-Origin': "'*'",
      'gatewayresponse.header.Content-Type': "'application/problem+json'",
    },
    ResponseTemplates: {
      'application/json':
        '{"a":$context.error.messageString,"b":"$context.error.message","c":"$context.error.responseType","d":"$context.requestId"}',
    },
  });
  expect(responses.answer('THROTTLED', 'id')).toEqual({
    status: 404,
    headers: [
      ['Access-Control-Allow-Origin', '*'],
      ['Content-Type', 'application/problem+json'],
    ],
    body: '{"a":"Too Many Requests","b":"Too Many Requests","c":"THROTTLED","d":"id"}',
  });
});

it('falls back to the default of the class of the status', () => {
  const responses = open(
    { ResponseType: 'DEFAULT_4XX', ResponseTemplates: { 'application/json': '4' } },
    { ResponseType: 'DEFAULT_5XX', ResponseTemplates: { 'application/json': '5' }, StatusCode: '500' },
    { ResponseType: 'REQUEST_TOO_LARGE', ResponseTemplates: { 'application/json': 'large' } },
  );
  expect(responses.answer('THROTTLED', 'id')).toMatchObject({ status: 429, body: '4' });
  expect(responses.answer('INTEGRATION_TIMEOUT', 'id')).toMatchObject({ status: 500, body: '5' });
  expect(responses.answer('REQUEST_TOO_LARGE', 'id')).toMatchObject({ status: 413, body: 'large' });
});

it.each([
  [
    'a variable',
    { ResponseTemplates: { 'application/json': '$context.stage' } },
    '$context.stage is not supported',
  ],
  [
    'the template language',
    { ResponseTemplates: { 'application/json': '#set($a = 1)' } },
    'is not supported',
  ],
  [
    'a header that is not fixed',
    { ResponseParameters: { 'gatewayresponse.header.A': 'method.request.header.A' } },
    'is not supported',
  ],
])('does not start with %s that it does not support', (_name, properties, message) => {
  expect(() => open(properties)).toThrow(message);
});
