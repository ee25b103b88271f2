/** The value that a figure may have at most or at least. */
export type Target = { most: number } | { least: number };

/** Returns the target as text, e.g. `≤ 0.5 ×`. */
export function targetText(target: Target | undefined, unit: string): string {
  if (!target) return '';
  return 'most' in target ? `≤ ${target.most} ${unit}` : `≥ ${target.least} ${unit}`;
}

/** Returns the mark of a value that misses its target, otherwise an empty text. */
export function missMark(target: Target | undefined, value: number): string {
  if (!target) return '';
  const met = 'most' in target ? value <= target.most : value >= target.least;
  return met ? '' : 'MISSED';
}
