import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import fc from 'fast-check';
import { calledOperation } from '../../src/cloud/called-operation.ts';

function request(service: string, method: string, url: string, headers: Record<string, string> = {}) {
  const authorization = `AWS4-HMAC-SHA256 Credential=KEY/20260131/us-east-1/${service}/aws4_request, SignedHeaders=host`;
  return Object.assign(new IncomingMessage(new Socket()), {
    method,
    url,
    headers: { authorization, ...headers },
  });
}

it.each([
  ['s3', 'GET', '/', 'ListBuckets'],
  ['s3', 'PUT', '/bucket', 'CreateBucket'],
  ['s3', 'HEAD', '/bucket/', 'HeadBucket'],
  ['s3', 'GET', '/bucket?list-type=2&prefix=a%2F', 'ListObjectsV2'],
  ['s3', 'GET', '/bucket?acl', 'GET /bucket'],
  ['s3', 'GET', '/bucket/a/b', 'GetObject'],
  ['s3', 'PUT', '/bucket/a?x-id=PutObject', 'PutObject'],
  ['lambda', 'GET', '/2015-03-31/functions/', 'ListFunctions'],
  ['lambda', 'GET', '/2015-03-31/functions/name?Qualifier=1', 'GetFunction'],
  ['lambda', 'GET', '/2018-10-31/layers', 'GET /2018-10-31/layers'],
  ['apigateway', 'GET', '/restapis?limit=1', 'GET /restapis'],
  ['monitoring', 'POST', '/service/Granite/operation/ListMetrics', 'ListMetrics'],
])('names the operation of %s %s %s', (service, method, url, operation) => {
  expect(calledOperation(request(service, method, url), '')).toEqual({ service, operation, isQuery: false });
});

it('names the operation of a query and of a target', () => {
  expect(calledOperation(request('iam', 'POST', '/'), 'Action=GetUser')).toEqual({
    service: 'iam',
    operation: 'GetUser',
    isQuery: true,
  });
  const targeted = request('kinesis', 'POST', '/', { 'x-amz-target': 'Kinesis_20131202.ListStreams' });
  expect(calledOperation(targeted, 'Action=GetUser').operation).toBe('ListStreams');
});

it('finds the service of a presigned URL', () => {
  const url = '/b/k?X-Amz-Credential=KEY%2F20260131%2Fus-east-1%2Fs3%2Faws4_request';
  const presigned = Object.assign(request('', 'GET', url), { headers: {} });
  expect(calledOperation(presigned, '')).toMatchObject({ service: 's3', operation: 'GetObject' });
});

it('accepts any header, path and body', () => {
  fc.assert(
    fc.property(fc.string(), fc.webPath(), fc.string(), (service, path, text) => {
      const { operation } = calledOperation(request(service, 'GET', path || '/'), text);
      expect(typeof operation).toBe('string');
    }),
  );
});
