import { kinds } from './cells.ts';
import type { CellResult } from './verdict.ts';

/** Returns whether a cell passes, and its counts. */
function textOf(result: CellResult): string {
  const { broken, refused, repeatedMails, repeatedPushes, deadLetters } = result;
  const counts = Object.entries({ r: refused, m: repeatedMails, p: repeatedPushes, q: deadLetters });
  return [
    broken.length === 0 ? 'ok' : 'BROKEN',
    ...counts.filter(([, count]) => count > 0).map(([unit, count]) => `${count}${unit}`),
  ].join(' ');
}

/**
 * Returns the results as a table in Markdown with a row for each hop, below the seed and the
 * meaning of the counts.
 */
export function report(results: CellResult[], seed: string): string {
  const hops = [...new Set(results.map(({ cell }) => cell.hop.name))];
  const line = (cells: string[]): string => `| ${cells.join(' | ')} |`;
  const sum = (of: (result: CellResult) => number) =>
    results.reduce((total, result) => total + of(result), 0);
  return [
    `Seed ${seed}: ${results.length} cells, ${results.filter(({ broken }) => broken.length > 0).length} broken; ` +
      `${sum(({ accepted }) => accepted)} posts answered 201, ${sum(({ struck }) => struck.length)} faults.`,
    'r: posts refused, m: mails repeated, p: pushes repeated, q: messages that waited for an operator, –: not played.',
    '',
    line(['', ...kinds]),
    line(['---', ...kinds.map(() => '---')]),
    ...hops.map((hop) =>
      line([
        hop,
        ...kinds.map((kind) => {
          const result = results.find(({ cell }) => cell.hop.name === hop && cell.kind === kind);
          return result ? textOf(result) : '–';
        }),
      ]),
    ),
    '',
  ].join('\n');
}

/** Returns what is broken, one line each, with its cell. */
export function brokenCells(results: CellResult[]): string[] {
  return results.flatMap(({ cell, broken }) =>
    broken.map((what) => `${cell.hop.name} × ${cell.kind}: ${what}`),
  );
}
