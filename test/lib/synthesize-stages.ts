import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { handlerNames } from '../../bin/bundle-handlers.ts';
import { archiveDays, assemblyOf, cdkContext, rates, type Stage, stages } from './stages.ts';

/** The folders and files from which the stacks are synthesized. */
const sourceFolders = ['bin', 'lib', 'lambdas', 'model'];
const sourceFiles = ['cdk.json', 'package-lock.json', 'test/lib/stages.ts', 'test/lib/synthesize-stages.ts'];

/**
 * Runs once before the tests of `lib`. Synthesizes each stage into its folder, validation report included, unless an
 * earlier run has done so from the same sources.
 */
export default async function synthesizeStages(): Promise<void> {
  const fingerprint = fingerprintOfSources();
  for (const stage of stages) {
    const file = path.join(assemblyOf(stage), 'fingerprint');
    if (existsSync(file) && readFileSync(file, 'utf8') === fingerprint) continue;
    await synthesize(stage);
    writeFileSync(file, fingerprint);
  }
}

function fingerprintOfSources(): string {
  const files = sourceFolders.flatMap((folder) =>
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => path.join(entry.parentPath, entry.name)),
  );
  const hash = createHash('sha256').update(process.version);
  for (const file of [...files.sort(), ...sourceFiles]) hash.update(`\0${file}\0`).update(readFileSync(file));
  return hash.digest('hex');
}

/** Synthesizes one stage as `bin/app.ts` does, with the context of `cdk.json`. Each bundle has one line. */
async function synthesize(stage: Stage): Promise<void> {
  const [{ App, Validations }, { AwsSolutionsChecks }, { BlogStack }] = await Promise.all([
    import('aws-cdk-lib'),
    import('cdk-nag'),
    import('../../lib/blog-stack.ts'),
  ]);
  const outdir = assemblyOf(stage);
  rmSync(outdir, { recursive: true, force: true });
  const handlers = path.join(outdir, 'handlers');
  for (const name of handlerNames())
    write(path.join(handlers, name, `${name}.mjs`), `export const handler = () => '${name}';`);
  const webPage = path.join(outdir, 'web');
  write(path.join(webPage, 'index.html'), '<!doctype html>');
  const app = new App({ analyticsReporting: false, context: cdkContext(), outdir });
  new BlogStack(app, `Blog-${stage}`, {
    handlers,
    webPage,
    stage,
    ...rates,
    archiveDays,
    waf: stage === 'prod',
  });
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
  app.synth();
}

function write(file: string, text: string): void {
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, text);
}
