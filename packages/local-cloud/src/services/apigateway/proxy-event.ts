import { randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Account } from '../../template/resource-type.ts';

/** What the proxy event needs to know besides the request itself. */
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
  /** The path without the stage's name, which that of `url` may begin with. */
  path: string;
  /** The path as the template has it, e.g. `/posts/{id}`. */
  resourcePath: string;
  resourceId: string;
  pathParameters: Record<string, string>;
}

type Multi = Record<string, string[]>;

/** Headers that are between two neighbours on the way. Source: RFC 9110, section 7.6.1. */
const HOP_BY_HOP = ['connection', 'keep-alive', 'proxy-connection', 'te', 'transfer-encoding', 'upgrade'];

/**
 * The event of a Lambda proxy integration, version 1.0.
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
 * Whether a body of this media type, or for whoever accepts it first, is binary to the API.
 * Source: API Gateway Developer Guide, "Binary media types for REST APIs".
 */
export function isBinary(header: string | undefined, binaryMediaTypes: string[]): boolean {
  const [mediaType = ''] = (header ?? '').toLowerCase().split(/\s*[,;]/);
  return ['*/*', `${mediaType.split('/')[0]}/*`, mediaType].some((type) => binaryMediaTypes.includes(type));
}

/** The URL that a request asks for; the path stays as it was sent, whatever it begins with. */
export function requestUrl(request: IncomingMessage): URL {
  const url = new URL(`http://localhost${request.url}`);
  // Ignored if it is not valid.
  url.host = request.headers.host ?? '';
  return url;
}

/** The request's headers with their names as sent, and those that API Gateway adds. */
export function forwardedHeaders(request: IncomingMessage, traceHeader: string): Multi {
  const added = {
    'X-Amzn-Trace-Id': [traceHeader],
    'X-Forwarded-For': [
      [request.headers['x-forwarded-for'] ?? [], request.socket.remoteAddress ?? ''].flat().join(', '),
    ],
    'X-Forwarded-Port': [String(request.socket.localPort ?? '')],
    'X-Forwarded-Proto': ['http'],
  };
  const dropped = new Set([...HOP_BY_HOP, ...Object.keys(added).map((name) => name.toLowerCase())]);
  const headers: [string, string][] = [];
  for (let index = 0; index + 1 < request.rawHeaders.length; index += 2) {
    const [name = '', value = ''] = request.rawHeaders.slice(index, index + 2);
    // API Gateway writes this one so, however the client spelled it.
    if (!dropped.has(name.toLowerCase()))
      headers.push([name.toLowerCase() === 'host' ? 'Host' : name, value]);
  }
  return { ...grouped(headers), ...added };
}

export function queryParameters(url: URL): Multi {
  return grouped(url.searchParams);
}

function grouped(pairs: Iterable<[string, string]>): Multi {
  // A client may send any name, `constructor` too: no object can collect them.
  const values = new Map<string, string[]>();
  for (const [name, value] of pairs) values.set(name, [...(values.get(name) ?? []), value]);
  return Object.fromEntries(values);
}

/** The last value of each name, as the single-value maps of the events have it. */
export function last(values: Multi): Record<string, string> {
  return Object.fromEntries(Object.entries(values).map(([name, list]) => [name, list.at(-1) ?? '']));
}

export function orNull<Values extends object>(values: Values): Values | null {
  return Object.keys(values).length > 0 ? values : null;
}

/** CLF time, e.g. `31/Jan/2026:09:30:00 +0000`. */
export function requestTime(epoch: number): string {
  const [, day, month, year, time] = new Date(epoch).toUTCString().split(' ');
  return `${day}/${month}/${year}:${time} +0000`;
}

/** An extended request id, or a connection's: fifteen characters of base64 and a sign of equality. */
export function extendedId(): string {
  return `${randomBytes(12).toString('base64url').slice(0, 15)}=`;
}
