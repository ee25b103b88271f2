import { isDeeperThan } from '../../core/depth.ts';
import { isJsonObject, type JsonObject } from './comparison.ts';

/**
 * AWS documents no such limit. This one is far below the depth at which recursion overflows the
 * stack.
 */
const MAXIMUM_DEPTH = 1_000;

/** Returns the object in a JSON text; `undefined` if it is no object, or nested too deeply. */
export function parseObject(text: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isJsonObject(value) && !isDeeperThan(MAXIMUM_DEPTH, value) ? value : undefined;
  } catch {
    return undefined;
  }
}
