import type * as z from 'zod/mini';
import { maxRequestBytes } from '../../model/request-size.ts';
import { HttpProblem } from './http-answer.ts';
import { parseFields } from './request-fields.ts';

/**
 * Parses the body of an API Gateway REST API event with `schema`. The body is text, because the API
 * has no binary media types; API Gateway replaces bytes that are not UTF-8 by U+FFFD ("Working with
 * binary media types for REST APIs").
 * @param body `null` if the request has none
 * @throws {HttpProblem} 413 if the body is too large; 400 if it is not a JSON object or if fields
 * are invalid, with a list of all of them
 */
export function parseBody<Body>(schema: z.ZodMiniType<Body>, body: string | null): Body {
  const json = parseJson(body ?? '');
  if (sizeOf(json) > maxRequestBytes) throw tooLarge();
  if (typeof json !== 'object' || json === null || Array.isArray(json)) {
    throw new HttpProblem(400, 'The request body must be a JSON object.');
  }
  return parseFields(schema, json);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    if (Buffer.byteLength(text) > maxRequestBytes) throw tooLarge();
    throw new HttpProblem(400, 'The request body is not valid JSON.');
  }
}

function sizeOf(json: unknown): number {
  try {
    return Buffer.byteLength(JSON.stringify(json));
  } catch {
    // JSON.parse accepts any depth; JSON.stringify is limited by the stack.
    throw new HttpProblem(400, 'The request body is nested too deeply.');
  }
}

function tooLarge(): HttpProblem {
  return new HttpProblem(413, `The request body is larger than ${maxRequestBytes} bytes.`);
}
