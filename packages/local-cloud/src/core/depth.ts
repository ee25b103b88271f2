/**
 * Returns whether objects and lists are nested in more than `levels` levels. Does not look any
 * deeper.
 */
export function isDeeperThan(levels: number, value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return levels === 0 || Object.values(value).some((child) => isDeeperThan(levels - 1, child));
}
