import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { guards } from '../../../checks/fault-matrix/guards.ts';

const sources = ['lambdas', 'model']
  .flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((file) => join(folder, file)),
  )
  .filter((file) => file.endsWith('.ts'));

const edits = guards.flatMap(({ name, removal }) => ('file' in removal ? [{ name, ...removal }] : []));

// The verification of the guards would take minutes to detect this.
it.each(edits)('finds the text that it removes for $name exactly once in $file', ({ file, text }) => {
  const found = sources.filter((source) => basename(source) === file);
  expect(found.map((source) => readFileSync(source, 'utf8').split(text).length - 1)).toEqual([1]);
});
