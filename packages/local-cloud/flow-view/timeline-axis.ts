import { durationText } from './duration.ts';
import type { Gap, Run } from './timeline-scale.ts';

/** A label of the axis. `at` is a fraction of the width. */
export interface AxisLabel {
  at: number;
  text: string;
}

/** The width of a character in pixels, at least, and the space between two labels. */
const CHARACTER = 6.5;
const SPACE = 14;
/** The distance of ticks within a run, in pixels. */
const BETWEEN_TICKS = 90;

/**
 * Returns the ticks, each with its label to the right: at the start of each run, the time since the
 * beginning; within later runs, the time since the start of the run. No label overlaps another one
 * or the end of the axis.
 * @param width of the axis, in pixels
 */
export function axisTicks(runs: readonly Run[], width: number): AxisLabel[] {
  const ticks: AxisLabel[] = [];
  let free = 0;
  const add = (at: number, text: string): void => {
    const left = at * width;
    const right = left + textWidth(text);
    if (left < free || right > width) return;
    ticks.push({ at, text });
    free = right + SPACE;
  };
  const first = runs[0]?.start ?? 0;
  for (const { start, end, from, to } of runs) {
    add(from, durationText(start - first));
    const step = roundUp(((end - start) * BETWEEN_TICKS) / ((to - from) * width || 1));
    for (let offset = step; start + offset <= end && step > 0; offset += step) {
      const text = durationText(offset);
      add(from + (offset / (end - start)) * (to - from), start === first ? text : `+${text}`);
    }
  }
  return ticks;
}

/**
 * Returns the labels of the gaps, each centred at its gap. Those for which there is no room are left
 * out.
 * @param width of the axis, in pixels
 */
export function gapLabels(gaps: readonly Gap[], width: number): AxisLabel[] {
  let free = 0;
  return gaps.flatMap(({ from, to, ms }) => {
    const text = durationText(ms);
    const at = (from + to) / 2;
    const left = at * width - textWidth(text) / 2;
    const right = left + textWidth(text);
    if (left < free || right > width) return [];
    free = right + SPACE / 2;
    return [{ at, text }];
  });
}

function textWidth(text: string): number {
  return text.length * CHARACTER;
}

/** Rounds up to 1, 2 or 5 times a power of ten. */
function roundUp(ms: number): number {
  if (ms <= 0) return 0;
  const power = 10 ** Math.floor(Math.log10(ms));
  return ([1, 2, 5, 10].find((factor) => factor * power >= ms) ?? 10) * power;
}
