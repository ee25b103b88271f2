import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { type IncomingMessage, request } from 'node:http';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { DynamoDB } from '@aws-sdk/client-dynamodb';
import { EventBridge } from '@aws-sdk/client-eventbridge';
import { type Cloud, startCloud } from '../../src/cloud/cloud.ts';
import { functionResource, writeAssembly } from '../fixtures/assembly.ts';
import { eventually } from '../fixtures/eventually.ts';
import { RecordedLog } from '../fixtures/recorded-log.ts';
import { temporaryFolder } from '../fixtures/temporary-folder.ts';

const folder = temporaryFolder();
const log = new RecordedLog();
const busy = createServer();

/** Resources that are skipped, and a rule, a table and a function that use them. */
const unsupported = {
  Rest: { Type: 'AWS::ApiGateway::RestApi', Properties: { Name: 'rest', Policy: {} } },
  Failures: { Type: 'AWS::SQS::Queue', Properties: { FifoQueue: true } },
  Orders: {
    Type: 'AWS::DynamoDB::Table',
    Properties: {
      AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
      KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
      ResourcePolicy: {},
      StreamSpecification: { StreamViewType: 'NEW_IMAGE' },
    },
  },
  Ship: functionResource('ship', { VpcConfig: {} }),
  ShipOrders: {
    Type: 'AWS::Lambda::EventSourceMapping',
    Properties: {
      EventSourceArn: { 'Fn::GetAtt': ['Orders', 'StreamArn'] },
      FunctionName: { Ref: 'Ship' },
      StartingPosition: 'LATEST',
    },
  },
  Shipping: {
    Type: 'AWS::Events::Rule',
    Properties: {
      Name: 'shipping',
      EventPattern: { source: ['shop'] },
      Targets: [
        {
          Id: 'ship',
          Arn: { 'Fn::GetAtt': ['Ship', 'Arn'] },
          DeadLetterConfig: { Arn: { 'Fn::GetAtt': ['Failures', 'Arn'] } },
        },
        { Id: 'stream', Arn: { 'Fn::GetAtt': ['Stream', 'Arn'] } },
      ],
    },
  },
  Stream: { Type: 'AWS::Kinesis::Stream' },
};

let cloud: Cloud;

async function portInUse(): Promise<number> {
  busy.listen(0, '127.0.0.1');
  await once(busy, 'listening');
  const address = busy.address();
  return typeof address === 'object' ? (address?.port ?? 0) : 0;
}

let pagePort: number;
let assembly: string;

/** Starts a cloud with the data in a folder. */
function start(data: string, { fresh = false, log = new RecordedLog() } = {}): Promise<Cloud> {
  const ports = { port: 0, awsPort: 0, pagePort };
  return startCloud({ ...ports, assembly, data, fresh, log, skipUnsupported: true });
}

beforeAll(async () => {
  const ApiId = { Ref: 'Api' };
  assembly = writeAssembly(folder, {
    Resources: {
      Api: {
        Type: 'AWS::ApiGatewayV2::Api',
        Properties: {
          Name: 'api',
          ProtocolType: 'WEBSOCKET',
          RouteSelectionExpression: '$request.body.action',
        },
      },
      Stage: {
        Type: 'AWS::ApiGatewayV2::Stage',
        Properties: { ApiId, StageName: 'prod', AutoDeploy: true },
      },
      ...unsupported,
    },
  });
  // The template has no web page, so the start must not need this port.
  pagePort = await portInUse();
  cloud = await start(join(folder, 'data'), { log });
});
afterAll(async () => {
  busy.close();
  await cloud.close();
});

it('needs no port for a web page if the template has none', () => {
  expect(cloud.urls.webPage).toBeUndefined();
});

it('refuses data that another cloud uses, even to delete it', async () => {
  const used = /^The data in .* is used by another local cloud, process \d+\. Stop that one/;
  await expect(start(join(folder, 'data'))).rejects.toThrow(used);
  await expect(start(join(folder, 'data'), { fresh: true })).rejects.toThrow(used);
});

it('refuses data of an earlier version, until a fresh start deletes it', async () => {
  const data = join(folder, 'earlier');
  mkdirSync(join(data, 'dynamodb'), { recursive: true });
  await expect(start(data)).rejects.toThrow(
    /^The data in .* is of an earlier version of the local cloud: start with --fresh to delete the data\.$/,
  );
  await (await start(data, { fresh: true })).close();
  await (await start(data)).close();
});

it('closes a connection whose handshake cannot be read, and keeps running', async () => {
  const { hostname, port } = new URL(cloud.urls.local);
  const socket = connect(Number(port), hostname);
  socket.write(
    'GET *:99999 HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n',
  );
  socket.resume();
  await once(socket, 'close');
  expect(log.errors).toContainEqual(expect.stringContaining('websocket: the handshake failed'));
  expect((await fetch(`${cloud.urls.local}/_local/health`)).status).toBe(200);
});

it('reports edited sources that do not compile', async () => {
  const health = async () => (await fetch(`${cloud.urls.local}/_local/health`)).json();
  cloud.buildFailures.set('handlers', 'Error: line 7 is wrong');
  expect(await health()).toEqual({ status: 'ok', buildFailures: { handlers: 'Error: line 7 is wrong' } });
  cloud.buildFailures.clear();
  expect(await health()).toEqual({ status: 'ok' });
});

