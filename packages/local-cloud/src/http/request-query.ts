import type { RequestHead } from './request-head.ts';

/** Returns the parameters in the query of a request. */
export function queryOf({ url = '' }: Pick<RequestHead, 'url'>): URLSearchParams {
  // A query can contain question marks too.
  return new URLSearchParams(url.replace(/^[^?]*/, ''));
}
