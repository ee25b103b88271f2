import { XMLBuilder } from 'fast-xml-parser';
import { asXmlText } from '../core/xml-characters.ts';
import type { RequestHead } from '../http/request-head.ts';
import type { AwsAnswer } from './aws-answer.ts';
import { calledOperation } from './called-operation.ts';
import { encodeCbor } from './cbor.ts';

const xml = new XMLBuilder({});

interface Failure {
  code: string;
  message: string;
  requestId: string;
}

/** The services of the protocol `restXml`, except for S3. */
const REST_XML = ['cloudfront', 'route53'];

/**
 * Returns the error response to a call of an operation that the local cloud does not have, in the
 * protocol of the call. Source: Smithy's "AWS protocols"; for S3, Amazon S3 API Reference, "Error
 * responses"; for EC2, Amazon EC2 Developer Guide, "Error responses".
 * @param text the body, or without one the query string
 * @param skipped the reason why the template lacks the resource that the call is about
 */
export function notEmulated(
  request: RequestHead,
  text: string,
  requestId: string,
  skipped?: string,
): AwsAnswer {
  const { service = 'AWS', operation, isQuery } = calledOperation(request, text);
  const message = asXmlText(
    [`The local cloud does not emulate ${operation} of ${service}.`, skipped].filter(Boolean).join(' '),
  );
  const asXml = (status: number, body: object): AwsAnswer => ({
    status,
    type: 'text/xml',
    // A response to HEAD has no body.
    body: request.method === 'HEAD' ? '' : xml.build(body),
  });
  if (service === 's3')
    return asXml(501, { Error: { Code: 'NotImplemented', Message: message, RequestId: requestId } });
  if (isQuery || REST_XML.includes(service)) {
    const failure = { code: isQuery ? 'InvalidAction' : 'UnknownOperationException', message, requestId };
    return asXml(400, service === 'ec2' ? ec2Error(failure) : queryError(failure));
  }
  return asStructure(request, { code: 'UnknownOperationException', message, requestId });
}

function ec2Error({ code, message, requestId }: Failure): object {
  return { Response: { Errors: { Error: { Code: code, Message: message } }, RequestID: requestId } };
}

function queryError({ code, message, requestId }: Failure): object {
  return { ErrorResponse: { Error: { Type: 'Sender', Code: code, Message: message }, RequestId: requestId } };
}

/** Answers in the protocols of JSON and CBOR, which have the same structure. */
function asStructure({ headers }: RequestHead, { code, message }: Failure): AwsAnswer {
  const error = { __type: code, message };
  const { 'content-type': sent = 'application/json', 'smithy-protocol': smithy } = headers;
  if (smithy === 'rpc-v2-cbor') {
    const body = encodeCbor(error);
    return { status: 400, type: 'application/cbor', body, headers: { 'smithy-protocol': smithy } };
  }
  if (sent.includes('cbor')) return { status: 400, type: sent, body: encodeCbor(error) };
  const type = headers['x-amz-target'] === undefined ? 'application/json' : sent;
  return { status: 400, type, body: JSON.stringify(error), headers: { 'x-amzn-ErrorType': code } };
}
