import type { IncomingMessage } from 'node:http';
import type { Account } from '../template/resource-type.ts';

/** What the proxy event needs to know besides the request itself. */
export interface ProxyRequest {
  request: IncomingMessage;
  body: Buffer;
  url: URL;
  requestId: string;
  receivedAt: number;
  account: Account;
  apiId: string;
  stage: string;
  /** The path as the template has it, e.g. `/posts/{id}`. */
  resourcePath: string;
  resourceId: string;
  pathParameters: Record<string, string>;
}

type Multi = Record<string, string[]>;

/**
 * The event of a Lambda proxy integration, version 1.0, for an API behind a custom domain name that is mapped to the
 * stage: its paths do not begin with the stage's name.
 * Source: API Gateway Developer Guide, "Lambda proxy integrations in API Gateway", input format.
 */
export function proxyEvent(call: ProxyRequest): object {
  const { request, body, url, requestId, receivedAt } = call;
  const headers = forwardedHeaders(request);
  const query = queryParameters(url);
  const text = body.toString('utf8');
  const isText = Buffer.from(text, 'utf8').equals(body);
  return {
    resource: call.resourcePath,
    path: url.pathname,
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
      domainName: url.hostname,
      domainPrefix: url.hostname.split('.')[0],
      extendedRequestId: requestId,
      httpMethod: request.method,
      identity: {
        sourceIp: request.socket.remoteAddress ?? '',
        userAgent: request.headers['user-agent'] ?? null,
      },
      path: url.pathname,
      protocol: `HTTP/${request.httpVersion}`,
      requestId,
      requestTime: requestTime(receivedAt),
      requestTimeEpoch: receivedAt,
      resourceId: call.resourceId,
      resourcePath: call.resourcePath,
      stage: call.stage,
    },
    body: body.length === 0 ? null : isText ? text : body.toString('base64'),
    isBase64Encoded: !isText,
  };
}

/** The URL that a request asks for; the path stays as it was sent, whatever it begins with. */
export function requestUrl(request: IncomingMessage): URL {
  const url = new URL(`http://localhost${request.url}`);
  // Ignored if it is not valid.
  url.host = request.headers.host ?? '';
  return url;
}

/** The request's headers with their names as sent, and those that API Gateway adds. */
export function forwardedHeaders(request: IncomingMessage): Multi {
  const headers: [string, string][] = [];
  for (let index = 0; index + 1 < request.rawHeaders.length; index += 2) {
    const [name = '', value = ''] = request.rawHeaders.slice(index, index + 2);
    // API Gateway writes this one so, however the client spelled it.
    headers.push([name.toLowerCase() === 'host' ? 'Host' : name, value]);
  }
  return {
    ...grouped(headers),
    'X-Forwarded-For': [request.socket.remoteAddress ?? ''],
    'X-Forwarded-Port': [String(request.socket.localPort ?? '')],
    'X-Forwarded-Proto': ['http'],
  };
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
