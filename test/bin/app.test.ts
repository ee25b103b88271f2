import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
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
        '-c foo: there is no such setting, only stage, restRate, restBurst, postRate, postBurst, webSocketRate, page, waf; ' +
        '-c restBurst: must be a whole number above 0, not "lots"\n',
    });
  }, 30_000);

  it('does not run cdk-nag for the local cloud, which runs experiments too', async () => {
    expect(readdirSync(await synthesizedAssembly())).not.toContain('validation-report.json');
  });
});
