import { ResponseType, type RestApi } from 'aws-cdk-lib/aws-apigateway';
import { HttpProblem } from '../lambdas/http/http-answer.ts';

const noSuchRoute = 'There is no such path, or it does not have this method.';
const notServed = 'The request could not be served.';
const tooSlow = 'The request was not served in time.';
const malformed = 'The request is malformed.';
const refused = 'The request was refused.';

/**
 * The responses to requests that reach no function. Each has the default status of its type, except
 * for the 404s. For a type that is not listed, API Gateway sends the response of `DEFAULT_4XX` or
 * `DEFAULT_5XX` (API Gateway Developer Guide, "Gateway response types for API Gateway").
 */
const problems: [ResponseType, HttpProblem][] = [
  // API Gateway's name for a path or method that the API does not have.
  [ResponseType.MISSING_AUTHENTICATION_TOKEN, new HttpProblem(404, noSuchRoute)],
  [ResponseType.RESOURCE_NOT_FOUND, new HttpProblem(404, noSuchRoute)],
  [ResponseType.BAD_REQUEST_BODY, new HttpProblem(400, malformed)],
  [ResponseType.BAD_REQUEST_PARAMETERS, new HttpProblem(400, malformed)],
  [ResponseType.ACCESS_DENIED, new HttpProblem(403, refused)],
  [ResponseType.EXPIRED_TOKEN, new HttpProblem(403, refused)],
  [ResponseType.INVALID_SIGNATURE, new HttpProblem(403, refused)],
  [ResponseType.WAF_FILTERED, new HttpProblem(403, refused)],
  [ResponseType.REQUEST_TOO_LARGE, new HttpProblem(413, 'The request is too large.')],
  [
    ResponseType.THROTTLED,
    new HttpProblem(429, 'There are too many requests. Try again in a second.', { retryAfter: 1 }),
  ],
  [ResponseType.API_CONFIGURATION_ERROR, new HttpProblem(500, notServed)],
  [ResponseType.INTEGRATION_FAILURE, new HttpProblem(504, notServed)],
  [ResponseType.INTEGRATION_TIMEOUT, new HttpProblem(504, tooSlow)],
  [ResponseType.DEFAULT_4XX, new HttpProblem(400, malformed)],
  // A function that fails or returns no valid response.
  [ResponseType.DEFAULT_5XX, new HttpProblem(502, notServed)],
];

/**
 * Makes each response that API Gateway generates itself a problem document that pages of any origin
 * can read. The header overrides the content type that is the template's key.
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
}

/** Quotes the values of headers: an unquoted value would name a parameter of the request. */
function literals(headers: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, `'${value}'`]));
}
