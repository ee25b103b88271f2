import type * as z from 'zod/mini';
import { HttpProblem } from './http-answer.ts';
import { parseFields } from './request-fields.ts';

/** What a request may say at most, in bytes of its JSON as UTF-8 without white space. */
const maxBytes = 100_000;

/**
 * Reads as `schema` has it the body in an event of an API Gateway REST API, `null` if there is none. It is text: the API has
 * no binary media types, and what is not UTF-8 has become U+FFFD ("Working with binary media types for REST APIs").
 * @throws {HttpProblem} 413 when it is too large; 400 when it is not a JSON object, or its fields are not valid, with
 * all of these listed
 */
export function parseBody<Body>(schema: z.ZodMiniType<Body>, body: string | null): Body {
  const json = parseJson(body ?? '');
  if (sizeOf(json) > maxBytes) throw tooLarge();
  if (typeof json !== 'object' || json === null || Array.isArray(json)) {
    throw new HttpProblem(400, 'The request body must be a JSON object.');
  }
  return parseFields(schema, json);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    if (Buffer.byteLength(text) > maxBytes) throw tooLarge();
    throw new HttpProblem(400, 'The request body is not valid JSON.');
  }
}

function sizeOf(json: unknown): number {
  try {
    return Buffer.byteLength(JSON.stringify(json));
  } catch {
    // JSON.parse goes to any depth, JSON.stringify to the end of the stack.
    throw new HttpProblem(400, 'The request body is nested too deeply.');
  }
}

function tooLarge(): HttpProblem {
  return new HttpProblem(413, `The request body is larger than ${maxBytes} bytes.`);
}
