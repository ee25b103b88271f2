import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Edit, edit } from '../../checks/fault-matrix/edits.ts';
import { type Guard, guards } from '../../checks/fault-matrix/guards.ts';
import { hopNamed, play, unthrottledAssembly } from '../../checks/fault-matrix/matrix.ts';

/** Plays a cell after edits of the stack and returns what is broken. */
async function brokenAfter(edits: Edit[], { hop, kind }: Guard['cell']): Promise<string[]> {
  const folder = await mkdtemp(join(tmpdir(), 'guards-'));
  try {
    await edit(await unthrottledAssembly(), folder, edits);
    return (await play([{ hop: await hopNamed(hop), kind }], 'guards', folder)).flatMap(
      ({ broken }) => broken,
    );
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

it('has at least fifteen guards with unique names', () => {
  expect(new Set(guards.map(({ name }) => name)).size).toBe(guards.length);
  expect(guards.length).toBeGreaterThanOrEqual(15);
});

/** Each cell with shortened retries, once, without a removal. The matrix plays the other cells. */
const cases = [
  ...new Map(
    guards.flatMap(({ cell, sooner }) =>
      sooner ? [[JSON.stringify([cell, sooner]), { cell, sooner }] as const] : [],
    ),
  ).values(),
];
it.each(cases)('keeps the promise with all guards: $cell.hop × $cell.kind', async ({ cell, sooner }) => {
  // The retries end sooner, so the messages wait for an operator.
  expect(await brokenAfter([sooner], cell)).toEqual([
    expect.stringMatching(/^\d+ messages waited for an operator$/),
  ]);
});

it('notices that SNS suspends a subscription', async () => {
  const text = 'await putEvent(BLOG_BUS, event, abortSignal);';
  const flood = { file: 'announcement.ts', text, by: `for (let put = 0; put <= 10; put++) ${text}` };
  const cell: Guard['cell'] = { hop: 'create-post → dynamodb:PutItem', kind: 'one error' };
  expect(await brokenAfter([flood], cell)).toContainEqual(expect.stringContaining('SUSPENDED'));
});

it.each(guards)('breaks the promise without $name', async ({ removal, sooner, cell, breaks }) => {
  const broken = await brokenAfter([...(sooner ? [sooner] : []), removal], cell);
  expect(broken).toContainEqual(expect.stringMatching(breaks));
});
