import { existsSync } from 'node:fs';
import { cp, readdir, readFile, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { build, type Plugin } from 'esbuild';
import { bundling, handlerNames } from '../../bin/bundle-handlers.ts';

/**
 * A change of a source file in `lambdas/` or `model/`, or of a value in the template below a
 * construct's resource.
 */
export type Edit =
  | { file: string; text: string; by: string }
  | { construct: string; at: (string | number)[]; to?: unknown };

/**
 * Copies a cloud assembly into an empty folder and applies edits to it.
 * @throws {Error} if a source does not contain the text to edit exactly once, or the template has
 * no such place
 */
export async function edit(assembly: string, folder: string, edits: Edit[]): Promise<void> {
  await cp(assembly, folder, { recursive: true });
  const sources = edits.filter((one) => 'file' in one);
  if (sources.length > 0) await bundle(folder, sources);
  const file = join(folder, 'Blog-dev.template.json');
  let template: unknown = JSON.parse(await readFile(file, 'utf8'));
  for (const one of edits)
    if ('construct' in one) {
      const at = ['Resources', logicalIdOf(template, one.construct), ...one.at];
      template = replaced(template, at, one.to);
    }
  await writeFile(file, JSON.stringify(template));
}

async function bundle(folder: string, edits: Extract<Edit, { file: string }>[]): Promise<void> {
  const plugin: Plugin = {
    name: 'edits',
    setup({ onLoad }) {
      onLoad({ filter: /\/(lambdas|model)\/.*\.ts$/ }, async ({ path }) => {
        let contents = await readFile(path, 'utf8');
        for (const { text, by } of edits.filter(({ file }) => file === basename(path))) {
          if (contents.split(text).length !== 2)
            throw new Error(`${path} must contain this text exactly once: ${text}`);
          contents = contents.replace(text, () => by);
        }
        return { contents, loader: 'ts' };
      });
    },
  };
  for (const asset of await readdir(folder))
    for (const name of handlerNames()) {
      const outfile = join(folder, asset, `${name}.mjs`);
      if (existsSync(outfile))
        await build({
          ...bundling,
          entryPoints: [join('lambdas', `${name}.ts`)],
          outfile,
          plugins: [plugin],
        });
    }
}

function logicalIdOf(template: unknown, construct: string): string {
  const path = `"aws:cdk:path":"Blog-dev/${construct}/Resource"`;
  const resources = Object.entries(Object(template).Resources);
  const [id] = resources.find(([, resource]) => JSON.stringify(resource).includes(path)) ?? [];
  if (id === undefined) throw new Error(`The template has no construct ${construct}.`);
  return id;
}

/**
 * Returns a copy of a value with another value at a place in it. `undefined` removes the value at
 * that place.
 */
function replaced(value: unknown, [key, ...rest]: (string | number)[], to: unknown): unknown {
  if (key === undefined) return to;
  if (typeof value !== 'object' || value === null || !(key in value))
    throw new Error(`The value to edit has no key ${key}.`);
  const entries = Object.entries(value)
    .map(([name, inner]) => [name, name === String(key) ? replaced(inner, rest, to) : inner] as const)
    .filter(([, inner]) => inner !== undefined);
  return Array.isArray(value) ? entries.map(([, inner]) => inner) : Object.fromEntries(entries);
}
