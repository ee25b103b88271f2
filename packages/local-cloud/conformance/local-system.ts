import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startCloud } from '../src/cloud/cloud.ts';
import type { Log } from '../src/core/log.ts';
import { writeAssembly } from './stack.ts';
import { clientSettings, type System } from './system.ts';

/** What the terminal shows of refused calls and lost events is asked for here. */
const log: Log = { info() {}, warn() {}, error() {}, trace() {} };

/** The local cloud as `npm start` runs it, in this process, on free ports and with a folder of its own. */
export async function startLocalSystem(): Promise<System> {
  const folder = await mkdtemp(join(tmpdir(), 'conformance-'));
  const assembly = join(folder, 'assembly');
  await writeAssembly(assembly);
  const data = join(folder, 'data');
  const cloud = await startCloud({ assembly, data, fresh: true, port: 0, awsPort: 0, pagePort: 0, log });
  return {
    settings: clientSettings(cloud.urls.aws),
    local: { url: cloud.urls.local },
    async stop() {
      await cloud.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
