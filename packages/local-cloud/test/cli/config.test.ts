import { mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { loadConfig } from '../../src/cli/config.ts';
import { temporaryFolder } from '../fixtures/temporary-folder.ts';

const folder = temporaryFolder();

function configFile(name: string, text: string): string {
  const file = join(folder, `${name}.config.ts`);
  writeFileSync(file, text);
  return file;
}

it.each([
  ['throws', "throw new Error('line one\\nline two');", ' cannot be loaded: line one line two'],
  ['exports-nothing', 'export {};', " must export the app's LocalCloudConfig as its default."],
  ['no-sources', 'export default {};', ': sources: a value is required.'],
  ['unknown', "export default { sources: ['a'], source: 1 };", ': The property source is not supported.'],
  [
    'no-function',
    "export default { sources: ['a'], functions: { folders: ['a'], bundle: 'x' } };",
    ': functions.bundle: must be a function.',
  ],
])('refuses a file that is wrong: %s', async (name, text, problem) => {
  const file = configFile(name, text);
  await expect(loadConfig(file)).rejects.toMatchObject({ message: `${file}${problem}` });
});

it('refuses a file that does not compile, in one line', async () => {
  await expect(loadConfig(configFile('broken', 'export default {'))).rejects.toThrow(
    /^\S*broken\.config\.ts cannot be loaded: [^\n]+$/,
  );
});

it('refuses a folder, and a file that does not exist', async () => {
  mkdirSync(join(folder, 'folder'));
  for (const name of ['folder', 'nope.ts'])
    await expect(loadConfig(join(folder, name))).rejects.toThrow(
      `There is no configuration file ${resolve(folder, name)}.`,
    );
});

it('loads a file that is correct', async () => {
  const config = await loadConfig(
    configFile('correct', "export default { sources: ['a'], commands: () => [] };"),
  );
  expect(config.sources).toEqual(['a']);
});
