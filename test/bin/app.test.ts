import { spawnSync } from 'node:child_process';
import { temporaryFolder } from 'local-cloud/fixtures/temporary-folder';

const folder = temporaryFolder();

describe('the CDK app', () => {
  it('fails with one line if a setting is invalid', () => {
    const { status, stdout, stderr } = spawnSync(process.execPath, ['--import', 'tsx/esm', 'bin/app.ts'], {
      env: { ...process.env, CDK_OUTDIR: folder, CDK_CONTEXT_JSON: JSON.stringify({ restBurst: 'lots' }) },
      encoding: 'utf8',
    });
    expect({ status, stdout, stderr }).toEqual({
      status: 1,
      stdout: '',
      stderr: '-c restBurst: must be a whole number above 0\n',
    });
  }, 30_000);
});
