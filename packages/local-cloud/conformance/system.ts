import { account } from '../src/cloud/account.ts';

/**
 * A system under test: the local cloud or a reference. It has the resources of stack.ts, all empty.
 */
export interface System {
  /** The settings of an SDK client for it. */
  settings: ReturnType<typeof clientSettings>;
  /** The URL of the inbox, which only the local cloud has. */
  local?: { url: string };
  stop(): Promise<void>;
}

/** Returns the settings of an SDK client. It does not retry, because each response is compared. */
export function clientSettings(endpoint: string) {
  const credentials = { accessKeyId: 'conformance', secretAccessKey: 'conformance' };
  return { endpoint, region: account.region, credentials, maxAttempts: 1 };
}
