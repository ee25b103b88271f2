import type { RequestHead } from '../http/request-head.ts';
import { match, type Routes } from '../http/routes.ts';
import { signedService } from './signature.ts';

/** The operation of an AWS service that a request calls, as far as the request says. */
export interface CalledOperation {
  /** The name by which the request is signed, e.g. `states` for Step Functions. */
  service: string | undefined;
  /** E.g. `ListTopics`, or the method and the path. */
  operation: string;
  /** Whether the query protocol names the operation. */
  isQuery: boolean;
}

const lambdaOperations: Routes<string> = {
  'DELETE /2015-03-31/functions/{name}': 'DeleteFunction',
  'GET /2015-03-31/event-source-mappings': 'ListEventSourceMappings',
  'GET /2015-03-31/functions': 'ListFunctions',
  'GET /2015-03-31/functions/{name}': 'GetFunction',
  'GET /2015-03-31/functions/{name}/configuration': 'GetFunctionConfiguration',
  'POST /2015-03-31/functions': 'CreateFunction',
  'PUT /2015-03-31/functions/{name}/code': 'UpdateFunctionCode',
  'PUT /2015-03-31/functions/{name}/configuration': 'UpdateFunctionConfiguration',
};

const bucketOperations: Record<string, string> = {
  DELETE: 'DeleteBucket',
  GET: 'ListObjects',
  HEAD: 'HeadBucket',
  PUT: 'CreateBucket',
};

const objectOperations: Record<string, string> = {
  DELETE: 'DeleteObject',
  GET: 'GetObject',
  HEAD: 'HeadObject',
  PUT: 'PutObject',
};

/** The parameters that select an operation of S3 instead of narrowing one. */
const SUBRESOURCE = /[?&][a-zA-Z]+(&|$)/;

/**
 * Returns the operation that a request calls.
 * @param text the body, or without one the query string
 */
export function calledOperation(request: RequestHead, text: string): CalledOperation {
  const service = signedService(request);
  const isOther = service === 's3' || request.headers['x-amz-target'] !== undefined;
  const action = isOther ? null : (/(?:^|&)Action=(\w+)/.exec(text)?.[1] ?? null);
  return { service, operation: action ?? namedByPath(service, request), isQuery: action !== null };
}

function namedByPath(service: string | undefined, request: RequestHead): string {
  const { headers, method = 'GET', url = '/' } = request;
  const target = headers['x-amz-target'];
  if (typeof target === 'string') return target.replace(/^.*\./, '');
  const [path = '/'] = url.split('?');
  const ofRpc = /^\/service\/[^/]+\/operation\/([^/]+)$/.exec(path)?.[1];
  const named = ofRpc ?? (service === 's3' ? ofS3(method, url) : undefined);
  if (named !== undefined) return named;
  const withoutSlash = { method, url: path.replace(/(.)\/$/, '$1') };
  const ofLambda = service === 'lambda' ? match(lambdaOperations, withoutSlash)?.answer : undefined;
  return ofLambda ?? `${method} ${path}`;
}

function ofS3(method: string, url: string): string | undefined {
  // The SDK for JavaScript names the operation.
  const named = /[?&]x-id=([A-Za-z]+)/.exec(url)?.[1];
  if (named !== undefined || SUBRESOURCE.test(url)) return named;
  const [, bucket, key] = /^\/([^/?]*)\/?([^?]*)/.exec(url) ?? [];
  if (!bucket) return method === 'GET' ? 'ListBuckets' : undefined;
  if (key) return objectOperations[method];
  return url.includes('list-type=2') ? 'ListObjectsV2' : bucketOperations[method];
}
