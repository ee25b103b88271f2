import { checks, type Outcome, type Submission } from '../soak/promise.ts';
import { type Cell, mayNeedOperator, mayRefuse, mustTell } from './cells.ts';

/** The result of a cell. */
export interface CellResult {
  cell: Cell;
  /** A line for each time that a fault occurred: its kind, its hop, and the affected traces. */
  struck: string[];
  /**
   * The number of posts that received a 201, and of those that did not and had no key for a retry.
   */
  accepted: number;
  refused: number;
  repeatedMails: number;
  /** The number of times that clients that were always connected received the same state again. */
  repeatedPushes: number;
  /**
   * The number of messages that waited for an operator, and of those that reported a failed run of
   * the relay.
   */
  deadLetters: number;
  failedRelays: number;
  /** What was wrong. Empty if the cell passes. */
  broken: string[];
}

/** Returns how the outcome breaks the promise. */
export function brokenIn(outcome: Outcome): string[] {
  return checks.flatMap(({ violations }) => violations(outcome));
}

/**
 * Returns the posts that are not finished, are in no queue and have no marker, before an operator
 * has done anything.
 */
export function unaccounted({ submissions, stored }: Outcome, waiting: string[]): string[] {
  return submissions.flatMap(({ answers: [answer] }) => {
    const item = answer && stored.get(answer.id);
    if (!item || item.post.entities || item.post.enrichment || item.marked) return [];
    return waiting.some((body) => body.includes(answer.id)) ? [] : `${answer.id} waits nowhere`;
  });
}

/**
 * Returns whether events were given up without reaching a dead-letter queue, by the errors in the
 * log.
 */
export function lostIn(errors: string[]): string[] {
  const givenUp = errors.filter((line) => /: given up after | was given up: /.test(line)).length;
  const letters = errors.filter((line) => line.startsWith('dead letter: in ')).length;
  return givenUp > letters ? [`${givenUp - letters} events were given up and are in no queue`] : [];
}

/** Returns the requests with a key that did not receive the post twice. */
export function unansweredIn(submissions: Submission[]): string[] {
  return submissions
    .filter(({ key, answers }) => key !== undefined && answers.length < 2)
    .map(({ key, answers }) => `the request with the key ${key} was answered ${answers.length} times`);
}

/** Returns what a fault of this kind at this hop must not cause, and what it must. */
export function unexpectedIn(result: Omit<CellResult, 'broken'>): string[] {
  const { cell, struck, refused, repeatedMails, repeatedPushes, deadLetters, failedRelays } = result;
  return [
    ...(struck.length === 0 ? ['no fault has struck'] : []),
    ...(refused > 0 && !mayRefuse(cell) ? [`${refused} posts were refused`] : []),
    ...(repeatedMails > 0 && !cell.hop.repeatsMails ? [`${repeatedMails} mails were repeated`] : []),
    ...(repeatedPushes > 0 && !cell.hop.repeatsPushes ? [`${repeatedPushes} pushes were repeated`] : []),
    ...(deadLetters > 0 && !mayNeedOperator(cell) ? [`${deadLetters} messages waited for an operator`] : []),
    ...(failedRelays === 0 && mustTell(cell) ? ['no message reports that the relay fails'] : []),
  ];
}

export function repeatedMails({ mails }: Outcome): number {
  return [...mails.values()].reduce((sum, count) => sum + count - 1, 0);
}
