import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { requireAssembly, requireWritable } from '../../src/cli/folders.ts';
import { temporaryFolder } from '../fixtures/temporary-folder.ts';

const folder = temporaryFolder();

it('accepts a folder with a manifest as a cloud assembly, and no other', () => {
  const assembly = join(folder, 'cdk.out');
  const refusal = '--assembly must be a cloud assembly, such as cdk.out after "cdk synth":';
  expect(() => requireAssembly(assembly)).toThrow(`${refusal} ${assembly} does not exist.`);
  mkdirSync(assembly);
  expect(() => requireAssembly(assembly)).toThrow(`${refusal} ${assembly} contains no manifest.json.`);
  writeFileSync(join(assembly, 'manifest.json'), '{}');
  requireAssembly(assembly);
});

it('creates a data folder, and refuses one that cannot be written', async () => {
  const data = join(folder, 'a', 'b');
  await requireWritable(data);
  expect(existsSync(data)).toBe(true);
  const file = join(folder, 'file');
  writeFileSync(file, '');
  await expect(requireWritable(file)).rejects.toThrow(
    `--data must be a folder that can be written, not ${file} (EEXIST).`,
  );
  await expect(requireWritable(join(file, 'below'))).rejects.toThrow(/\(ENOTDIR\)\.$/);
});
