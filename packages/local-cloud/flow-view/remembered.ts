import { useState } from 'preact/hooks';
import type * as z from 'zod/mini';

/**
 * Returns a value that the browser remembers under this name, and a function that changes it;
 * `undefined` forgets it.
 */
export function useRemembered<T>(
  name: string,
  type: z.ZodMiniType<T>,
): [T | undefined, (value: T | undefined) => void] {
  const [value, setValue] = useState(() => readRemembered(name, type));
  const change = (next: T | undefined): void => {
    setValue(next);
    try {
      if (next === undefined) localStorage.removeItem(keyOf(name));
      else localStorage.setItem(keyOf(name), JSON.stringify(next));
    } catch {
      // A browser that stores nothing for this page forgets the value with the page.
    }
  };
  return [value, change];
}

function readRemembered<T>(name: string, type: z.ZodMiniType<T>): T | undefined {
  try {
    const { data } = type.safeParse(JSON.parse(localStorage.getItem(keyOf(name)) ?? 'null'));
    return data;
  } catch {
    return undefined;
  }
}

function keyOf(name: string): string {
  return `flow view: ${name}`;
}
