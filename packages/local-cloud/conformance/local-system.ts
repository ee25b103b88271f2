import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startCloud } from '../src/cloud/cloud.ts';
import type { Log } from '../src/core/log.ts';
import { writeAssembly } from './stack.ts';
import { clientSettings, type System } from './system.ts';

/** Discards the log: the calls cause errors and lost events on purpose. */
const log: Log = { info() {}, warn() {}, error() {}, trace() {} };

/**
 * Starts the local cloud in this process, as `npm start` does, on free ports and with its own
 * folder.
 */
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
