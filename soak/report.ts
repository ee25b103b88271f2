import { printTable } from '../bench/table.ts';
import type { Authors } from './authors.ts';
import { checks, memoryTrend, type Outcome } from './verdict.ts';
import type { Watcher } from './watchers.ts';

/** How many violations of a promise are printed. */
const shown = 5;

/** What a soak did, beside what came of it. */
export interface Traffic {
  seed: string;
  outcome: Outcome;
  authors: Authors;
  watchers: readonly Watcher[];
  /** How often each kind of fault was switched on. */
  faults: ReadonlyMap<string, number>;
  deadLetters: number;
}

export function printFigures({ seed, outcome, authors, watchers, faults, deadLetters }: Traffic): void {
  const { submissions, stored, mails } = outcome;
  const ofWatchers = (figure: (watcher: Watcher) => number) => sum(watchers.map(figure));
  const connects = ofWatchers((watcher) => watcher.connects);
  const rows: [string, number][] = [
    ['posts answered 201', submissions.filter(({ answers }) => answers.length > 0).length],
    ['posts saved', stored.size],
    ['refused: 5xx, 429 or no answer', authors.refused],
    ['retried under their key', authors.retried],
    ['replays', authors.replays],
    ['other posts under a key: 422', authors.conflicts],
    ['marked as not to be enriched', [...stored.values()].filter(({ post }) => post.enrichment).length],
    ['mails', sum(mails.values())],
    ['  of these repeats', sum(mails.values()) - mails.size],
    ['pushes', ofWatchers((watcher) => watcher.pushes)],
    ['  of these repeats', ofWatchers((watcher) => watcher.repeats)],
    ['connects', connects],
    ['  of these reconnects', connects - watchers.filter((watcher) => watcher.connects > 0).length],
    ['connects refused', ofWatchers((watcher) => watcher.refused)],
    ['pings answered', ofWatchers((watcher) => watcher.pongs)],
    ['faults', sum(faults.values())],
    ...[...faults].sort().map(([kind, count]): [string, number] => [`  ${kind}`, count]),
    ['dead letters redriven', deadLetters],
  ];
  printTable([['seed', seed], ...rows.map(([name, count]) => [name, String(count)])]);
}

/**
 * A line for each part of the promise, and what breaks it.
 * @param memory megabytes, in the order of the samples
 * @returns whether all of it was kept
 */
export function printVerdict(outcome: Outcome, memory: readonly number[]): boolean {
  const { quarters, flat } = memoryTrend(memory);
  const trend = quarters.map((megabytes) => megabytes.toFixed(0)).join(' → ');
  const results: [string, string[]][] = [
    ...checks.map(({ promise, violations }): [string, string[]] => [promise, violations(outcome)]),
    [`memory is flat, by quarters: ${trend} MB`, flat ? [] : ['the last is more than 10 % above the second']],
  ];
  for (const [promise, broken] of results) {
    console.log(`${broken.length === 0 ? 'PASS' : 'FAIL'}  ${promise}`);
    for (const line of broken.slice(0, shown)) console.log(`      ${line}`);
    if (broken.length > shown) console.log(`      and ${broken.length - shown} more`);
  }
  return results.every(([, broken]) => broken.length === 0);
}

function sum(counts: Iterable<number>): number {
  let total = 0;
  for (const count of counts) total += count;
  return total;
}
