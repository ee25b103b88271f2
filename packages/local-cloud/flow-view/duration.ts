const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/**
 * Formats milliseconds in at most two units: `0.4 ms`, `12 ms`, `1.2 s`, `1 min 5 s`, `2 h 3 min`.
 */
export function durationText(ms: number): string {
  if (ms < 0) return `-${durationText(-ms)}`;
  if (ms < 9.95) return `${Number(ms.toFixed(1))} ms`;
  if (ms < 999.5) return `${Math.round(ms)} ms`;
  if (ms < 9.995 * SECOND) return `${Number((ms / SECOND).toFixed(2))} s`;
  if (ms < 59.95 * SECOND) return `${Number((ms / SECOND).toFixed(1))} s`;
  if (ms < HOUR - SECOND / 2) return inTwo(Math.round(ms / SECOND), 60, 'min', 's');
  return inTwo(Math.round(ms / MINUTE), 60, 'h', 'min');
}

function inTwo(small: number, ratio: number, large: string, unit: string): string {
  const rest = small % ratio;
  return `${Math.floor(small / ratio)} ${large}${rest ? ` ${rest} ${unit}` : ''}`;
}
