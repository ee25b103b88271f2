import { STATUS_CODES } from 'node:http';
import { corsHeaders } from '../../model/cors-headers.ts';
import type { FieldError, Problem } from '../../model/problem.ts';

/** What a Lambda function answers to an API Gateway REST API ("Output format of a Lambda function for proxy integration"). */
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

/**
 * Thrown to end a request with an error answer, which holds for that moment and is not to be kept. `detail` is a sentence
 * for the client; it never tells what is inside.
 */
export class HttpProblem extends Error {
  readonly answer: HttpAnswer;

  constructor(
    status: number,
    detail: string,
    { errors, headers }: { errors?: FieldError[]; headers?: Record<string, string> } = {},
  ) {
    super(detail);
    const title = STATUS_CODES[status] ?? 'Error';
    const problem: Problem = { type: 'about:blank', title, status, detail, ...(errors && { errors }) };
    this.answer = jsonAnswer(status, problem, {
      'Content-Type': 'application/problem+json',
      'Cache-Control': 'no-store',
      ...headers,
    });
  }
}
