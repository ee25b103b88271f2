import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { temporaryFolder } from '../fixtures/temporary-folder.ts';

const folder = temporaryFolder();
const compiled = join(folder, 'compiled');
const importer = resolve('packages/local-cloud/src/cli/import-typescript.mjs');

/** Writes a module and another that it imports, and imports it in a process of its own. */
function run(body: string, imported = 'export const where: string = import.meta.url;') {
  mkdirSync(join(folder, 'inner'), { recursive: true });
  writeFileSync(join(folder, 'inner', 'imported.ts'), imported);
  writeFileSync(join(folder, 'main.ts'), body);
  const script = `import { importTypeScript } from ${JSON.stringify(importer)};
    const { result } = await importTypeScript(${JSON.stringify(join(folder, 'main.ts'))}, ${JSON.stringify(compiled)});
    console.log(result);`;
  return spawnSync(process.execPath, ['--input-type=module', '--eval', script], { encoding: 'utf8' });
}

describe('the import of a TypeScript module', () => {
  it('gives each source its own URL, and leaves it in texts', () => {
    const { stdout } = run(
      "import { where } from './inner/imported.ts'; export const result: string = where + ' import.meta.url';",
    );
    expect(stdout).toMatch(/^file:\/\/.*\/inner\/imported\.ts import\.meta\.url\n$/);
  });

  it('names the source and the line in the stack of an error', () => {
    const { stderr } = run(
      "import { fail } from './inner/imported.ts'; fail(); export const result = 1;",
      "interface Unused {}\n\nexport function fail(): never {\n  throw new Error('on purpose');\n}\n",
    );
    expect(stderr).toContain(`${join(folder, 'inner', 'imported.ts')}:4:9`);
  });

  it('fails with the place if a source does not compile', () => {
    const { status, stderr } = run('export const result = ;');
    expect(status).not.toBe(0);
    expect(stderr).toMatch(/main\.ts:1:\d+: ERROR: Unexpected ";"/);
  });

  it('keeps one copy of the same sources, and removes old ones', () => {
    run('export const result = 1;');
    const [first = ''] = readdirSync(compiled).filter((name) => name.length === 16);
    run('export const result = 1;');
    const hourAgo = Date.now() / 1000 - 3_700;
    for (const name of readdirSync(compiled)) utimesSync(join(compiled, name), hourAgo, hourAgo);
    run('export const result = 2;');
    expect(readdirSync(compiled)).toHaveLength(1);
    expect(readdirSync(compiled)).not.toContain(first);
  });
});
