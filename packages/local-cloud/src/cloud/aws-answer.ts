import { ConnectionDropped } from '../core/faults.ts';
import { AwsError } from '../core/service.ts';
import { PAGE_HEADERS } from '../http/html.ts';
import type { Page } from '../services/sns/pages.ts';

/** The response to a request to the AWS port. */
export interface AwsAnswer {
  status: number;
  type: string;
  body: string | Buffer;
  headers?: Record<string, string>;
}

export function asHtml({ status, body }: Page): AwsAnswer {
  return { status, type: 'text/html; charset=utf-8', body, headers: PAGE_HEADERS };
}

/**
 * Returns the AWS error for a failed call.
 * @throws {ConnectionDropped} if the connection must end without an answer
 */
export function asAwsError(error: unknown): AwsError {
  if (error instanceof AwsError) return error;
  if (error instanceof ConnectionDropped) throw error;
  if (error instanceof SyntaxError || error instanceof URIError)
    return new AwsError('SerializationException', error.message);
  console.error(error);
  return new AwsError('InternalFailure', 'The local cloud has failed; its terminal says why.', 500);
}
