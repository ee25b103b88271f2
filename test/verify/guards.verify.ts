import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Edit, edit } from '../../checks/fault-matrix/edits.ts';
import { type Guard, guards } from '../../checks/fault-matrix/guards.ts';
import { hopNamed, play, unthrottledAssembly } from '../../checks/fault-matrix/matrix.ts';

/** What of the promise is broken in a cell after these edits of the stack. */
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

it('has at least fifteen guards, each of its own name', () => {
  expect(new Set(guards.map(({ name }) => name)).size).toBe(guards.length);
  expect(guards.length).toBeGreaterThanOrEqual(15);
});

/** Each case that comes sooner, once, with all its guards. The matrix plays the others. */
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

it.each(guards)('breaks the promise without $name', async ({ removal, sooner, cell, breaks }) => {
  const broken = await brokenAfter([...(sooner ? [sooner] : []), removal], cell);
  expect(broken).toContainEqual(expect.stringMatching(breaks));
});
