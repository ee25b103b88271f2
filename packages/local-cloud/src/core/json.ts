import { isDeeperThan } from './depth.ts';

/**
 * The maximum number of nested objects and lists in JSON from a client, as in EventBridge. Code
 * that walks or prints a far deeper value overflows the stack.
 */
export const MAXIMUM_JSON_DEPTH = 1_000;

/**
 * Returns the value of a JSON text; `undefined` if the text is not JSON, or nested more deeply than
 * `MAXIMUM_JSON_DEPTH`.
 */
export function parseJson(text: string): unknown {
  try {
    return parseJsonOrThrow(text);
  } catch {
    return undefined;
  }
}

/**
 * Returns the value of a JSON text.
 * @throws {SyntaxError} if the text is not JSON, or nested more deeply than `MAXIMUM_JSON_DEPTH`
 */
export function parseJsonOrThrow(text: string): unknown {
  const value: unknown = JSON.parse(text);
  if (isDeeperThan(MAXIMUM_JSON_DEPTH, value))
    throw new SyntaxError(`The JSON is nested in more than ${MAXIMUM_JSON_DEPTH} levels.`);
  return value;
}
