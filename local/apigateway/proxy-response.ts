import * as z from 'zod/mini';
import type { InvocationResult } from '../lambda/execution-environment.ts';
import type { HttpAnswer } from './gateway-response.ts';

const headerValue = z.union([z.string(), z.number(), z.boolean()]);

/** What a function behind a Lambda proxy integration has to answer. */
const ProxyResponse = z.strictObject({
  statusCode: z.coerce.number().check(z.int(), z.gte(100), z.lte(599)),
  headers: z.nullish(z.record(z.string(), headerValue)),
  multiValueHeaders: z.nullish(z.record(z.string(), z.array(headerValue))),
  body: z.nullish(z.string()),
  isBase64Encoded: z.nullish(z.boolean()),
});

/**
 * The HTTP answer that a proxy integration's result makes, or nothing where API Gateway answers 502: the function
 * failed, or answered something else.
 * Source: API Gateway Developer Guide, "Lambda proxy integrations in API Gateway", output format.
 */
export function proxyResponse(result: InvocationResult): HttpAnswer | undefined {
  if (!result.ok) return undefined;
  const response = ProxyResponse.safeParse(JSON.parse(result.payload));
  if (!response.success) return undefined;
  const { statusCode, headers, multiValueHeaders, body, isBase64Encoded } = response.data;
  return {
    status: statusCode,
    headers: {
      'Content-Type': 'application/json',
      ...mapValues(headers ?? {}, String),
      ...mapValues(multiValueHeaders ?? {}, (values) => values.map(String)),
    },
    body: isBase64Encoded ? Buffer.from(body ?? '', 'base64') : (body ?? ''),
  };
}

function mapValues<From, To>(values: Record<string, From>, convert: (value: From) => To): Record<string, To> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, convert(value)]));
}
