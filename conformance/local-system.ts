import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { realClock } from '../local/clock.ts';
import { account, startCloud } from '../local/cloud.ts';
import { DynamoDb } from '../local/dynamodb/dynamodb.ts';
import { TableResource } from '../local/dynamodb/table-resource.ts';
import type { Log } from '../local/log.ts';
import { resourceTypes } from '../local/resource-types.ts';
import { Template } from '../local/template/template.ts';
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
  const cloud = await startCloud({ assembly, data, fresh: true, port: 0, awsPort: 0, log });
  const dynamoDb = await DynamoDb.open({
    folder: join(folder, 'streams'),
    tables: new Template(assembly, account, resourceTypes).resources(TableResource),
    account,
    clock: realClock,
  });
  return {
    settings: clientSettings(cloud.awsUrl),
    local: { url: cloud.url, dynamoDb },
    async stop() {
      await cloud.close();
      await dynamoDb.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
