import { type CpuTimes, totalOf } from './cpu-time.ts';
import { type Figure, figures, type Values } from './figures.ts';
import type { CpuOfAPost } from './loads.ts';
import { median } from './statistics.ts';
import { missMark, targetText } from './target.ts';

/** Two runs, one directly after the other. */
export interface Pair {
  here: Values;
  there: Values;
}

/** Returns the rows of a table of the runs of one app. */
export function figureRows(runs: readonly Values[]): string[][] {
  const rows = entries().flatMap(([key, { name, unit, target }]) => {
    const values = runs.flatMap((run) => run[key] ?? []);
    if (values.length === 0) return [];
    return [
      [
        name,
        format(median(values)),
        spread(values),
        unit,
        targetText(target, unit),
        missMark(target, median(values)),
      ],
    ];
  });
  return [['figure', 'median', 'lowest – highest', 'unit', 'target', ''], ...rows];
}

/**
 * Returns the rows of a table that compares this app with another. The ratio is the median of the
 * ratios of the pairs, so that other load on the machine, which changes slowly, slows down both
 * runs of a pair.
 * @param there the name of the other app
 */
export function comparisonRows(there: string, pairs: readonly Pair[]): string[][] {
  const rows = entries().flatMap(([key, { name, unit, target, ratioTarget }]) => {
    const here = pairs.flatMap((pair) => pair.here[key] ?? []);
    const others = pairs.flatMap((pair) => pair.there[key] ?? []);
    const ratios = pairs.flatMap((pair) => ratioOf(pair.here[key], pair.there[key]) ?? []);
    if (here.length === 0) return [];
    return [
      [
        name,
        format(median(here)),
        others.length > 0 ? format(median(others)) : '',
        unit,
        ...(ratios.length > 0 ? [median(ratios).toFixed(2), spread(ratios)] : ['', '']),
        [targetText(target, unit), targetText(ratioTarget, '× the other')].filter(Boolean).join(', '),
        missMark(target, median(here)) || (ratios.length > 0 ? missMark(ratioTarget, median(ratios)) : ''),
      ],
    ];
  });
  return [['figure', 'here', there, 'unit', 'ratio', 'lowest – highest', 'target', ''], ...rows];
}

/**
 * Returns the rows of a table of the CPU time of a post by thread, in milliseconds, beside that of
 * the floor. Each value is the median of the runs.
 */
export function threadRows(
  runs: readonly {
    cpu: CpuOfAPost | undefined;
    floor: CpuOfAPost | undefined;
    threads: ReadonlyMap<string, number>;
  }[],
): string[][] {
  const columns = (['cpu', 'floor'] as const).flatMap((of) =>
    (['cold', 'warm'] as const).map((when) => runs.flatMap((run) => run[of]?.[when] ?? [])),
  );
  const value = (column: CpuTimes[], of: (times: CpuTimes) => number) => format(median(column.map(of)));
  const names = [...new Set(columns.flat().flatMap((times) => [...times.keys()]))];
  return [
    ['CPU a post by thread, ms', 'threads', 'first 300 posts', 'warm', 'floor, first 300', 'floor, warm'],
    ...names.map((name) => [
      name,
      String(runs.at(-1)?.threads.get(name) ?? ''),
      ...columns.map((column) => value(column, (times) => times.get(name) ?? 0)),
    ]),
    ['all', '', ...columns.map((column) => value(column, totalOf))],
  ];
}

/** Returns a number with one decimal up to 100, and two up to 10. */
export function format(value: number): string {
  return value.toFixed(value >= 100 ? 0 : value >= 10 ? 1 : 2);
}

/** Returns the lowest and the highest value. */
export function spread(values: readonly number[]): string {
  return `${format(Math.min(...values))} – ${format(Math.max(...values))}`;
}

function ratioOf(here: number | undefined, there: number | undefined): number | undefined {
  return here === undefined || there === undefined ? undefined : here / there;
}

function entries(): [keyof Values, Figure][] {
  return keysOf(figures).map((key) => [key, figures[key]]);
}

function keysOf<Key extends string>(object: Record<Key, unknown>): Key[] {
  return Object.keys(object).filter((key): key is Key => key in object);
}
