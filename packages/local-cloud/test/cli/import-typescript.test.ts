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

  it('keeps one copy of the same sources, and removes old ones that no process uses', () => {
    run('export const result = 1;');
    run('export const result = 1;');
    const before = readdirSync(compiled).length;
    expect(before).toBeLessThanOrEqual(3);
    mkdirSync(join(compiled, `${'0'.repeat(16)}.1a2b3c`));
    mkdirSync(join(compiled, 'f'.repeat(16)));
    utimesSync(join(compiled, 'f'.repeat(16)), 1, 1);
    mkdirSync(join(compiled, 'e'.repeat(16)));
    utimesSync(join(compiled, 'e'.repeat(16)), 2, 2);
    writeFileSync(join(`${compiled}.in-use`, `${'e'.repeat(16)}.${process.pid}`), '');
    run('export const result = 2;');
    run('export const result = 3;');
    const after = readdirSync(compiled);
    expect(after).toContain('e'.repeat(16));
    expect(after).not.toContain('f'.repeat(16));
    expect(after.filter((name) => name.includes('.'))).toEqual([]);
  });
});
