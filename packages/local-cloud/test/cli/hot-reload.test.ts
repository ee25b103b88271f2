import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { watchSources } from '../../src/cli/hot-reload.ts';
import { eventually } from '../fixtures/eventually.ts';
import { RecordedLog } from '../fixtures/recorded-log.ts';
import { temporaryFolder } from '../fixtures/temporary-folder.ts';

const project = temporaryFolder();
const bundles = join(project, '.local');
const source = join(project, 'handlers', 'act.ts');
mkdirSync(join(project, 'handlers'));
mkdirSync(join(bundles, 'handlers', 'earlier'), { recursive: true });
writeFileSync(source, 'first');

const log = new RecordedLog();
const buildFailures = new Map<string, string>();
/** The versions that each function runs in turn. */
const deployed: Record<string, string[]> = { act: [], other: [] };
const functions = Object.entries(deployed).map(([label, versions]) => ({
  label,
  deploy(folder: Promise<string>) {
    folder.then(
      (path) => void versions.push(readFileSync(join(path, 'code'), 'utf8')),
      () => {},
    );
  },
}));

async function bundle(outDir: string): Promise<void> {
  const text = readFileSync(source, 'utf8');
  mkdirSync(join(outDir, 'act'), { recursive: true });
  if (text.includes('broken')) throw new Error(`act.ts: ${text}`);
  writeFileSync(join(outDir, 'act', 'code'), text);
}

let close: () => Promise<void>;
beforeAll(async () => {
  const config = { sources: ['handlers'], functions: { folders: ['handlers'], bundle } };
  close = await watchSources(project, config, {
    cloud: { buildFailures, lambda: { functions }, webPage: undefined },
    bundles,
    log,
  });
});
afterAll(() => close());

it('runs edited handlers, and keeps the bundles of the last two edits', async () => {
  for (const version of ['second', 'third', 'fourth']) {
    writeFileSync(source, version);
    await eventually(() => expect(deployed.act?.at(-1)).toBe(version));
  }
  expect(readdirSync(join(bundles, 'handlers'))).toHaveLength(2);
});

it('reports a function without a bundle', () => {
  expect(log.warnings).toContain('hot reload: other is not in the bundles: the previous one still runs');
  expect(deployed.other).toEqual([]);
});

it('says at each edit that the handlers do not compile, until they do', async () => {
  const versions = [...(deployed.act ?? [])];
  for (const [index, text] of ['broken', 'broken again'].entries()) {
    writeFileSync(source, text);
    await eventually(() => expect(log.errors).toHaveLength(index + 1));
    expect(log.errors.at(-1)).toBe(
      `hot reload: the handlers do not compile, and the previous ones still run: Error: act.ts: ${text}`,
    );
    expect([...buildFailures]).toEqual([['handlers', `Error: act.ts: ${text}`]]);
  }
  expect(deployed.act).toEqual(versions);
  writeFileSync(source, 'correct');
  await eventually(() => expect(deployed.act?.at(-1)).toBe('correct'));
  expect(buildFailures.size).toBe(0);
  expect(log.errors).toHaveLength(2);
});
