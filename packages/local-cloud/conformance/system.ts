import { account } from '../src/cloud/account.ts';

/** What is called: the local cloud or a reference. It has the resources of stack.ts, all empty. */
export interface System {
  /** The settings of an SDK client for it. */
  settings: ReturnType<typeof clientSettings>;
  /** The local cloud alone has this: where its inbox is. */
  local?: { url: string };
  stop(): Promise<void>;
}

/** One attempt a call: an answer is compared as it comes. */
export function clientSettings(endpoint: string) {
  const credentials = { accessKeyId: 'conformance', secretAccessKey: 'conformance' };
  return { endpoint, region: account.region, credentials, maxAttempts: 1 };
}
