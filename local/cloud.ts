import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { RestApi } from './apigateway/rest-api.ts';
import { WebSocketApi } from './apigateway/websocket-api.ts';
import { AwsPort } from './aws-port.ts';
import { seededChance } from './chance.ts';
import { realClock } from './clock.ts';
import { Comprehend } from './comprehend/comprehend.ts';
import { deadLetterSender } from './dead-letter.ts';
import { DynamoDb } from './dynamodb/dynamodb.ts';
import { TableResource } from './dynamodb/table-resource.ts';
import type { Invoke } from './eventbridge/delivery.ts';
import { EventBridge } from './eventbridge/eventbridge.ts';
import { listen, portOf, serve } from './http-server.ts';
import { EventSourceMapping } from './lambda/event-source-mapping.ts';
import { labelOf } from './lambda/function.ts';
import { accessKeyId, Lambda } from './lambda/lambda.ts';
import { EventSourceMappingResource, FunctionResource } from './lambda/lambda-resources.ts';
import { answerLocalPage } from './local-pages.ts';
import { localizer } from './localize.ts';
import type { Log } from './log.ts';
import { Mailbox } from './mail/mailbox.ts';
import { isNotEmulated, resourceTypes } from './resource-types.ts';
import { AwsError } from './service.ts';
import { Sns } from './sns/sns.ts';
import { TopicResource } from './sns/topic-resource.ts';
import { QueueResource } from './sqs/queue-resource.ts';
import { Sqs } from './sqs/sqs.ts';
import { Template } from './template/template.ts';

/** The account that every resource of the local cloud is in. */
export const account = { id: '000000000000', region: 'us-east-1' };

interface Ports {
  port: number;
  awsPort: number;
}

export interface CloudOptions {
  /** The folder of the cloud assembly to run. */
  assembly: string;
  /** The folder for what outlives a restart. */
  data: string;
  /** Whether to forget what is there. */
  fresh: boolean;
  /** 0 takes a free one; so for `awsPort`. */
  port: number;
  awsPort: number;
  log: Log;
  /** Comprehend's quota for `DetectEntities`; AWS's default of 20 if absent. */
  comprehendRate?: number | undefined;
  /** A real mail server that gets the mails too, e.g. `smtp://localhost:1025`. */
  smtpUrl?: string | undefined;
}

/** A local cloud that runs. */
export interface Cloud {
  /** What users see, e.g. `http://localhost:3000`; the WebSocket API is at the same address. */
  url: string;
  /** Where SDKs and the AWS CLI call. */
  awsUrl: string;
  outputs: Record<string, string>;
  lambda: Lambda;
  /** Ends what is under way and frees ports and files. */
  close(): Promise<void>;
}

/**
 * Runs a cloud assembly on this machine.
 * @throws {PortInUseError} when a port is taken
 * @throws {TemplateError} when the template has what the local cloud does not know
 */
export async function startCloud(options: CloudOptions): Promise<Cloud> {
  const { log } = options;
  const publicServer = await listen(options.port);
  const awsServer = await listen(options.awsPort);
  const ports = { port: portOf(publicServer), awsPort: portOf(awsServer) };
  const opening = openServices(options, ports);
  // Whoever comes before all is open waits for it.
  serve(awsServer, async (request, response) => (await opening).awsPort.handle(request, response));
  serve(publicServer, async (request, response) => {
    const { restApi, ...services } = await opening;
    if (request.url?.startsWith('/_local/')) answerLocalPage(request, response, services);
    else await restApi.handle(request, response);
  });
  publicServer.on('upgrade', (request, socket, head) => {
    opening
      .then(({ webSocketApi }) => webSocketApi.upgrade(request, socket, head))
      .catch((error: unknown) => {
        log.error('websocket', `the handshake failed: ${error}`);
        socket.destroy();
      });
  });
  const { outputs, lambda, close } = await opening;
  return {
    url: `http://localhost:${ports.port}`,
    awsUrl: awsUrlOf(ports),
    outputs,
    lambda,
    async close() {
      for (const server of [publicServer, awsServer]) {
        server.close();
        server.closeAllConnections();
      }
      await close();
    },
  };
}

function awsUrlOf({ awsPort }: Ports): string {
  return `http://127.0.0.1:${awsPort}`;
}

async function openServices({ data, log, ...options }: CloudOptions, ports: Ports) {
  const clock = realClock;
  const awsUrl = awsUrlOf(ports);
  if (options.fresh) await rm(data, { recursive: true, force: true });
  const template = new Template(options.assembly, account, resourceTypes);
  listNotEmulated(template, log);

  const tables = template.resources(TableResource);
  const dynamoDb = await DynamoDb.open({ folder: join(data, 'dynamodb'), tables, account, clock });
  const sqs = await Sqs.open({
    resources: template.resources(QueueResource),
    folder: data,
    awsUrl,
    clock,
  });
  const mailbox = new Mailbox({ clock, log, smtpUrl: options.smtpUrl });
  const sns = await Sns.open({
    resources: template.resources(TopicResource),
    folder: data,
    mailbox,
    awsUrl,
  });
  const comprehend = new Comprehend({ clock, callsPerSecond: options.comprehendRate });

  const sendDeadLetter = deadLetterSender(sqs, log);
  const localize = localizer(account, template, ports);
  const lambda = new Lambda(template, { account, clock, log, sendDeadLetter, localize, awsUrl });
  for (const { properties } of template.resources(EventSourceMappingResource)) {
    const stream = dynamoDb.stream(properties.EventSourceArn.split('/')[1] ?? '');
    if (!stream) throw new Error(`There is no stream ${properties.EventSourceArn}.`);
    const target = lambda.function(properties.FunctionName);
    new EventSourceMapping(stream, target, properties, { clock, log, sendDeadLetter }).start();
  }

  const invoke: Invoke = async (arn, payload) => {
    const service = arn.split(':')[2];
    if (service === 'lambda') lambda.invokeAsynchronously(arn, payload);
    else if (service === 'sns') await sns.call('Publish', { TopicArn: arn, Message: payload });
    else throw new AwsError('NO_RESOURCE', `${arn} cannot be a target.`);
  };
  const chance = seededChance('local');
  const eventBridge = new EventBridge(template, { account, clock, chance, log, invoke, sendDeadLetter });

  const restApi = new RestApi(template, { account, lambda, clock, log });
  const webSocketApi = new WebSocketApi(template, { account, lambda, clock, log });
  const awsPort = new AwsPort(
    {
      AWSEvents: eventBridge,
      AmazonSQS: sqs,
      Comprehend_20171127: comprehend,
      DynamoDB_20120810: dynamoDb,
      sns,
      webSocketApi,
    },
    new Map(
      template
        .resources(FunctionResource)
        .map(({ name, properties }) => [accessKeyId(name), labelOf(properties.Handler)]),
    ),
    log,
  );
  const outputs = Object.fromEntries(
    Object.entries(template.outputs()).map(([name, value]) => [name, localize(value)]),
  );
  const close = async (): Promise<void> => {
    webSocketApi.close();
    await lambda.close();
    mailbox.close();
    await dynamoDb.close();
  };
  return { awsPort, close, lambda, mailbox, outputs, restApi, sqs, webSocketApi };
}

function listNotEmulated(template: Template, log: Log): void {
  const types = [...template.countByType()].filter(([type]) => isNotEmulated(type));
  if (types.length === 0) return;
  log.info('template', `not emulated: ${types.map(([type, count]) => `${type} (${count})`).join(', ')}`);
}
