import type { Authors } from './authors.ts';
import type { Outcome } from './promise.ts';
import type { Watcher } from './watchers.ts';

/** The traffic of a soak, and its outcome. */
export interface Traffic {
  outcome: Pick<Outcome, 'submissions' | 'stored' | 'mails'>;
  authors: Pick<Authors, 'refused' | 'retried' | 'replays' | 'conflicts'>;
  watchers: readonly Pick<Watcher, 'pushes' | 'repeats' | 'connects' | 'refused' | 'pongs'>[];
  /** The number of times that a fault of each kind occurred. */
  strikes: ReadonlyMap<string, number>;
  deadLetters: number;
}

/** Returns the amount of each kind of traffic and of faults. */
export function figuresOf({
  outcome,
  authors,
  watchers,
  strikes,
  deadLetters,
}: Traffic): Map<string, number> {
  const { submissions, stored, mails } = outcome;
  const ofWatchers = (figure: (watcher: Traffic['watchers'][number]) => number) => sum(watchers.map(figure));
  const connects = ofWatchers((watcher) => watcher.connects);
  return new Map([
    ['posts answered 201', submissions.filter(({ answers }) => answers.length > 0).length],
    ['posts saved', stored.size],
    ['posts refused: 5xx, 429 or no answer', authors.refused],
    ['posts retried under their key', authors.retried],
    ['replays', authors.replays],
    ['other posts under a key: 422', authors.conflicts],
    ['posts marked as not to be enriched', [...stored.values()].filter(({ post }) => post.enrichment).length],
    ['mails', sum(mails.values())],
    ['repeated mails', sum(mails.values()) - mails.size],
    ['pushes', ofWatchers((watcher) => watcher.pushes)],
    ['repeated pushes', ofWatchers((watcher) => watcher.repeats)],
    ['connects', connects],
    ['reconnects', connects - watchers.filter((watcher) => watcher.connects > 0).length],
    ['refused connects', ofWatchers((watcher) => watcher.refused)],
    ['pings answered', ofWatchers((watcher) => watcher.pongs)],
    ...[...strikes].map(([kind, count]) => [`strikes of ${kind}`, count] as const),
    ['dead letters redriven', deadLetters],
  ]);
}

/**
 * Returns the kinds of traffic and of faults that the soak did not have, so that it shows nothing
 * about them.
 */
export function missing(figures: ReadonlyMap<string, number>): string[] {
  return [...figures].flatMap(([name, count]) => (count > 0 ? [] : `no ${name}`));
}

function sum(counts: Iterable<number>): number {
  let total = 0;
  for (const count of counts) total += count;
  return total;
}
