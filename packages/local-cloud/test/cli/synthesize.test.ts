import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { synthesize } from '../../src/cli/synthesize.ts';
import { temporaryFolder } from '../fixtures/temporary-folder.ts';

const parent = temporaryFolder();

/** Creates a project whose app records its runs in the file `runs`, and its context in the assembly. */
function newProject() {
  const project = mkdtempSync(join(parent, 'project-'));
  for (const folder of ['bin', 'lambdas']) mkdirSync(join(project, folder));
  const sources = ['bin', 'lambdas', 'cdk.json'];
  writeFileSync(
    join(project, 'bin', 'app.cjs'),
    `const { appendFileSync, writeFileSync } = require('node:fs');
    appendFileSync('runs', 'x');
    if (process.env.CDK_CONTEXT_JSON.includes('broken')) { console.error('line 7 is wrong'); process.exit(1); }
    writeFileSync(process.env.CDK_OUTDIR + '/asset.layer.zip', 'large');
    writeFileSync(process.env.CDK_OUTDIR + '/context.json', process.env.CDK_CONTEXT_JSON);`,
  );
  writeFileSync(join(project, 'cdk.json'), '{"app":"node bin/app.cjs","context":{"a":1,"b":2}}');
  const cache = join(project, 'cache', 'assemblies');
  return {
    project,
    cache,
    synthesize: (context: Record<string, string> = {}) => synthesize({ project, sources, cache, context }),
    runs: () => readFileSync(join(project, 'runs'), 'utf8').length,
  };
}

it('runs the app with the context of cdk.json and of the command line', async () => {
  const { synthesize } = newProject();
  const assembly = await synthesize({ b: '3' });
  expect(JSON.parse(readFileSync(join(assembly, 'context.json'), 'utf8'))).toEqual({
    a: 1,
    b: '3',
    'aws:cdk:enable-path-metadata': true,
  });
});

it('keeps no zipped layer, which only a deployment needs', async () => {
  const { synthesize } = newProject();
  expect(readdirSync(await synthesize())).toEqual(['context.json']);
});

it('runs the app again only if a source of the assembly has changed', async () => {
  const { project, synthesize, runs } = newProject();
  const first = await synthesize();
  expect(await synthesize()).toBe(first);
  writeFileSync(join(project, 'README.md'), 'changed');
  expect(await synthesize()).toBe(first);
  expect(runs()).toBe(1);
  writeFileSync(join(project, 'lambdas', 'new.ts'), '');
  const second = await synthesize();
  expect(second).not.toBe(first);
  expect(await synthesize({ c: '1' })).not.toBe(second);
  expect(runs()).toBe(3);
  rmSync(join(project, 'lambdas', 'new.ts'));
  expect(await synthesize()).toBe(first);
  expect(runs()).toBe(3);
});

it('throws with the output of the app if it fails, and keeps no assembly', async () => {
  const { cache, synthesize } = newProject();
  await expect(synthesize({ broken: 'yes' })).rejects.toThrow('line 7 is wrong');
  expect(readdirSync(cache)).toEqual([]);
});

it('creates one assembly for two concurrent calls', async () => {
  const { cache, synthesize } = newProject();
  const [one, other] = await Promise.all([synthesize(), synthesize()]);
  expect(one).toBe(other);
  expect(readdirSync(cache)).toHaveLength(1);
  expect(readdirSync(one)).toEqual(['context.json']);
});

it('says what is wrong with a project', async () => {
  const { project, synthesize } = newProject();
  rmSync(join(project, 'lambdas'), { recursive: true });
  await expect(synthesize()).rejects.toThrow(
    `There is no ${join(project, 'lambdas')}, which is one of the sources of the configuration file.`,
  );
  writeFileSync(join(project, 'cdk.json'), '{');
  await expect(synthesize()).rejects.toThrow(`${join(project, 'cdk.json')} must be a JSON object`);
  rmSync(join(project, 'cdk.json'));
  await expect(synthesize()).rejects.toThrow(`There is no ${join(project, 'cdk.json')}.`);
});
