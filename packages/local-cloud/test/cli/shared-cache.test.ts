import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SharedCache } from '../../src/cli/shared-cache.mjs';
import { temporaryFolder } from '../fixtures/temporary-folder.ts';

const parent = temporaryFolder();
const nameOf = (index: number) => String(index).padStart(16, '0');

/** Creates a cache of five assemblies; the first was used the longest ago. */
function newCache() {
  const folder = join(mkdtempSync(join(parent, 'project-')), 'assemblies');
  for (let index = 1; index <= 5; index++) {
    mkdirSync(join(folder, nameOf(index)), { recursive: true });
    writeFileSync(join(folder, nameOf(index), 'manifest.json'), '{}');
    utimesSync(join(folder, nameOf(index)), index, index);
  }
  const marks = `${folder}.in-use`;
  mkdirSync(marks);
  return {
    cache: new SharedCache(folder),
    folder,
    kept: () => readdirSync(folder).sort(),
    /** Marks the assembly as used by a process. */
    mark: (index: number, pid: number) => writeFileSync(join(marks, `${nameOf(index)}.${pid}`), ''),
    marks: () => readdirSync(marks),
  };
}

/** The ID of a process that has ended. */
let ended: number;
beforeAll(async () => {
  const child = spawn(process.execPath, ['-e', '']);
  await once(child, 'exit');
  ended = child.pid ?? 0;
});

it('keeps the three latest assemblies', async () => {
  const { cache, kept } = newCache();
  await cache.prune();
  expect(kept()).toEqual([3, 4, 5].map(nameOf));
});

it('keeps the assembly that this process uses, and three others', async () => {
  const { cache, kept } = newCache();
  await cache.use(nameOf(1));
  await cache.prune();
  expect(kept()).toEqual([1, 3, 4, 5].map(nameOf));
});

it('counts a use as the latest one', async () => {
  const { cache, kept, mark } = newCache();
  await cache.use(nameOf(2));
  mark(1, ended);
  await cache.prune();
  await cache.prune();
  expect(kept()).toEqual([2, 3, 4, 5].map(nameOf));
});

it('keeps an assembly while another process uses it', async () => {
  const { cache, kept, mark, marks } = newCache();
  mark(1, process.ppid);
  mark(2, ended);
  await cache.prune();
  expect(kept()).toEqual([1, 3, 4, 5].map(nameOf));
  expect(marks()).toEqual([`${nameOf(1)}.${process.ppid}`]);
});

it('deletes what an ended process has left unfinished, and nothing else', async () => {
  const { cache, folder, kept, mark } = newCache();
  const unfinished = (pid: number | string) => `${nameOf(5)}.${pid}.abcdef`;
  for (const name of [unfinished(process.ppid), unfinished(ended), unfinished(''), 'notes.txt'])
    mkdirSync(join(folder, name));
  mark(5, process.ppid);
  await cache.prune();
  expect(kept()).toEqual([...[2, 3, 4, 5].map(nameOf), unfinished(process.ppid), 'notes.txt']);
});

it('shows an assembly only when it is complete, and leaves nothing of one that fails', async () => {
  const { cache, kept } = newCache();
  const assembly = await cache.use(nameOf(6));
  const failing = cache.create(assembly, () => Promise.reject(new Error('line 7 is wrong')));
  await expect(failing).rejects.toThrow('line 7');
  expect(kept()).not.toContain(nameOf(6));
  await cache.create(assembly, async (unfinished) => {
    expect(existsSync(assembly)).toBe(false);
    writeFileSync(join(unfinished, 'manifest.json'), '{}');
  });
  expect(kept()).toEqual([1, 2, 3, 4, 5, 6].map(nameOf));
});

it('keeps an assembly that a process starts to use during the deletion', async () => {
  const { cache, folder } = newCache();
  const [, assembly] = await Promise.all([cache.prune(), cache.use(nameOf(1))]);
  // The process makes an assembly anew if it does not exist; it never sees a part of one.
  if (existsSync(assembly)) expect(readdirSync(assembly)).toEqual(['manifest.json']);
  expect(readdirSync(folder).filter((name) => name.includes('.'))).toEqual([]);
});

it('does nothing without a folder', async () => {
  await new SharedCache(join(parent, 'none')).prune();
  expect(existsSync(join(parent, 'none'))).toBe(false);
});
