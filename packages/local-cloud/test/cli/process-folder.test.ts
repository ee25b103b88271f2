import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { deleteAbandoned } from '../../src/cli/process-folder.mjs';
import { temporaryFolder } from '../fixtures/temporary-folder.ts';

const folder = temporaryFolder();

it('deletes the temporary folders of ended processes, and nothing else', async () => {
  const child = spawn(process.execPath, ['-e', '']);
  await once(child, 'exit');
  const kept = [`app.${process.ppid}.abc`, `app.${process.pid}.abc`, 'data'];
  for (const name of [...kept, `app.${child.pid}.abc`, 'app-abcdef', 'app.0.abc', 'app.-1.abc'])
    mkdirSync(join(folder, name));
  await deleteAbandoned(folder, (name) => name.startsWith('app'));
  expect(readdirSync(folder)).toEqual(kept.sort());
});

it('accepts a folder that does not exist', async () => {
  await expect(deleteAbandoned('/does/not/exist', () => true)).resolves.toBeUndefined();
});
