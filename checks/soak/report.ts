import { printTable } from '../bench/table.ts';
import { missing } from './figures.ts';
import { memoryTrend } from './memory-trend.ts';
import { checks, type Outcome } from './promise.ts';

/** The number of violations of a promise that are printed. */
const shown = 5;

export function printFigures(seed: string, figures: ReadonlyMap<string, number>): void {
  printTable([['seed', seed], ...[...figures].map(([name, count]) => [name, String(count)])]);
}

/**
 * Prints a line for each part of the promise and its violations, and for the other conditions of a
 * soak.
 * @param memory megabytes, in the order of the samples
 * @returns whether the soak passes
 */
export function printVerdict(
  outcome: Outcome,
  figures: ReadonlyMap<string, number>,
  memory: readonly number[],
): boolean {
  const { quarters, flat } = memoryTrend(memory);
  const trend = quarters.map((megabytes) => megabytes.toFixed(0)).join(' → ');
  const results: [string, string[]][] = [
    ...checks.map(({ promise, violations }): [string, string[]] => [promise, violations(outcome)]),
    ['traffic and faults of every kind occurred', missing(figures)],
    [
      `memory is flat, by quarters: ${trend} MB`,
      flat ? [] : ['the last quarter is more than 10 % above the second'],
    ],
  ];
  for (const [promise, broken] of results) {
    console.log(`${broken.length === 0 ? 'PASS' : 'FAIL'}  ${promise}`);
    for (const line of broken.slice(0, shown)) console.log(`      ${line}`);
    if (broken.length > shown) console.log(`      and ${broken.length - shown} more`);
  }
  return results.every(([, broken]) => broken.length === 0);
}
