import { execFileSync } from 'node:child_process';
import { readFile, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { bundleHandlers, bundling, handlerNames } from '../../bin/bundle-handlers.ts';
import { median } from './statistics.ts';

/** The bundle of a handler, or a bundle to compare it with. */
export interface Bundle {
  name: string;
  kilobytes: number;
  /** The CPU times that `import()` takes in new processes, in milliseconds. */
  importTimes: number[];
}

/** A handler and its floor: a bundle that only constructs the same SDK clients. */
export interface HandlerFigures {
  handler: Bundle;
  floor: Bundle;
}

/**
 * Builds the handlers, their floors, and `create-post` as CommonJS with the full zod. Imports each
 * of them `runs` times, in turn.
 * @param folder for the bundles
 */
export async function measureHandlers(
  folder: string,
  runs: number,
): Promise<{ handlers: HandlerFigures[]; commonJs: Bundle }> {
  await bundleHandlers(join(folder, 'handlers'));
  const commonJs = join(folder, 'create-post.cjs');
  await build({
    ...bundling,
    stdin: {
      contents: `export * as z from 'zod'; export * from './lambdas/create-post.ts';`,
      resolveDir: process.cwd(),
    },
    outfile: commonJs,
    format: 'cjs',
    mainFields: ['main'],
    banner: {},
  });
  const files = new Map<string, string>([['create-post as CommonJS with full zod', commonJs]]);
  for (const name of handlerNames()) {
    const floor = join(folder, `${name}.floor.mjs`);
    const contents = floorOf(await sourcesOf(join('lambdas', `${name}.ts`)));
    await build({ ...bundling, stdin: { contents, resolveDir: process.cwd() }, outfile: floor });
    files.set(name, join(folder, 'handlers', name, `${name}.mjs`)).set(`${name} floor`, floor);
  }

  const times = new Map([...files.keys()].map((name): [string, number[]] => [name, []]));
  for (let run = 0; run < runs; run++) {
    for (const [name, file] of files) times.get(name)?.push(importTime(file));
  }
  const figures = async (name: string): Promise<Bundle> => ({
    name,
    kilobytes: (await stat(files.get(name) ?? '')).size / 1024,
    importTimes: times.get(name) ?? [],
  });
  return {
    handlers: await Promise.all(
      handlerNames().map(async (name) => ({
        handler: await figures(name),
        floor: await figures(`${name} floor`),
      })),
    ),
    commonJs: await figures('create-post as CommonJS with full zod'),
  };
}

/** Returns the import time of a handler divided by that of its floor. */
export function ratio(handler: Bundle, floor: Bundle): number {
  return median(handler.importTimes) / median(floor.importTimes);
}

/** Returns the sources of a module of this project, after those of the modules that it imports. */
async function sourcesOf(file: string): Promise<string> {
  const source = await readFile(file, 'utf8');
  const imported = [...source.matchAll(/^(?:import|export) (?!type)[^;]*? from '(\.[^']*)';/gms)];
  const sources = await Promise.all(imported.map(([, path = '']) => sourcesOf(join(dirname(file), path))));
  return [...sources, source].join('\n');
}

/** Returns a module that only imports and constructs the clients of a handler, each once. */
function floorOf(source: string): string {
  const imports = [...source.matchAll(/\b(\w+Client)\b[^;]*?} from '(@aws-sdk\/client-[\w-]+)'/g)];
  const lines = imports.map(
    ([, client, module]) => `import { ${client} } from '${module}';\nnew ${client}({});\n`,
  );
  return [...new Set(lines)].join('');
}

/** Returns the CPU time, which other load on the machine changes less than the duration. */
function importTime(file: string): number {
  const script = `const start = process.cpuUsage(); await import(${JSON.stringify(pathToFileURL(file).href)});
    const { user, system } = process.cpuUsage(start); console.log((user + system) / 1000);`;
  const env = {
    ...process.env,
    AWS_REGION: 'us-east-1',
    AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
  };
  return Number(
    execFileSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8', env }),
  );
}
