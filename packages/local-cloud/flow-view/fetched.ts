import { useEffect, useRef, useState } from 'preact/hooks';
import type * as z from 'zod/mini';
import { call, messageOf } from './local-api.ts';

export interface Fetched<T> {
  /** The newest response; absent until the path has responded. It stays while the path fails. */
  value?: T;
  /** The reason why the last attempt failed. */
  error?: string;
}

/**
 * Fetches a path of the local cloud, again whenever `version` changes, and returns the response.
 * One request is in progress at a time; changes in the meantime lead to one more. Without a path or
 * a version, nothing is fetched. A response that equals the last one is the same value.
 */
export function useFetched<T>(
  path: string | undefined,
  answer: z.ZodMiniType<T>,
  version: string | undefined,
): Fetched<T> {
  const [fetched, setFetched] = useState<Fetched<T> & { path?: string | undefined }>({});
  const request = useRef<{ path: string; again: boolean } | undefined>(undefined);
  useEffect(() => {
    if (path === undefined || version === undefined) return;
    if (request.current?.path === path) {
      request.current.again = true;
      return;
    }
    const mine = { path, again: true };
    request.current = mine;
    const fetchWhileStale = async (): Promise<void> => {
      while (mine.again && request.current === mine) {
        mine.again = false;
        const next = await call('GET', path, answer).then(
          (value) => ({ path, value }),
          (error: unknown) => ({ path, error: messageOf(error) }),
        );
        if (request.current !== mine) return;
        setFetched((last) => (last.path === path ? afterNext(last, next) : next));
      }
      request.current = undefined;
    };
    fetchWhileStale();
  }, [path, answer, version]);
  return fetched.path === path ? fetched : {};
}

/** Returns the last response followed by the next one, or by its error. */
function afterNext<Response extends Fetched<unknown>>(last: Response, next: Response): Response {
  if (next.error !== undefined) return { ...last, ...next };
  return JSON.stringify(next.value) === JSON.stringify(last.value) ? { ...next, value: last.value } : next;
}
