import { existsSync } from 'node:fs';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, isAbsolute, join, relative, resolve } from 'node:path';
import * as z from 'zod/mini';
import { parseJson } from '../core/json.ts';

const SourceMap = z.looseObject({
  sources: z.array(z.nullable(z.string())),
  sourceRoot: z.optional(z.string()),
});
type SourceMap = z.infer<typeof SourceMap>;

const INLINE =
  /^(\/\/# sourceMappingURL=data:application\/json;(?:charset=utf-8;)?base64,)([A-Za-z0-9+/=]+)/m;

/**
 * Corrects the source maps of the assets in a cloud assembly, both files and inline ones. An app
 * writes a bundle into some folder, to which its map is relative, and the CDK copies it into the
 * folder of an asset. A source that does not exist there is looked up in the project and in the
 * folders above it. A source that is not found stays unchanged.
 * @param project the folder that the app runs in
 */
export async function correctSourceMaps(assembly: string, project: string): Promise<void> {
  const folders = (await readdir(assembly, { withFileTypes: true })).filter(
    (entry) => entry.isDirectory() && entry.name.startsWith('asset.'),
  );
  const find = sourceFinder(project);
  await Promise.all(
    folders.map(async ({ name }) => {
      for (const entry of await readdir(join(assembly, name), { recursive: true, withFileTypes: true }))
        if (entry.isFile()) await correctFile(join(entry.parentPath, entry.name), find);
    }),
  );
}

async function correctFile(file: string, find: Find): Promise<void> {
  const isMap = /\.[mc]?js\.map$/.test(file);
  if (!isMap && !/\.[mc]?js$/.test(file)) return;
  const text = await readFile(file, 'utf8');
  const correct = (map: string): string => corrected(map, dirname(file), find);
  const result = isMap
    ? correct(text)
    : text.replace(
        INLINE,
        (_all, start: string, map: string) =>
          start + Buffer.from(correct(Buffer.from(map, 'base64').toString())).toString('base64'),
      );
  if (result !== text) await writeFile(file, result);
}

/** Returns a source map with the paths of the sources that exist. */
function corrected(text: string, folder: string, find: Find): string {
  const { data: map } = SourceMap.safeParse(parseJson(text));
  if (!map) return text;
  const sources = map.sources.map((source) => source && locate(source, map, folder, find));
  if (sources.every((source, index) => source === map.sources[index])) return text;
  const { sourceRoot: _, ...rest } = map;
  return JSON.stringify({ ...rest, sources });
}

function locate(source: string, { sourceRoot = '' }: SourceMap, folder: string, find: Find): string {
  const path = sourceRoot === '' ? source : `${sourceRoot.replace(/\/$/, '')}/${source}`;
  if (isAbsolute(path) || /^[a-z][a-z\d+.-]*:/i.test(path)) return path;
  if (existsSync(resolve(folder, path))) return path;
  const found = find(path.replace(/^(\.{1,2}\/)+/, ''));
  return found === undefined ? path : relative(folder, found);
}

type Find = (path: string) => string | undefined;

/** Returns a function that finds a relative path in the project or in a folder above it. */
function sourceFinder(project: string): Find {
  const folders = [resolve(project)];
  for (let [folder = ''] = folders; folder !== dirname(folder); ) {
    folder = dirname(folder);
    folders.push(folder);
  }
  const found = new Map<string, string | undefined>();
  return (path) => {
    if (!found.has(path)) found.set(path, folders.map((folder) => join(folder, path)).find(existsSync));
    return found.get(path);
  };
}
