import * as z from 'zod/mini';

/** Where the APIs are, without a slash at the end. Written when the page is deployed. */
export const Config = z.object({ apiUrl: z.url(), webSocketUrl: z.url() });
export type Config = z.infer<typeof Config>;

/** @throws if it cannot be read, or is not what it has to be */
export async function loadConfig(): Promise<Config> {
  return Config.parse(await (await fetch('/config.json')).json());
}
