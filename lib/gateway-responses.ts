import { ResponseType, type RestApi } from 'aws-cdk-lib/aws-apigateway';
import { corsHeaders, HttpProblem } from '../lambdas/http-answer.ts';

const noSuchRoute = 'There is no such path, or it does not have this method.';
const notServed = 'The request could not be served.';
const tooSlow = 'The request was not served in time.';

/** The problems that API Gateway finds by itself, of an API without authorizers, API keys and request validators. */
const problems: [ResponseType, HttpProblem][] = [
  // So API Gateway calls a path or a method that the API does not have.
  [ResponseType.MISSING_AUTHENTICATION_TOKEN, new HttpProblem(404, noSuchRoute)],
  [ResponseType.RESOURCE_NOT_FOUND, new HttpProblem(404, noSuchRoute)],
  [ResponseType.REQUEST_TOO_LARGE, new HttpProblem(413, 'The request is too large.')],
  [ResponseType.UNSUPPORTED_MEDIA_TYPE, new HttpProblem(415, 'The content type is not supported.')],
  [
    ResponseType.THROTTLED,
    new HttpProblem(429, 'There are too many requests. Try again in a second.', {
      headers: { 'Retry-After': '1' },
    }),
  ],
  [ResponseType.API_CONFIGURATION_ERROR, new HttpProblem(500, notServed)],
  [ResponseType.INTEGRATION_FAILURE, new HttpProblem(504, notServed)],
  [ResponseType.INTEGRATION_TIMEOUT, new HttpProblem(504, tooSlow)],
];

/**
 * What stands for all other types. Their statuses differ, so the body names none. A template can hold variables
 * alone, and `$context.error.messageString` brings its own quotes.
 */
const defaults: [ResponseType, body: string][] = [
  [
    ResponseType.DEFAULT_4XX,
    '{"type":"about:blank","title":"Request Refused","detail":$context.error.messageString}',
  ],
  [
    ResponseType.DEFAULT_5XX,
    JSON.stringify({ type: 'about:blank', title: 'Server Error', detail: notServed }),
  ],
];

/**
 * Makes each answer that API Gateway gives by itself a problem document that pages of any origin can read. A type
 * that has no response of its own gets its default's body under its own status (API Gateway Developer Guide,
 * "Gateway response types for API Gateway"). The header overrides the content type that is the template's key.
 */
export function addGatewayResponses(api: RestApi): void {
  for (const [type, { answer }] of problems) {
    api.addGatewayResponse(type.responseType, {
      type,
      statusCode: String(answer.statusCode),
      responseHeaders: literals(answer.headers),
      templates: { 'application/json': answer.body },
    });
  }
  for (const [type, body] of defaults) {
    api.addGatewayResponse(type.responseType, {
      type,
      responseHeaders: literals({ 'Content-Type': 'application/problem+json', ...corsHeaders }),
      templates: { 'application/json': body },
    });
  }
}

/** A header's value in quotes is that text; without them it would name a parameter of the request. */
function literals(headers: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, `'${value}'`]));
}
