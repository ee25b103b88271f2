/** The number of names whose changes are counted. */
const MAXIMUM_NAMES = 5_000;

/** Counts the changes of topics, and of traces by their IDs. */
export interface ChangeVersions {
  /** Increases when everything may have changed: whenever the page connects. */
  all: number;
  counts: ReadonlyMap<string, number>;
}

/** The versions before the page has connected for the first time. */
export const notConnected: ChangeVersions = { all: 0, counts: new Map() };

/** Returns the versions after the page has connected: changes in the meantime were missed. */
export function afterConnecting({ all }: ChangeVersions): ChangeVersions {
  return { all: all + 1, counts: new Map() };
}

/** Returns the versions after the changes of some names. */
export function afterChanges({ all, counts }: ChangeVersions, names: readonly string[]): ChangeVersions {
  if (counts.size > MAXIMUM_NAMES) return afterConnecting({ all, counts });
  const next = new Map(counts);
  for (const name of names) next.set(name, (next.get(name) ?? 0) + 1);
  return { all, counts: next };
}

/**
 * Returns a text that differs after each change of a name; `undefined` before the page has
 * connected for the first time.
 */
export function versionOf({ all, counts }: ChangeVersions, name: string): string | undefined {
  return all === 0 ? undefined : `${all}.${counts.get(name) ?? 0}`;
}
