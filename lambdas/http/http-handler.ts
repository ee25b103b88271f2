import type * as z from 'zod/mini';
import { InvalidData, parse } from '../../model/parse.ts';
import { logger } from '../runtime/logger.ts';
import { type HttpAnswer, HttpProblem } from './http-answer.ts';

/**
 * Returns the handler of a route of an API Gateway REST API. The handler never throws: it returns
 * the result of `answer` or the problem that `answer` throws; it logs any other error and answers
 * 500.
 * @param schema the parts used of an event
 */
export function httpHandler<Event>(
  schema: z.ZodMiniType<Event>,
  answer: (event: Event) => Promise<HttpAnswer>,
): (event: unknown) => Promise<HttpAnswer> {
  return async (event) => {
    try {
      return await answer(parse(schema, event, 'The event'));
    } catch (error) {
      if (error instanceof HttpProblem) return error.answer;
      logger.error('The request failed unexpectedly.', { error });
      return new HttpProblem(500, 'The request could not be served.').answer;
    }
  };
}

/**
 * Awaits a request's work on a table. Throws a 503 if it fails, but rethrows `InvalidData`: the
 * stored item is invalid, and a retry does not help.
 */
export async function orUnavailable<Result>(work: Promise<Result>, what: string): Promise<Result> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof InvalidData) throw error;
    throw unavailable(what, error);
  }
}

/**
 * Logs an error and returns the 503 for the client.
 * @param what a sentence that says what could not be done
 */
export function unavailable(what: string, error: unknown): HttpProblem {
  logger.error(what, { error });
  return new HttpProblem(503, `${what} Please try again.`, { retryAfter: 1 });
}
