import { AwsError } from '../core/service.ts';
import type { RequestHead } from '../http/request-head.ts';
import { queryOf } from '../http/request-query.ts';
import { formatXmlError } from '../services/sns/query-protocol.ts';
import type { AwsAnswer } from './aws-answer.ts';

/*
 * Reads who signed a request, and for which service. The signature itself is not checked: the secret
 * access keys of SDKs and of the AWS CLI can be anything.
 * Source: IAM User Guide, "Elements of an AWS API request signature".
 */

type Signed = Pick<RequestHead, 'headers' | 'url'>;

/**
 * Returns the access key ID of the caller; `undefined` without a signature in the header. Pages of
 * other sites cannot send that header.
 */
export function signerOf({ headers }: Pick<Signed, 'headers'>): string | undefined {
  return /^AWS4-HMAC-SHA256 Credential=([^/]+)\//.exec(headers.authorization ?? '')?.[1];
}

/** Returns the name of the service that a request is signed for, in its header or in its URL. */
export function signedService({ headers, url = '' }: Signed): string | undefined {
  const presigned = queryOf({ url }).get('X-Amz-Credential');
  const credential = /Credential=([^,\s]+)/.exec(headers.authorization ?? '')?.[1] ?? presigned ?? '';
  return /^[^/]+\/\d{8}\/[^/]+\/([a-z0-9.-]+)\/aws4_request$/.exec(credential)?.[1];
}

/** Returns the error for an unsigned call. */
export function missingToken(): AwsError {
  return new AwsError('MissingAuthenticationToken', 'Request is missing Authentication Token', 403);
}

/**
 * Returns the error for a request without a signature, whose body is not read.
 * Source: IAM User Guide, "Troubleshoot Signature Version 4 signing for AWS API requests".
 */
export function unsigned(request: RequestHead, requestId: string): AwsAnswer {
  const { code, message, status } = missingToken();
  const { 'content-type': sent = 'application/json', 'x-amz-target': target } = request.headers;
  const path = request.url?.replace(/\?.*$/s, '');
  if (target === undefined && path === '/')
    return { status, type: 'text/xml', body: formatXmlError(missingToken(), requestId) };
  const type = target === undefined ? 'application/json' : sent;
  const body = JSON.stringify({ __type: code, message });
  return { status, type, body, headers: { 'x-amzn-ErrorType': code } };
}
