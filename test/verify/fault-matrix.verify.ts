import { type Cell, cellsOf, kinds, type PassedHop } from '../../checks/fault-matrix/cells.ts';
import { hopNamed, matrixHops, play, unthrottledAssembly } from '../../checks/fault-matrix/matrix.ts';
import { brokenCells, report } from '../../checks/fault-matrix/report.ts';
import type { CellResult } from '../../checks/fault-matrix/verdict.ts';

/** Separated by commas. `npm run verify:all` plays several seeds. */
const seeds = (process.env.SEED ?? 'one').split(',');

/**
 * The hops that the matrix must contain. The others are derived from the stack and played together.
 */
const known = [
  'create-post → dynamodb:PutItem',
  'create-post → events:PutEvents',
  'create-post → dynamodb:UpdateItem',
  'blogPostCreation → Topic',
  'Topic → email',
  'blogPostCreation → recognize-entities',
  'event queue of recognize-entities → recognize-entities',
  'recognize-entities → comprehend:DetectEntities',
  'recognize-entities → dynamodb:UpdateItem',
  'stream of PostsTable → event source mapping',
  'stream of PostsTable → publish-post-updates',
  'publish-post-updates → events:PutEvents',
  'BlogPostSave → push-post-update',
  'BlogPostUpdate → push-post-update',
  'BlogPostRemoval → push-post-update',
  'event queue of push-post-update → push-post-update',
  'push-post-update → dynamodb:GetItem',
  'push-post-update → dynamodb:Query',
  'push-post-update → execute-api:PostToConnection',
  'ConnectionOpened → send-post-state',
  'event queue of send-post-state → send-post-state',
  'send-post-state → dynamodb:GetItem',
  'send-post-state → execute-api:PostToConnection',
];

describe.each(seeds)('with the seed %s', (seed) => {
  const results: CellResult[] = [];
  afterAll(() => process.stdout.write(`\n${report(results, seed)}\n`));

  /** Plays the cells of a hop on their own stage and returns what is broken. */
  async function brokenAt(hop: PassedHop): Promise<string[]> {
    const played = await play(cellsOf(hop), seed, await unthrottledAssembly());
    results.push(...played);
    return brokenCells(played);
  }

  it.each(known)('keeps the promise under every fault at %s', async (name) =>
    expect(await brokenAt(await hopNamed(name))).toEqual([]),
  );

  it('keeps the promise under every fault at the other hops', async () => {
    const hops = await matrixHops();
    expect(hops.map(({ name }) => name)).toEqual(expect.arrayContaining(known));
    const broken: string[] = [];
    for (const hop of hops) if (!known.includes(hop.name)) broken.push(...(await brokenAt(hop)));
    expect(broken).toEqual([]);
  }, 900_000);
});

it('strikes the same posts with the same faults if the seed is the same', async () => {
  // A cell of each kind, at hops that only new posts pass: neither the relay nor the change of an
  // operator on its way to clients.
  const hops = (await matrixHops()).filter(
    ({ struck, repeatsPushes }) => struck.length === 1 && !repeatsPushes,
  );
  const cells = kinds.flatMap((kind, index): Cell[] => {
    const hop = hops[index % hops.length];
    return hop ? [{ hop, kind }] : [];
  });
  expect(cells).toHaveLength(kinds.length);
  const struck = async (seed: string, played = cells) =>
    (await play(played, seed, await unthrottledAssembly())).map(({ cell: { kind }, struck, broken }) => ({
      kind,
      // During ten minutes of errors, the SDK's retries for a post depend on those for other posts.
      struck: (kind === 'errors for 10 min' ? [...new Set(struck)] : struck).sort(),
      broken,
    }));
  const first = await struck('same');
  expect(await struck('same')).toEqual(first);
  // Only the crashes strike by chance.
  const isByChance = ({ kind }: { kind: string }) => kind.startsWith('crash');
  expect(await struck('other', cells.filter(isByChance))).not.toEqual(first.filter(isByChance));
});
