import * as z from 'zod/mini';

/** Where the APIs are, without a slash at the end. Written when the page is deployed. */
export const Config = z.object({ apiUrl: z.url(), webSocketUrl: z.url() });
export type Config = z.infer<typeof Config>;

/** @throws if it cannot be read within 10 seconds, or is not what it has to be */
export async function loadConfig(): Promise<Config> {
  const answer = await fetch('/config.json', { signal: AbortSignal.timeout(10_000) });
  return Config.parse(await answer.json());
}