describe('without what is not supported', () => {
  const because = 'is skipped, because the local cloud does not support it.';

  it('says at the start what is skipped, and what does not start without it', () => {
    const skipped = log.warnings.filter((line) => line.startsWith('template: skipped: '));
    expect(skipped.map((line) => /skipped: (\w+)/.exec(line)?.[1]).sort()).toEqual(
      ['Failures', 'Orders', 'Rest', 'Ship', 'Shipping', 'Stream'].sort(),
    );
    expect(log.warnings).toContainEqual(
      `template: the event source mapping of ship does not start. Orders (AWS::DynamoDB::Table) ${because} The property ResourcePolicy is not supported.`,
    );
  });

  it('answers requests to an API with the reason', async () => {
    const answer = await fetch(`${cloud.urls.local}/orders`);
    expect(answer.status).toBe(404);
    expect(await answer.text()).toBe(
      `Rest (AWS::ApiGateway::RestApi) ${because} The property Policy is not supported.`,
    );
  });

  it('fails the delivery to a target, with the reason', async () => {
    const eventBridge = new EventBridge({ endpoint: cloud.urls.aws });
    await eventBridge.putEvents({ Entries: [{ Source: 'shop', DetailType: 'Ordered', Detail: '{}' }] });
    const ship = `Ship (AWS::Lambda::Function) ${because} The property VpcConfig is not supported.`;
    const queue = `Failures (AWS::SQS::Queue) ${because} The property FifoQueue is not supported.`;
    await eventually(() =>
      expect(log.errors).toEqual(
        expect.arrayContaining([
          expect.stringMatching(
            /^shipping: Parts of Shipping .* are skipped, .* They refer to other resources/,
          ),
          `lambda: ${ship}`,
          expect.stringContaining(`given up after 0 retries (NO_RESOURCE: ${ship})`),
          expect.stringContaining(`LOST, Stack-Failures did not accept it: UnsupportedResource: ${queue}`),
        ]),
      ),
    );
  });

  it('refuses a call about one of several resources', async () => {
    const dynamoDb = new DynamoDB({ endpoint: cloud.urls.aws });
    const Keys = [{ id: { S: '1' } }];
    await expect(dynamoDb.batchGetItem({ RequestItems: { 'Stack-Orders': { Keys } } })).rejects.toThrow(
      expect.objectContaining({
        name: 'UnsupportedResource',
        message: `Orders (AWS::DynamoDB::Table) ${because} The property ResourcePolicy is not supported.`,
      }),
    );
  });
});

describe('a page of another site', () => {
  const ask = async (url: string, headers: Record<string, string>, method = 'GET') => {
    const sent = request(url, { method, headers }).end();
    const [answer]: IncomingMessage[] = await once(sent, 'response');
    return { status: answer?.statusCode, body: answer && (await text(answer)) };
  };

  it('reaches no port under a name that it resolves to this machine', async () => {
    for (const url of [cloud.urls.local, cloud.urls.aws, `${cloud.urls.aws}/confirmation.html`])
      expect(await ask(url, { host: 'evil.example:3000' })).toMatchObject({ status: 403 });
  });

  it('reads and changes nothing under its own name', async () => {
    const foreign = { origin: 'https://evil.example' };
    for (const path of ['', 'emails', 'outputs', 'dead-letters', 'connections', 'health', 'faults', 'inbox'])
      expect(await ask(`${cloud.urls.local}/_local/${path}`, foreign)).toMatchObject({ status: 403 });
    for (const path of ['faults', 'flow/send', 'flow/nodes/Api/test', 'dead-letters/queue/redrive'])
      expect(await ask(`${cloud.urls.local}/_local/${path}`, foreign, 'POST')).toMatchObject({ status: 403 });
    for (const path of ['faults', 'emails', 'emails/1', 'dead-letters/queue', 'dead-letters/queue/1'])
      expect(await ask(`${cloud.urls.local}/_local/${path}`, foreign, 'DELETE')).toMatchObject({
        status: 403,
      });
    const authorization =
      'AWS4-HMAC-SHA256 Credential=local/20260131/us-east-1/dynamodb/aws4_request, Signature=0';
    const call = { authorization, 'x-amz-target': 'DynamoDB_20120810.ListTables' };
    expect(await ask(cloud.urls.aws, call, 'POST')).toMatchObject({ status: 200 });
    expect(await ask(cloud.urls.aws, { ...call, ...foreign }, 'POST')).toMatchObject({ status: 403 });
    expect(await ask(cloud.urls.aws, foreign, 'OPTIONS')).toMatchObject({ status: 403 });
  });

  it.each([
    ['inbox', () => `${cloud.urls.local}/_local/inbox`],
    ['confirmation page', () => `${cloud.urls.aws}/confirmation.html`],
    ['unsubscribe page', () => `${cloud.urls.aws}/unsubscribe.html`],
    ['dead letters', () => `${cloud.urls.local}/_local/dead-letters`],
  ])('cannot frame the %s', async (_what, url) => {
    const { headers } = await fetch(url());
    expect(headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
    expect(headers.get('x-frame-options')).toBe('DENY');
  });
});
