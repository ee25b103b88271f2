import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { temporaryFolder } from 'local-cloud/fixtures/temporary-folder';
import { synthesizedAssembly } from '../../testing/assembly.ts';

const folder = temporaryFolder();

describe('the CDK app', () => {
  it('fails with one line if a setting is invalid', () => {
    const { status, stdout, stderr } = spawnSync(process.execPath, ['bin/app.mjs'], {
      env: {
        ...process.env,
        CDK_OUTDIR: folder,
        CDK_CONTEXT_JSON: JSON.stringify({ restBurst: 'lots', foo: '1', '@aws-cdk/core:flag': true }),
      },
      encoding: 'utf8',
    });
    expect({ status, stdout, stderr }).toEqual({
      status: 1,
      stdout: '',
      stderr:
        '-c foo: there is no such setting, only stage, restRate, restBurst, postRate, postBurst, webSocketRate, alarmEmail, monthlyBudget, page, waf, archiveDays; ' +
        '-c restBurst: must be a whole number above 0, not "lots"\n',
    });
  }, 30_000);

  it('fails with the reason alone if a handler does not compile', () => {
    const project = join(folder, 'broken');
    mkdirSync(join(project, 'lambdas'), { recursive: true });
    writeFileSync(join(project, 'lambdas/broken.ts'), 'const x = ;');
    for (const name of ['bin', 'node_modules', 'web']) symlinkSync(resolve(name), join(project, name));
    const { status, stderr } = spawnSync(process.execPath, ['bin/app.mjs'], {
      cwd: project,
      env: { ...process.env, CDK_OUTDIR: join(project, 'out') },
      encoding: 'utf8',
    });
    expect({ status, stderr }).toEqual({
      status: 1,
      stderr: 'Build failed with 1 error:\nlambdas/broken.ts:1:10: ERROR: Unexpected ";"\n',
    });
  }, 30_000);

  it('does not run cdk-nag for the local cloud, which runs experiments too', async () => {
    expect(readdirSync(await synthesizedAssembly())).not.toContain('validation-report.json');
  });
});
