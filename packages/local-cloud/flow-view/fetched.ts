import { useEffect, useRef, useState } from 'preact/hooks';
import type * as z from 'zod/mini';
import { call, messageOf } from './local-api.ts';

export interface Fetched<T> {
  /** The newest answer; absent until there is one for this path. */
  value?: T;
  /** Why the last attempt failed. */
  error?: string;
}

/**
 * What a path of the local cloud answers, fetched again whenever `version` changes. One request is under way at a time:
 * changes meanwhile lead to one more. Nothing is fetched while there is no path.
 */
export function useFetched<T>(
  path: string | undefined,
  answer: z.ZodMiniType<T>,
  version: unknown,
): Fetched<T> {
  const [fetched, setFetched] = useState<Fetched<T> & { path?: string | undefined }>({});
  const request = useRef<{ path: string; again: boolean } | undefined>(undefined);
  useEffect(() => {
    if (path === undefined) return;
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
          (error: unknown) => ({ error: messageOf(error) }),
        );
        if (request.current !== mine) return;
        setFetched((last) => ('value' in next ? next : { ...(last.path === path && last), path, ...next }));
      }
      request.current = undefined;
    };
    fetchWhileStale();
  }, [path, answer, version]);
  return fetched.path === path ? fetched : {};
}
