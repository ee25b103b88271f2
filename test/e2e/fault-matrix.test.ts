import { seededChance } from 'local-cloud/chance';
import { cellsOf, kinds } from '../../checks/fault-matrix/cells.ts';
import { matrixHops, play, unthrottledAssembly } from '../../checks/fault-matrix/matrix.ts';
import { brokenCells, report } from '../../checks/fault-matrix/report.ts';

const seed = process.env.SEED ?? 'sample';

/** How many cells are played; `npm run verify` plays all. */
const sampleSize = 6;

it('keeps the promise in a sample of the cells', async () => {
  const chance = seededChance(seed);
  const hops = await matrixHops();
  const drawn = hops
    .flatMap(cellsOf)
    .map((cell, index) => ({ cell, draw: chance('sample', index) }))
    .sort((a, b) => a.draw - b.draw)
    .slice(0, sampleSize)
    .map(({ cell }) => cell)
    // As all are played: an outage of ten minutes last, since a worker is long not the same after it.
    .sort((a, b) => kinds.indexOf(a.kind) - kinds.indexOf(b.kind));
  const results = await play(drawn, seed, await unthrottledAssembly());
  process.stdout.write(`\n${report(results, seed)}\n`);
  expect(results).toHaveLength(sampleSize);
  expect(brokenCells(results)).toEqual([]);
}, 120_000);
