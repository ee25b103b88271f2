import type * as z from 'zod/mini';
import { logger } from '../runtime/logger.ts';
import { type HttpAnswer, HttpProblem } from './http-answer.ts';

/**
 * Makes the handler of a route of an API Gateway REST API, which never throws: a request is answered by `answer`, or with
 * the problem that it throws; anything else that it throws is logged, and answered 500.
 * @param schema the parts used of an event
 */
export function httpHandler<Event>(
  schema: z.ZodMiniType<Event>,
  answer: (event: Event) => Promise<HttpAnswer>,
): (event: unknown) => Promise<HttpAnswer> {
  return async (event) => {
    try {
      return await answer(schema.parse(event));
    } catch (error) {
      if (error instanceof HttpProblem) return error.answer;
      logger.error('The request failed unexpectedly.', { error });
      return new HttpProblem(500, 'The request could not be served.').answer;
    }
  };
}

/** Logs why something could not be done, and gives the 503 that says `what`, a sentence, to the client. */
export function unavailable(what: string, error: unknown): HttpProblem {
  logger.error(what, { error });
  return new HttpProblem(503, `${what} Please try again.`, { retryAfter: 1 });
}
