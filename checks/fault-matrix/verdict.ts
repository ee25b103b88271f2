import { checks, type Outcome, type Submission } from '../soak/promise.ts';
import { type Cell, mayNeedOperator, mayRefuse, mustTell } from './cells.ts';

/** What happened in a cell. */
export interface CellResult {
  cell: Cell;
  /** Each time a fault struck: which, where, and what. */
  struck: string[];
  /** Posts that were answered 201, and those that were not and had no key under which to be sent again. */
  accepted: number;
  refused: number;
  repeatedMails: number;
  /** States that clients were sent again that were there all the time. */
  repeatedPushes: number;
  /** Messages that waited for an operator, and those that told of a run of the relay that failed. */
  deadLetters: number;
  failedRelays: number;
  /** What of the promise was not kept: nothing in a cell that passes. */
  broken: string[];
}

/** What of the promise is not kept. */
export function brokenIn(outcome: Outcome): string[] {
  return checks.flatMap(({ violations }) => violations(outcome));
}

/** Before an operator has done anything: what is neither done, nor waits in a queue, nor has its marker. */
export function unaccounted({ submissions, stored }: Outcome, waiting: string[]): string[] {
  return submissions.flatMap(({ answers: [answer] }) => {
    const item = answer && stored.get(answer.id);
    if (!item || item.post.entities || item.post.enrichment || item.marked) return [];
    return waiting.some((body) => body.includes(answer.id)) ? [] : `${answer.id} waits nowhere`;
  });
}

/** Returns whether events were given up that no dead-letter queue has, by the errors in the log. */
export function lostIn(errors: string[]): string[] {
  const givenUp = errors.filter((line) => /: given up after | was given up: /.test(line)).length;
  const letters = errors.filter((line) => line.startsWith('dead letter: in ')).length;
  return givenUp > letters ? [`${givenUp - letters} events were given up and are in no queue`] : [];
}

/** The requests with a key that were not answered with the post, and then once more. */
export function unansweredIn(submissions: Submission[]): string[] {
  return submissions
    .filter(({ key, answers }) => key !== undefined && answers.length < 2)
    .map(({ key, answers }) => `the request with the key ${key} was answered ${answers.length} times`);
}

/** What should not have been noticed of a fault of this kind at this hop, and what should. */
export function unexpectedIn(result: Omit<CellResult, 'broken'>): string[] {
  const { cell, struck, refused, repeatedMails, repeatedPushes, deadLetters, failedRelays } = result;
  return [
    ...(struck.length === 0 ? ['no fault has struck'] : []),
    ...(refused > 0 && !mayRefuse(cell) ? [`${refused} posts were refused`] : []),
    ...(repeatedMails > 0 && !cell.hop.repeatsMails ? [`${repeatedMails} mails were repeated`] : []),
    ...(repeatedPushes > 0 && !cell.hop.repeatsPushes ? [`${repeatedPushes} pushes were repeated`] : []),
    ...(deadLetters > 0 && !mayNeedOperator(cell) ? [`${deadLetters} messages waited for an operator`] : []),
    ...(failedRelays === 0 && mustTell(cell) ? ['nobody was told that the relay fails'] : []),
  ];
}

export function repeatedMails({ mails }: Outcome): number {
  return [...mails.values()].reduce((sum, count) => sum + count - 1, 0);
}
