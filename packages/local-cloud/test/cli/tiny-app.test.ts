import { cp, readFile, symlink, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { DynamoDB } from '@aws-sdk/client-dynamodb';
import { EventBridge } from '@aws-sdk/client-eventbridge';
import { Lambda } from '@aws-sdk/client-lambda';
import { SQS } from '@aws-sdk/client-sqs';
import { Architecture } from '../../src/core/steps.ts';
import { CloudProcess } from '../fixtures/cloud-process.ts';
import { eventually } from '../fixtures/eventually.ts';
import { temporaryFolder } from '../fixtures/temporary-folder.ts';

const folder = temporaryFolder();
const project = join(folder, 'app');

/** What a developer may add to the app without knowing whether it is supported. */
const UNSUPPORTED = `new CfnOutput(stack, 'JobsUrl', { value: new Queue(stack, 'Jobs', { fifo: true }).queueUrl });
const key = new Key(stack, 'Key');
key.grantDecrypt(saveOrder.addEnvironment('KEY_ARN', key.keyArn));
new CfnOutput(stack, 'KeyArn', { value: key.keyArn });
import { Key } from 'aws-cdk-lib/aws-kms';
import { Queue } from 'aws-cdk-lib/aws-sqs';
`;

let refusal: unknown;
/** The line of the first addition. */
let line: number;
let cloud: CloudProcess;
let dynamoDb: DynamoDB;
let eventBridge: EventBridge;
beforeAll(async () => {
  // Outside of the repository, with access to the package only.
  await cp(resolve('packages/local-cloud/test/fixtures/tiny-app'), project, { recursive: true });
  await symlink(resolve('node_modules'), join(project, 'node_modules'));
  const file = join(project, 'local-cloud.config.ts');
  const config = await readFile(file, 'utf8');
  // A web page that the stack does not have.
  const webPage = "webPage: { folders: ['web'], bundle: async () => {} },";
  await writeFile(
    file,
    config
      .replace(/'[./]*src\/cli\/config.ts'/, "'local-cloud/config'")
      .replace('functions:', `${webPage} functions:`),
  );
  const app = join(project, 'app.ts');
  const supported = await readFile(app, 'utf8');
  line = supported.split('\n').length;
  await writeFile(app, supported + UNSUPPORTED);
  refusal = await CloudProcess.start([], { project }).catch(String);
  cloud = await CloudProcess.start(['--skip-unsupported'], { project });
  const settings = { endpoint: cloud.awsUrl };
  dynamoDb = new DynamoDB(settings);
  eventBridge = new EventBridge(settings);
}, 120_000);
afterAll(() => cloud.stop());

async function place(id: string): Promise<void> {
  await eventBridge.putEvents({
    Entries: [
      {
        EventBusName: cloud.outputs.ShopBusName,
        Source: 'shop',
        DetailType: 'OrderPlaced',
        Detail: JSON.stringify({ id }),
      },
    ],
  });
}

async function savedOrders(): Promise<unknown[]> {
  const { Items = [] } = await dynamoDb.scan({ TableName: cloud.outputs.OrdersTableName });
  return Items.map(({ id }) => id?.S);
}

it('does not start with what it does not support, and names all of it', () => {
  expect(refusal).toContain(
    `  Tiny/Jobs/Resource (AWS::SQS::Queue), created at app.ts:${line}\n    The property FifoQueue is not supported.\n`,
  );
  expect(refusal).toContain(
    `  Tiny/Key/Resource (AWS::KMS::Key), created at app.ts:${line + 1}\n    The resource type`,
  );
  expect(refusal).toMatch(/See .*\/docs\/resource-types\.md#sqs\n/);
  expect(refusal).toContain('Start without them: npm start -- --skip-unsupported');
});

it('answers calls of what is skipped with a sentence', async () => {
  const sqs = new SQS({ endpoint: cloud.awsUrl });
  const sentence =
    'Tiny/Jobs/Resource (AWS::SQS::Queue) is skipped, because the local cloud does not support it. The property FifoQueue is not supported.';
  await expect(sqs.sendMessage({ QueueUrl: cloud.outputs.JobsUrl, MessageBody: 'job' })).rejects.toThrow(
    expect.objectContaining({ name: 'UnsupportedResource', message: sentence }),
  );
  const answer = await fetch(cloud.awsUrl, {
    method: 'POST',
    headers: {
      Authorization: 'AWS4-HMAC-SHA256 Credential=local/20260101/us-east-1/kms/aws4_request',
      'X-Amz-Target': 'TrentService.DescribeKey',
    },
    body: JSON.stringify({ KeyId: cloud.outputs.KeyArn }),
  });
  expect(answer.status).toBe(400);
  expect(await answer.text()).toContain('Tiny/Key/Resource (AWS::KMS::Key) is skipped');
});

it('runs an app of a rule, a function and a table, with the permissions of its template', async () => {
  await place('first');
  await eventually(async () => expect(await savedOrders()).toEqual(['first']));
  await eventually(() => expect(cloud.output).toContain('The order is saved.'));
});

it('prints the resources of this app and its commands', () => {
  expect(cloud.output).toMatch(/^ {2}Look:\n {4}echo shop\n/m);
  expect(cloud.output).not.toMatch(/REST API|WebSocket API|Web page/);
});

it('says that the stack lacks the web page of the configuration', () => {
  expect(cloud.output).toContain('no web page: the stack has no distribution');
});

it('returns 404 for the APIs that the app does not have', async () => {
  expect((await fetch(`${cloud.url}/orders`)).status).toBe(404);
  const upgrade = await fetch(cloud.url.replace('localhost', '127.0.0.1'), { method: 'POST' });
  expect(upgrade.status).toBe(404);
});

async function architecture() {
  return Architecture.parse(await (await fetch(`${cloud.url}/_local/flow/architecture`)).json());
}

/** Returns the stack trace of the function for an event that is not an order. */
async function traceOfFailure(): Promise<string> {
  const { nodes } = await architecture();
  const FunctionName = `Tiny-${nodes.find(({ label }) => label === 'save-order')?.id}`;
  const answer = await new Lambda({ endpoint: cloud.awsUrl }).invoke({ FunctionName, Payload: '{}' });
  return answer.Payload?.transformToString() ?? '';
}

const SOURCE = /\([^)]*\/app\/handlers\/save-order\.ts:9:\d+\)/;

it('names the source file in a stack trace, from the first start on', async () => {
  expect(await traceOfFailure()).toMatch(SOURCE);
});

it('draws the architecture and the path of an event', async () => {
  const { nodes, edges } = await architecture();
  expect(nodes.map(({ label }) => label).sort()).toEqual([
    'OrderPlaced',
    'OrdersTable',
    'ShopBus',
    'save-order',
  ]);
  expect(edges.length).toBeGreaterThan(3);
});

it('runs an edited handler from the next event on', async () => {
  const file = join(project, 'handlers', 'save-order.ts');
  await writeFile(file, (await readFile(file, 'utf8')).replace('S: id', "S: 'edited '.concat(id)"));
  await eventually(() => expect(cloud.output).toContain('the edited handlers are live'));
  await place('second');
  await eventually(
    async () => expect((await savedOrders()).sort()).toEqual(['edited second', 'first']),
    60_000,
  );
}, 150_000);
