/** Returns a time to wait in words, e.g. `12 minutes`, rounded up. */
export function waitingTime(seconds: number): string {
  if (seconds > 5400) return plural(Math.ceil(seconds / 3600), 'hour');
  if (seconds > 90) return plural(Math.ceil(seconds / 60), 'minute');
  return plural(Math.max(1, Math.ceil(seconds)), 'second');
}

function plural(count: number, unit: string): string {
  return `${count} ${unit}${count === 1 ? '' : 's'}`;
}
