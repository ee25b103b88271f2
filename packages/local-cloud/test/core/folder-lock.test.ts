import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { lockFolder } from '../../src/core/folder-lock.ts';
import { temporaryFolder } from '../fixtures/temporary-folder.ts';

const root = temporaryFolder();
let folders = 0;
const newFolder = () => join(root, String(folders++), 'data');

const holders: ChildProcess[] = [];
afterAll(() => {
  for (const holder of holders) holder.kill('SIGKILL');
});

/** Starts a process that locks a folder, says so, and does nothing more. */
async function startHolder(folder: string) {
  const module = JSON.stringify(join(__dirname, '../../src/core/folder-lock.ts'));
  const script = `
    import { lockFolder } from ${module};
    lockFolder(${JSON.stringify(folder)});
    console.log('locked');
    setInterval(() => {}, 1e6);`;
  const args = ['--import', 'tsx', '--input-type=module', '--eval', script];
  const holder = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  holders.push(holder);
  await once(holder.stdout, 'data');
  return holder;
}

it('refuses a folder that another process has locked, until that is killed', async () => {
  const folder = newFolder();
  const holder = await startHolder(folder);
  expect(() => lockFolder(folder)).toThrow(
    `The data in ${folder} is used by another local cloud, process ${holder.pid}. ` +
      'Stop that one, or choose another folder with --data.',
  );
  holder.kill('SIGKILL');
  await once(holder, 'exit');
  lockFolder(folder);
});

it('refuses a folder that this process has locked, until it releases the lock', () => {
  const folder = newFolder();
  const unlock = lockFolder(folder);
  expect(() => lockFolder(folder)).toThrow('is used by another local cloud');
  unlock();
  lockFolder(folder);
});

it.each([
  ['a process that has ended', JSON.stringify({ pid: 2 ** 30, started: '1' })],
  ['an earlier process with the ID of a present one', JSON.stringify({ pid: process.pid, started: '1' })],
  ['a process that was killed while it wrote it', '{"pid":'],
])('ignores the lock of %s', (_, content) => {
  const folder = newFolder();
  lockFolder(folder)();
  writeFileSync(join(folder, 'lock'), content);
  const unlock = lockFolder(folder);
  expect(() => lockFolder(folder)).toThrow(`process ${process.pid}`);
  unlock();
});
