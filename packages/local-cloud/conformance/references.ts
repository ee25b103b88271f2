import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { DynamoDB } from '@aws-sdk/client-dynamodb';
import { EventBridge } from '@aws-sdk/client-eventbridge';
import { SNS } from '@aws-sdk/client-sns';
import { SQS } from '@aws-sdk/client-sqs';
import { account } from '../src/cloud/account.ts';
import { busName, queues, StreamViewType, tables, topicName } from './stack.ts';
import { clientSettings, type System } from './system.ts';

/**
 * The package with which AWS distributes DynamoDB Local. Only its jars are used, so its
 * dependencies are not installed.
 */
const jars = {
  spec: 'amplify-dynamodb-simulator@2.9.30',
  file: 'amplify-dynamodb-simulator-2.9.30.tgz',
  sha512: 'xTeeRLvzEfqyd5lh3bH4c0kHvSHHmmhD5ZDsHFKAQ5g2Zl6JqlFdutaQhCLHzxEp6Ry1o7TB6niIoXuQAnSewQ==',
};

/**
 * Starts AWS's DynamoDB Local, which needs a JDK 17 or later. Downloads the jars once, into
 * `node_modules/.cache`.
 */
export async function startDynamoDbLocal(): Promise<System> {
  const folder = join(await fetchJars(), 'package', 'emulator');
  const libraries = join(folder, 'DynamoDBLocal_lib');
  const system = await run('java', [
    `-Djava.library.path=${libraries}`,
    '-cp',
    [folder, join(folder, 'DynamoDBLocal.jar'), join(libraries, '*')].join(delimiter),
    resolve('packages/local-cloud/conformance/references/LoopbackDynamoDbLocal.java'),
  ]);
  const dynamoDb = new DynamoDB(system.settings);
  const StreamSpecification = { StreamEnabled: true, StreamViewType } as const;
  for (const [TableName, properties] of Object.entries(tables)) {
    await dynamoDb.createTable({ TableName, ...properties, StreamSpecification });
  }
  return system;
}

/**
 * Starts moto for SNS, SQS and EventBridge. Needs Python and `pip install 'moto[server]==5.2.1'`.
 */
export async function startMoto(): Promise<System> {
  const system = await run('moto_server', ['-H', '127.0.0.1', '-p', '0']);
  for (const [QueueName, properties] of Object.entries(queues)) {
    const attributes = Object.entries(properties).map(([name, value]) => [name, JSON.stringify(value)]);
    await new SQS(system.settings).createQueue({ QueueName, Attributes: Object.fromEntries(attributes) });
  }
  await new SNS(system.settings).createTopic({ Name: topicName });
  await new EventBridge(system.settings).createEventBus({ Name: busName });
  return system;
}

async function fetchJars(): Promise<string> {
  const folder = resolve('node_modules/.cache/conformance');
  const file = join(folder, jars.file);
  if (existsSync(join(folder, 'package'))) return folder;
  await mkdir(folder, { recursive: true });
  const execute = promisify(execFile);
  await execute('npm', ['pack', '--silent', '--pack-destination', folder, jars.spec]);
  const sha512 = createHash('sha512')
    .update(await readFile(file))
    .digest('base64');
  if (sha512 !== jars.sha512)
    throw new Error(
      `${file} has the hash ${sha512} instead of the pinned one. Delete it and run the command again.`,
    );
  await execute('tar', ['-xzf', file, '-C', folder]);
  return folder;
}

/** Starts a server, and waits until it prints `Running on <url>`. */
async function run(command: string, parameters: string[]): Promise<System> {
  const child = spawn(command, parameters, {
    // DynamoDB Local writes a file into its working directory.
    cwd: tmpdir(),
    env: { ...process.env, MOTO_ACCOUNT_ID: account.id },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const url = await Promise.race([announcedUrl(child), failure(child, command)]);
  return {
    settings: clientSettings(url),
    async stop() {
      const ended = once(child, 'exit');
      child.kill();
      await ended;
    },
  };
}

function announcedUrl({ stdout, stderr }: ChildProcess): Promise<string> {
  return new Promise((found) => {
    for (const input of [stdout, stderr]) {
      if (!input) continue;
      createInterface({ input }).on('line', (line) => {
        const url = /Running on (http:\S+)/.exec(line)?.[1];
        if (url) found(url);
      });
    }
  });
}

async function failure(child: ChildProcess, command: string): Promise<never> {
  const [code] = await once(child, 'exit');
  throw new Error(`${command} exited with ${code} before it was ready.`);
}
