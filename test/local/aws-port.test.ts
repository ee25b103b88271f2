import type { Server } from 'node:http';
import { WebSocketApi } from '../../local/apigateway/websocket-api.ts';
import { AwsPort } from '../../local/aws-port.ts';
import { realClock } from '../../local/clock.ts';
import { listen, portOf, serve } from '../../local/http-server.ts';
import { Lambda } from '../../local/lambda/lambda.ts';
import { resourceTypes } from '../../local/resource-types.ts';
import { AwsError } from '../../local/service.ts';
import { Template } from '../../local/template/template.ts';
import { account, writeAssembly } from './assembly.ts';
import { RecordedLog } from './recorded-log.ts';
import { temporaryFolder } from './temporary-folder.ts';

const template = new Template(
  writeAssembly(temporaryFolder(), {
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
        Properties: { ApiId: { Ref: 'Api' }, StageName: 'prod', AutoDeploy: true },
      },
    },
  }),
  account,
  resourceTypes,
);

/** Keeps who has called what. */
class CallerLog extends RecordedLog {
  readonly hops: string[] = [];
  override trace(hop?: string): void {
    this.hops.push(hop ?? '');
  }
}
const log = new CallerLog();

/** Answers with its name and what it was asked. */
const service = (name: string) => ({
  async call(operation: string, input: unknown) {
    if (operation === 'Refuse') throw new AwsError('NoSuchThing', 'There is no "thing".', 404);
    if (operation === 'Break') throw new TypeError('secret');
    return { name, operation, input };
  },
});

let server: Server;
let url: string;
beforeAll(async () => {
  const services = { account, clock: realClock, log };
  const lambda = new Lambda(template, {
    ...services,
    sendDeadLetter: async () => {},
    localize: (value) => value,
    awsUrl: '',
  });
  const port = new AwsPort(
    {
      AWSEvents: service('events'),
      AmazonSQS: service('sqs'),
      Comprehend_20171127: service('comprehend'),
      DynamoDB_20120810: service('dynamodb'),
      sns: service('sns'),
      webSocketApi: new WebSocketApi(template, { ...services, lambda }),
    },
    new Map([['AKIAFUNCTION', 'create-post']]),
    log,
  );
  server = await listen(0);
  url = `http://127.0.0.1:${portOf(server)}`;
  serve(server, (request, response) => port.handle(request, response));
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

const signed = (accessKeyId: string) => ({
  authorization: `AWS4-HMAC-SHA256 Credential=${accessKeyId}/20260131/eu-west-1/any/aws4_request, SignedHeaders=host, Signature=0`,
});

async function ask(headers: Record<string, string>, body: string, path = '/') {
  const response = await fetch(`${url}${path}`, { method: 'POST', headers, body });
  return {
    status: response.status,
    type: response.headers.get('content-type'),
    requestId: response.headers.get('x-amzn-requestid'),
    body: await response.text(),
  };
}

describe('the JSON protocols', () => {
  const json = (target: string, body = '{"a":1}', headers: Record<string, string> = signed('AKIATEST')) =>
    ask({ 'x-amz-target': target, 'content-type': 'application/x-amz-json-1.0', ...headers }, body);

  it.each([
    ['AWSEvents.PutEvents', 'events'],
    ['AmazonSQS.SendMessage', 'sqs'],
    ['Comprehend_20171127.DetectEntities', 'comprehend'],
    ['DynamoDB_20120810.GetItem', 'dynamodb'],
  ])('%s reaches its service', async (target, name) => {
    const { body, ...answer } = await json(target);
    expect(answer).toEqual({
      status: 200,
      type: 'application/x-amz-json-1.0',
      requestId: expect.stringMatching(/^[0-9a-f-]{36}$/),
    });
    expect(JSON.parse(body)).toEqual({ name, operation: target.split('.')[1], input: { a: 1 } });
  });

  it.each([
    ['an error of the service', 'AmazonSQS.Refuse', '{}', 404, 'NoSuchThing', 'There is no "thing".'],
    ['a service that is not there', 'Kinesis.PutRecord', '{}', 400, 'UnknownOperationException'],
    ['a part that is no service', 'webSocketApi.close', '{}', 400, 'UnknownOperationException'],
    ['a body that is not JSON', 'AmazonSQS.SendMessage', '{', 400, 'SerializationException'],
  ])('answer %s', async (_name, target, sent, status, __type, message = expect.any(String)) => {
    const { body, ...answer } = await json(target, sent);
    expect(answer).toMatchObject({ status, type: 'application/x-amz-json-1.0' });
    expect(JSON.parse(body)).toEqual({ __type, message });
  });

  it('refuse who has not signed', async () => {
    const { status, body } = await json('AmazonSQS.SendMessage', '{}', {});
    expect({ status, ...JSON.parse(body) }).toMatchObject({
      status: 403,
      __type: 'MissingAuthenticationToken',
    });
  });

  it('tell nothing about a failure of their own', async () => {
    const told = jest.spyOn(console, 'error').mockImplementation(() => {});
    const { status, body } = await json('AmazonSQS.Break');
    expect({ status, ...JSON.parse(body) }).toMatchObject({ status: 500, __type: 'InternalFailure' });
    expect(body).not.toContain('secret');
    expect(told).toHaveBeenCalledTimes(1);
    told.mockRestore();
  });

  it('know who calls by the access key', async () => {
    await json('AmazonSQS.SendMessage', '{}', signed('AKIAFUNCTION'));
    expect(log.hops.at(-1)).toBe('create-post → SendMessage');
    await json('AmazonSQS.SendMessage', '{}', signed('AKIAOTHER'));
    expect(log.hops.at(-1)).toBe('administrator → SendMessage');
  });
});

describe('the query protocol', () => {
  const query = (text: string, headers: Record<string, string> = signed('AKIATEST'), path = '/') =>
    ask({ 'content-type': 'application/x-www-form-urlencoded', ...headers }, text, path);

  it.each([
    ['in the body', 'Action=Publish&Message=a%20b', '/'],
    ['in the URL', '', '/?Action=Publish&Message=a%20b'],
  ])('reaches SNS by parameters %s', async (_name, text, path) => {
    const { status, type, body } = await query(text, undefined, path);
    expect({ status, type }).toEqual({ status: 200, type: 'text/xml' });
    expect(body).toContain('<PublishResponse');
    expect(body).toContain('<Message>a b</Message>');
  });

  it('answers an error of the service', async () => {
    const { status, body, requestId } = await query('Action=Refuse');
    expect(status).toBe(404);
    expect(body).toContain('<Code>NoSuchThing</Code>');
    expect(body).toContain(`<RequestId>${requestId}</RequestId>`);
  });

  it('refuses who has not signed', async () => {
    const { status, body } = await query('Action=Publish', {});
    expect(status).toBe(403);
    expect(body).toContain('<Code>MissingAuthenticationToken</Code>');
  });

  it.each(['', 'Message=a'])('refuses %j, which names no operation', async (text) => {
    expect(await query(text)).toMatchObject({ status: 400, type: 'text/xml' });
  });

  it('does not mind a path of any form', async () => {
    expect((await query('Action=Publish', undefined, '//')).status).toBe(200);
  });
});

it('refuses more than 16 MB', async () => {
  expect((await ask(signed('AKIATEST'), 'a'.repeat(16 * 1024 * 1024 + 1))).status).toBe(413);
});
