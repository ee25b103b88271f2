import { allCells, hops } from '../matrix/hops.ts';
import { play, unthrottledAssembly } from '../matrix/matrix.ts';
import { brokenCells, report } from '../matrix/report.ts';
import type { CellResult } from '../matrix/stage.ts';

const seeds = process.env.SEED ? [process.env.SEED] : ['one', 'two', 'three'];

describe.each(seeds)('with the seed %s', (seed) => {
  const results: CellResult[] = [];
  afterAll(() => process.stdout.write(`\n${report(results, seed)}\n`));

  it.each(hops)(
    'keeps the promise whatever goes wrong at: $name',
    async (hop) => {
      const cells = allCells.filter((cell) => cell.hop === hop);
      const played = await play(cells, seed, await unthrottledAssembly());
      results.push(...played);
      expect(brokenCells(played)).toEqual([]);
    },
    180_000,
  );
});

it('has the same faults strike with the same seed', async () => {
  const cells = allCells.filter(
    ({ hop, kind }) => hop.name === 'put update event' && kind.startsWith('crash'),
  );
  const play2 = async (seed: string) =>
    (await play(cells, seed, await unthrottledAssembly())).map(({ strikes, broken }) => ({
      strikes,
      broken,
    }));
  const first = await play2('same');
  expect(await play2('same')).toEqual(first);
  expect(await play2('other')).not.toEqual(first);
}, 180_000);
