import * as z from 'zod/mini';
import { HttpProblem } from './http-answer.ts';

/** What a request may say at most, in bytes of its JSON as UTF-8 without white space. */
const maxBytes = 100_000;

/** The body in an event of an API Gateway REST API ("Input format of a Lambda function for proxy integration"). */
export const RequestBody = z.object({ body: z.nullable(z.string()), isBase64Encoded: z.boolean() });
type RequestBody = z.infer<typeof RequestBody>;

/**
 * Reads a request's body as `schema` has it.
 * @throws {HttpProblem} 413 when it is too large; 400 when it is not a JSON object, or its fields are not valid, with
 * all of these listed
 */
export function parseBody<Body>(schema: z.ZodMiniType<Body>, request: RequestBody): Body {
  const json = parseJson(decode(request));
  if (sizeOf(json) > maxBytes) throw tooLarge();
  if (typeof json !== 'object' || json === null || Array.isArray(json)) {
    throw new HttpProblem(400, 'The request body must be a JSON object.');
  }
  const { data, error } = schema.safeParse(json);
  if (!error) return data;
  const errors = error.issues.map(({ path, message }) => ({ path: `/${path.join('/')}`, message }));
  throw new HttpProblem(400, 'The request has fields that are not valid.', { errors });
}

function decode({ body, isBase64Encoded }: RequestBody): string {
  if (!isBase64Encoded) return body ?? '';
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(body ?? '', 'base64'));
  } catch {
    throw new HttpProblem(400, 'The request body is not valid UTF-8.');
  }
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
