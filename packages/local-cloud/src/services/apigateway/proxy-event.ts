import type { IncomingMessage } from 'node:http';
import type { Account } from '../../template/resource-type.ts';
import { forwardedHeaders, last, orNull, queryParameters, requestTime } from './event-fields.ts';

/** The request, and the properties of the API that its event contains. */
interface ProxyRequest {
  request: IncomingMessage;
  body: Buffer;
  url: URL;
  requestId: string;
  extendedRequestId: string;
  receivedAt: number;
  /** The value of the header `X-Amzn-Trace-Id`. */
  traceHeader: string;
  account: Account;
  apiId: string;
  binaryMediaTypes: string[];
  deploymentId: string;
  stage: string;
  /** The path without the name of the stage, with which the path of `url` can begin. */
  path: string;
  /** The path in the template, e.g. `/posts/{id}`. */
  resourcePath: string;
  resourceId: string;
  pathParameters: Record<string, string>;
}

/**
 * Returns the event of a Lambda proxy integration, version 1.0.
 * Source: API Gateway Developer Guide, "Lambda proxy integrations in API Gateway", input format.
 */
export function proxyEvent(call: ProxyRequest): object {
  const { request, body, url, receivedAt } = call;
  const headers = forwardedHeaders(request, call.traceHeader);
  const query = queryParameters(url);
  const isBase64Encoded = isBinary(request.headers['content-type'], call.binaryMediaTypes);
  return {
    resource: call.resourcePath,
    path: call.path,
    httpMethod: request.method,
    headers: last(headers),
    multiValueHeaders: headers,
    queryStringParameters: orNull(last(query)),
    multiValueQueryStringParameters: orNull(query),
    pathParameters: orNull(call.pathParameters),
    stageVariables: null,
    requestContext: {
      accountId: call.account.id,
      apiId: call.apiId,
      deploymentId: call.deploymentId,
      domainName: url.hostname,
      domainPrefix: url.hostname.split('.')[0],
      extendedRequestId: call.extendedRequestId,
      httpMethod: request.method,
      identity: {
        accessKey: null,
        accountId: null,
        caller: null,
        cognitoAuthenticationProvider: null,
        cognitoAuthenticationType: null,
        cognitoIdentityId: null,
        cognitoIdentityPoolId: null,
        principalOrgId: null,
        sourceIp: request.socket.remoteAddress ?? '',
        user: null,
        userAgent: request.headers['user-agent'] ?? null,
        userArn: null,
      },
      path: url.pathname,
      protocol: `HTTP/${request.httpVersion}`,
      requestId: call.requestId,
      requestTime: requestTime(receivedAt),
      requestTimeEpoch: receivedAt,
      resourceId: call.resourceId,
      resourcePath: call.resourcePath,
      stage: call.stage,
    },
    body: body.length === 0 ? null : body.toString(isBase64Encoded ? 'base64' : 'utf8'),
    isBase64Encoded,
  };
}

/**
 * Returns whether the API treats a body as binary.
 * @param header the body's media type, or the media types that the client accepts, of which the
 * first counts
 * Source: API Gateway Developer Guide, "Binary media types for REST APIs".
 */
export function isBinary(header: string | undefined, binaryMediaTypes: string[]): boolean {
  const [mediaType = ''] = (header ?? '').toLowerCase().split(/\s*[,;]/);
  return ['*/*', `${mediaType.split('/')[0]}/*`, mediaType].some((type) => binaryMediaTypes.includes(type));
}
