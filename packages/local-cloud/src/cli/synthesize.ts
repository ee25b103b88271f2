import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod/mini';
import { parseJson } from '../core/json.ts';
import { SharedCache } from './shared-cache.mjs';
import { correctSourceMaps } from './source-maps.ts';

const CdkJson = z.object({ app: z.string(), context: z._default(z.record(z.string(), z.unknown()), {}) });

export interface Synthesis {
  /** The folder with the app's `cdk.json`, in which the app runs. */
  project: string;
  /** The sources of the cloud assembly, files and folders relative to `project`. */
  sources: string[];
  /** The folder for the assemblies. */
  cache: string;
  /** The settings of the stack, as set by `-c name=value`. */
  context: Record<string, string>;
}

/**
 * Synthesizes a CDK app as `cdk synth` does. Returns the folder of the cloud assembly, which it
 * caches: the app runs again only if a source, a setting or the version of Node.js changes.
 * @throws {Error} if the app fails; the message contains its output
 */
export async function synthesize({ project, sources, cache, context }: Synthesis): Promise<string> {
  const { app, context: defaults } = await readCdkJson(project);
  const shared = new SharedCache(cache);
  const assembly = await shared.use(await fingerprint(project, sources, context));
  if (existsSync(assembly)) return assembly;
  await shared.create(assembly, async (unfinished) => {
    await run(app, project, {
      ...process.env,
      CDK_OUTDIR: unfinished,
      CDK_CONTEXT_JSON: JSON.stringify({ ...defaults, ...context, 'aws:cdk:enable-path-metadata': true }),
      // Validation takes most of the time of a synthesis; `cdk synth` and the tests do it.
      CDK_VALIDATION: 'false',
      // The CDK records where the app creates each resource. Node.js's 10 frames often end within
      // the CDK; 50 cost 3 % of a synthesis.
      NODE_OPTIONS: `${process.env.NODE_OPTIONS ?? ''} --stack-trace-limit=50`.trim(),
    });
    // The AWS CLI for the bucket deployment's function: 22 MB for each assembly, which only a
    // deployment needs.
    const layers = (await readdir(unfinished)).filter((file) => file.endsWith('.zip'));
    await Promise.all(layers.map((file) => rm(join(unfinished, file))));
    await correctSourceMaps(unfinished, project);
  });
  return assembly;
}

async function readCdkJson(project: string): Promise<z.infer<typeof CdkJson>> {
  const file = join(project, 'cdk.json');
  if (!existsSync(file)) throw new Error(`There is no ${file}. It must contain the command "app".`);
  const { data } = CdkJson.safeParse(parseJson(await readFile(file, 'utf8')));
  if (!data)
    throw new Error(`${file} must be a JSON object with the text "app", the command that runs the app.`);
  return data;
}

async function fingerprint(
  project: string,
  sources: string[],
  context: Record<string, string>,
): Promise<string> {
  const hash = createHash('sha256').update(JSON.stringify([context, process.version]));
  const files = await Promise.all(sources.map((source) => filesIn(join(project, source))));
  for (const file of files.flat().sort()) hash.update(`\0${file}\0`).update(await readFile(file));
  return hash.digest('hex').slice(0, 16);
}

/** Returns the files below a folder, or the file itself. */
async function filesIn(path: string): Promise<string[]> {
  if (!existsSync(path))
    throw new Error(`There is no ${path}, which is one of the sources of the configuration file.`);
  if ((await stat(path)).isFile()) return [path];
  const entries = await readdir(path, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}

function run(command: string, cwd: string, env: NodeJS.ProcessEnv): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, { cwd, env, shell: true, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk));
    child.on('error', reject);
    child.on('close', (code) =>
      code === 0
        ? resolve()
        : reject(
            new Error(`Synthesizing the stack failed: ${output.trim() || `${command} exited with ${code}.`}`),
          ),
    );
  });
}
