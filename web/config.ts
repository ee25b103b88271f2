import * as z from 'zod/mini';
import { parse } from '../model/parse.ts';

/** The URLs of the APIs, without a slash at the end. The deployment writes them. */
export const Config = z.object({ apiUrl: z.url(), webSocketUrl: z.url() });
export type Config = z.infer<typeof Config>;

/**
 * Reads the configuration.
 * @throws if it is invalid or cannot be read within 10 seconds
 */
export async function loadConfig(): Promise<Config> {
  const answer = await fetch('/config.json', { signal: AbortSignal.timeout(10_000) });
  return parse(Config, await answer.json(), 'The configuration');
}
