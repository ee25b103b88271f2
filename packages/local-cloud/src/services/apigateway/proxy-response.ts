import { validateHeaderName, validateHeaderValue } from 'node:http';
import * as z from 'zod/mini';
import { parseJson } from '../../core/json.ts';
import type { HttpAnswer } from './gateway-response.ts';

/** The result of a function is not a proxy response. */
export class MalformedProxyResponse extends Error {}

const headerValue = z.pipe(z.union([z.string(), z.number(), z.boolean()]), z.transform(String));

/**
 * A status of a whole response, as a number or as text. An interim one (1xx) is refused: a client
 * would wait for the response that follows it.
 */
const StatusCode = z.pipe(
  z.union([z.number(), z.string().check(z.regex(/^\d{3}$/))]),
  z.pipe(z.transform(Number), z.int().check(z.gte(200), z.lte(599))),
);

/** Validates the result of a function behind a Lambda proxy integration. */
const ProxyResponse = z.strictObject({
  statusCode: z.nullish(StatusCode),
  headers: z.nullish(z.record(z.string(), headerValue)),
  multiValueHeaders: z.nullish(z.record(z.string(), z.array(headerValue))),
  body: z.nullish(z.string()),
  isBase64Encoded: z.nullish(z.boolean()),
});

/**
 * Returns the HTTP response of a proxy integration. A result without a status is a 200. A base64
 * body is decoded only if `binary`.
 * Source: API Gateway Developer Guide, "Lambda proxy integrations in API Gateway", output format,
 * and "Binary media types for REST APIs".
 * @param payload the result of the function, JSON
 * @throws {MalformedProxyResponse} where API Gateway answers 502, because the result is invalid
 */
export function proxyResponse(payload: string, binary: boolean): HttpAnswer {
  const response = ProxyResponse.safeParse(parseJson(payload));
  if (!response.success) throw new MalformedProxyResponse(reasonOf(response.error.issues[0]));
  const { statusCode, headers, multiValueHeaders, body, isBase64Encoded } = response.data;
  const merged = mergeHeaders(headers ?? {}, multiValueHeaders ?? {});
  merged.forEach(refuseHeader);
  return {
    status: statusCode ?? 200,
    headers: merged,
    body: binary && isBase64Encoded ? decoded(body ?? '') : (body ?? ''),
  };
}

function reasonOf(issue: z.core.$ZodIssue | undefined): string {
  if (issue?.code === 'unrecognized_keys') return `The key ${issue.keys.join(', ')} is not allowed.`;
  return issue?.path.length ? `${issue.path.join('.')} is not valid.` : 'It must be an object.';
}

/** Merges two sets of headers. A pair in both is sent once. */
function mergeHeaders(single: Record<string, string>, multi: Record<string, string[]>): [string, string][] {
  const list = Object.entries(multi).flatMap(([name, values]) =>
    values.map((value): [string, string] => [name, value]),
  );
  const added = Object.entries(single).filter(
    ([name, value]) => !(Object.hasOwn(multi, name) && multi[name]?.includes(value)),
  );
  return [...list, ...added];
}

function refuseHeader([name, value]: [string, string]): void {
  try {
    validateHeaderName(name);
    validateHeaderValue(name, value);
  } catch {
    throw new MalformedProxyResponse(
      `HTTP does not allow the header ${JSON.stringify(`${name}: ${value}`)}.`,
    );
  }
}

function decoded(body: string): Buffer {
  if (!z.base64().safeParse(body).success)
    throw new MalformedProxyResponse('body is not base64, although isBase64Encoded is true.');
  return Buffer.from(body, 'base64');
}
