import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod/mini';
import { Store } from '../../src/core/store.ts';
import { temporaryFolder } from '../fixtures/temporary-folder.ts';

const State = z.object({ names: z.array(z.string()) });
const folder = temporaryFolder();

test('returns the saved value after the file is opened again', async () => {
  const path = join(folder, 'deep', 'names.json');
  const store = await Store.open(path, State, { names: [] });
  store.state.names.push('Joe');
  await store.save();
  expect((await Store.open(path, State, { names: [] })).state).toEqual({ names: ['Joe'] });
});

test('writes each of many concurrent changes before its save resolves', async () => {
  const path = join(folder, 'burst.json');
  const store = await Store.open(path, State, { names: [] });
  await Promise.all(
    Array.from({ length: 50 }, async (_, index) => {
      const name = `name ${index}`;
      if (index % 3 === 0) await Promise.resolve();
      store.state.names.push(name);
      await store.save();
      expect(State.parse(JSON.parse(readFileSync(path, 'utf8'))).names).toContain(name);
    }),
  );
});

test('fails the save if the write fails, and succeeds with the next one', async () => {
  const path = join(folder, 'failing.json');
  const store = await Store.open<{ names: unknown[] }>(path, z.object({ names: z.array(z.unknown()) }), {
    names: [1n],
  });
  await expect(store.save()).rejects.toThrow('BigInt');
  store.state.names = ['Joe'];
  await store.save();
  expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual({ names: ['Joe'] });
});

test.each([['{"names":[1]}'], ['{"na']])('names a file that holds %s in the error', async (content) => {
  const path = join(folder, 'bad.json');
  writeFileSync(path, content);
  await expect(Store.open(path, State, { names: [] })).rejects.toThrow(`${path} cannot be read`);
});
