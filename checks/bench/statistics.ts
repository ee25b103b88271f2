/** Returns the value below which the share `quantile` of the values lies. */
export function percentile(values: number[], quantile: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * quantile))] ?? Number.NaN;
}

export function median(values: number[]): number {
  return percentile(values, 0.5);
}
