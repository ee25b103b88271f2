import { validateHeaderName, validateHeaderValue } from 'node:http';
import * as z from 'zod/mini';
import type { InvocationResult } from '../lambda/execution-environment.ts';
import type { HttpAnswer } from './gateway-response.ts';

const headerValue = z.pipe(z.union([z.string(), z.number(), z.boolean()]), z.transform(String));

/** Validates the result of a function behind a Lambda proxy integration. */
const ProxyResponse = z.strictObject({
  statusCode: z.coerce.number().check(z.int(), z.gte(100), z.lte(599)),
  headers: z.nullish(z.record(z.string(), headerValue)),
  multiValueHeaders: z.nullish(z.record(z.string(), z.array(headerValue))),
  body: z.nullish(z.string()),
  isBase64Encoded: z.nullish(z.boolean()),
});

/**
 * Returns the HTTP response of a proxy integration; `undefined` where API Gateway answers 502,
 * because the function failed or its result is invalid. A base64 body is decoded only if `binary`.
 * Source: API Gateway Developer Guide, "Lambda proxy integrations in API Gateway", output format,
 * and "Binary media types for REST APIs".
 */
export function proxyResponse(result: InvocationResult, binary: boolean): HttpAnswer | undefined {
  if (!result.ok) return undefined;
  const response = ProxyResponse.safeParse(JSON.parse(result.payload));
  if (!response.success) return undefined;
  const { statusCode, headers, multiValueHeaders, body, isBase64Encoded } = response.data;
  const merged = mergeHeaders(headers ?? {}, multiValueHeaders ?? {});
  if (!merged.every(isHeader)) return undefined;
  return {
    status: statusCode,
    headers: merged,
    body: binary && isBase64Encoded ? Buffer.from(body ?? '', 'base64') : (body ?? ''),
  };
}

/** Merges two sets of headers. A pair in both is sent once. */
function mergeHeaders(single: Record<string, string>, multi: Record<string, string[]>): [string, string][] {
  const list = Object.entries(multi).flatMap(([name, values]) =>
    values.map((value): [string, string] => [name, value]),
  );
  return [...list, ...Object.entries(single).filter(([name, value]) => !multi[name]?.includes(value))];
}

function isHeader([name, value]: [string, string]): boolean {
  try {
    validateHeaderName(name);
    validateHeaderValue(name, value);
    return true;
  } catch {
    return false;
  }
}
