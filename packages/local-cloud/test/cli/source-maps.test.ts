import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { correctSourceMaps } from '../../src/cli/source-maps.ts';
import { temporaryFolder } from '../fixtures/temporary-folder.ts';

const repository = temporaryFolder();
const project = join(repository, 'app');
mkdirSync(join(project, 'handlers'), { recursive: true });
mkdirSync(join(repository, 'node_modules'));
writeFileSync(join(project, 'handlers', 'act.ts'), '');
writeFileSync(join(repository, 'node_modules', 'library.js'), '');

/** Creates an assembly with one asset, and returns the folder of the asset. */
function newAsset(): { assembly: string; asset: string } {
  mkdirSync(join(project, '.local'), { recursive: true });
  const assembly = mkdtempSync(join(project, '.local', 'assembly-'));
  const asset = join(assembly, 'asset.1', 'nested');
  mkdirSync(asset, { recursive: true });
  return { assembly, asset };
}

async function correctedSources(map: object): Promise<object> {
  const { assembly, asset } = newAsset();
  const file = join(asset, 'act.mjs.map');
  writeFileSync(file, JSON.stringify({ version: 3, mappings: 'AAAA', ...map }));
  await correctSourceMaps(assembly, project);
  return JSON.parse(readFileSync(file, 'utf8'));
}

it.each([
  ['of a bundle that was made in a deeper folder', '../../../../../../handlers/act.ts', undefined],
  ['of a bundle that was made in a folder of the project', '../handlers/act.ts', undefined],
  ['relative to the root of its map', 'act.ts', '../handlers/'],
])('finds a source %s', async (_name, source, sourceRoot) => {
  const map = await correctedSources({ sources: [source, null], sourceRoot });
  expect(map).toEqual({ version: 3, mappings: 'AAAA', sources: ['../../../../handlers/act.ts', null] });
});

it('finds a source in a folder above the project', async () => {
  expect(await correctedSources({ sources: ['../../node_modules/library.js'] })).toMatchObject({
    sources: ['../../../../../node_modules/library.js'],
  });
});

it.each(['gone.ts', '../gone.ts', 'webpack://act/act.ts', '/act.ts'])(
  'keeps the source %s',
  async (source) => {
    expect(await correctedSources({ sources: [source] })).toMatchObject({ sources: [source] });
  },
);

it('corrects an inline map, and no other line of the code', async () => {
  const { assembly, asset } = newAsset();
  const encode = (map: object) => Buffer.from(JSON.stringify(map)).toString('base64');
  const code = (map: object) => `act();\n//# sourceMappingURL=data:application/json;base64,${encode(map)}\n`;
  const file = join(asset, 'act.js');
  writeFileSync(file, code({ sources: ['../handlers/act.ts'] }));
  await correctSourceMaps(assembly, project);
  expect(readFileSync(file, 'utf8')).toBe(code({ sources: ['../../../../handlers/act.ts'] }));
});

it.each(['', '{', '[]', '{"sources":[1]}'])('keeps the map %j, which is not valid', async (text) => {
  const { assembly, asset } = newAsset();
  writeFileSync(join(asset, 'act.mjs.map'), text);
  await correctSourceMaps(assembly, project);
  expect(readFileSync(join(asset, 'act.mjs.map'), 'utf8')).toBe(text);
});
