import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod/mini';

const CdkJson = z.object({ app: z.string(), context: z._default(z.record(z.string(), z.unknown()), {}) });

/** Everything that the assembly is made from. */
const SOURCE_FOLDERS = ['bin', 'lib', 'lambdas', 'model', 'web'];
const SOURCE_FILES = ['cdk.json', 'package-lock.json', 'tsconfig.json'];

/**
 * Synthesizes the CDK app as `cdk synth` would, and keeps the cloud assembly for as long as nothing that it is made
 * from changes.
 * @param project the top folder of the repository
 * @param cache the folder for the assemblies
 * @param context what `-c name=value` sets
 * @returns the folder of the assembly
 * @throws what the app printed, if it failed
 */
export async function synthesize(
  project: string,
  cache: string,
  context: Record<string, string>,
): Promise<string> {
  const assembly = join(cache, await fingerprint(project, context));
  if (existsSync(assembly)) return assembly;
  const { app, context: defaults } = CdkJson.parse(
    JSON.parse(await readFile(join(project, 'cdk.json'), 'utf8')),
  );
  await mkdir(cache, { recursive: true });
  const unfinished = await mkdtemp(`${assembly}.`);
  try {
    await run(app, project, {
      ...process.env,
      CDK_OUTDIR: unfinished,
      CDK_CONTEXT_JSON: JSON.stringify({ ...defaults, ...context, 'aws:cdk:enable-path-metadata': true }),
      // Validation is most of the time that synthesis takes; `cdk synth` and the tests do it.
      CDK_VALIDATION: 'false',
    });
    // The AWS CLI of the bucket deployment's function: 22 MB for each assembly, of use to a deployment only.
    const layers = (await readdir(unfinished)).filter((file) => file.endsWith('.zip'));
    await Promise.all(layers.map((file) => rm(join(unfinished, file))));
    // Another run may have come first; then its assembly is as good.
    await rename(unfinished, assembly).catch(() => {});
  } finally {
    await rm(unfinished, { recursive: true, force: true });
  }
  return assembly;
}

async function fingerprint(project: string, context: Record<string, string>): Promise<string> {
  const hash = createHash('sha256').update(JSON.stringify([context, process.version]));
  const nested = await Promise.all(
    SOURCE_FOLDERS.map(async (folder) => {
      const entries = await readdir(join(project, folder), { recursive: true, withFileTypes: true });
      return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
    }),
  );
  const files = [...nested.flat().sort(), ...SOURCE_FILES.map((file) => join(project, file))];
  for (const file of files) hash.update(`\0${file}\0`).update(await readFile(file));
  return hash.digest('hex').slice(0, 16);
}

function run(command: string, cwd: string, env: NodeJS.ProcessEnv): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, { cwd, env, shell: true, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk));
    child.on('error', reject);
    child.on('close', (code) =>
      code === 0 ? resolve() : reject(new Error(`Synthesizing the stack failed.\n${output}`)),
    );
  });
}
