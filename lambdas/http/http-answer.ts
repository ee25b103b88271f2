import { STATUS_CODES } from 'node:http';
import { corsHeaders } from '../../model/cors-headers.ts';
import type { FieldError, Problem } from '../../model/problem.ts';

/**
 * The response of a Lambda function to an API Gateway REST API ("Output format of a Lambda function
 * for proxy integration").
 */
export interface HttpAnswer {
  statusCode: number;
  headers: Record<string, string>;
  body: string;
}

export function jsonAnswer(statusCode: number, body: object, headers: Record<string, string>): HttpAnswer {
  return {
    statusCode,
    headers: { 'Content-Type': 'application/json', ...corsHeaders, ...headers },
    body: JSON.stringify(body),
  };
}

/** An error that ends a request with a problem document (RFC 9457), which no client may cache. */
export class HttpProblem extends Error {
  readonly answer: HttpAnswer;

  /**
   * @param detail a sentence for the client, without internals
   * @param options.retryAfter seconds after which the client may retry
   */
  constructor(
    status: number,
    detail: string,
    { errors, retryAfter }: { errors?: FieldError[]; retryAfter?: number } = {},
  ) {
    super(detail);
    const title = STATUS_CODES[status] ?? 'Error';
    const problem: Problem = { type: 'about:blank', title, status, detail, ...(errors && { errors }) };
    this.answer = jsonAnswer(status, problem, {
      'Content-Type': 'application/problem+json',
      'Cache-Control': 'no-store',
      ...(retryAfter !== undefined && { 'Retry-After': String(retryAfter) }),
    });
  }
}
