import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { bundleHandlers, handlerNames } from '../../bin/bundle-handlers.ts';

describe('bundleHandlers', () => {
  const outDir = mkdtempSync(path.join(tmpdir(), 'handlers-'));
  const handlers = handlerNames();
  beforeAll(() => bundleHandlers(outDir), 30_000);
  afterAll(() => rmSync(outDir, { recursive: true }));

  it('bundles every handler, with a source map', () => {
    expect(handlers.length).toBeGreaterThan(0);
    expect(readdirSync(outDir).sort()).toEqual(handlers.sort());
    for (const name of handlers) {
      expect(readdirSync(path.join(outDir, name)).sort()).toEqual([`${name}.mjs`, `${name}.mjs.map`]);
    }
  });

  it('leaves out what the SDK never imports in Lambda', () => {
    for (const name of handlers) {
      const bundle = readFileSync(path.join(outDir, name, `${name}.mjs`), 'utf8');
      for (const text of ['AssumeRole', 'GetRoleCredentials', 'security-credentials', 'prelude checksum'])
        expect(bundle).not.toContain(text);
    }
  });

  it('creates modules that need only Node.js', () => {
    const modules = handlers.map((name) => pathToFileURL(path.join(outDir, name, `${name}.mjs`)).href);
    const script = `for (const m of ${JSON.stringify(modules)}) console.log(typeof (await import(m)).handler)`;
    const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
      cwd: outDir,
      env: process.env,
      encoding: 'utf8',
    });
    expect(stderr).toBe('');
    expect(stdout).toBe('function\n'.repeat(handlers.length));
  }, 30_000);
});
