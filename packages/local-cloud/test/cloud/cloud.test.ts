import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { type Cloud, startCloud } from '../../src/cloud/cloud.ts';
import { writeAssembly } from '../fixtures/assembly.ts';
import { RecordedLog } from '../fixtures/recorded-log.ts';
import { temporaryFolder } from '../fixtures/temporary-folder.ts';

const folder = temporaryFolder();
const log = new RecordedLog();
const busy = createServer();
let cloud: Cloud;

async function portInUse(): Promise<number> {
  busy.listen(0, '127.0.0.1');
  await once(busy, 'listening');
  const address = busy.address();
  return typeof address === 'object' ? (address?.port ?? 0) : 0;
}

beforeAll(async () => {
  const ApiId = { Ref: 'Api' };
  const assembly = writeAssembly(folder, {
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
    },
  });
  // The template has no web page, so the start must not need this port.
  const ports = { port: 0, awsPort: 0, pagePort: await portInUse() };
  cloud = await startCloud({ ...ports, assembly, data: join(folder, 'data'), fresh: false, log });
});
afterAll(async () => {
  busy.close();
  await cloud.close();
});

it('needs no port for a web page if the template has none', () => {
  expect(cloud.urls.webPage).toBeUndefined();
});

it('closes a connection whose handshake cannot be read, and keeps running', async () => {
  const { hostname, port } = new URL(cloud.urls.local);
  const socket = connect(Number(port), hostname);
  socket.write('GET *:99999 HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n');
  socket.resume();
  await once(socket, 'close');
  expect(log.errors).toEqual([expect.stringContaining('websocket: the handshake failed')]);
  expect((await fetch(`${cloud.urls.local}/_local/health`)).status).toBe(200);
});

it('reports edited sources that do not compile', async () => {
  const health = async () => (await fetch(`${cloud.urls.local}/_local/health`)).json();
  cloud.buildFailures.set('handlers', 'Error: line 7 is wrong');
  expect(await health()).toEqual({ status: 'ok', buildFailures: { handlers: 'Error: line 7 is wrong' } });
  cloud.buildFailures.clear();
  expect(await health()).toEqual({ status: 'ok' });
});
