import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from '@aws-sdk/util-arn-parser';
import { seededChance } from '../core/chance.ts';
import { type Clock, realClock } from '../core/clock.ts';
import { deadLetterSender } from '../core/dead-letter.ts';
import { Faults } from '../core/faults.ts';
import type { Log } from '../core/log.ts';
import { Recorder } from '../core/recorder.ts';
import { AwsError } from '../core/service.ts';
import type { ExampleRequest } from '../core/steps.ts';
import { Tracer } from '../core/trace.ts';
import { ArchitectureGraph } from '../flow/architecture.ts';
import { flowRoutes } from '../flow/flow-api.ts';
import { SendTargets } from '../flow/send-targets.ts';
import { listen, portOf, serve } from '../http/http-server.ts';
import { match } from '../http/routes.ts';
import { RestApi } from '../services/apigateway/rest-api.ts';
import { WebSocketApi } from '../services/apigateway/websocket-api.ts';
import { type Distribution, distributionOf } from '../services/cloudfront/distribution.ts';
import { Comprehend } from '../services/comprehend/comprehend.ts';
import { DynamoDb } from '../services/dynamodb/dynamodb.ts';
import { DynamoDbStreams } from '../services/dynamodb/streams-api.ts';
import { TableResource } from '../services/dynamodb/table-resource.ts';
import type { Invoke } from '../services/eventbridge/delivery.ts';
import { EventBridge } from '../services/eventbridge/eventbridge.ts';
import { Authorizer } from '../services/iam/authorizer.ts';
import { EventSourceMapping } from '../services/lambda/event-source-mapping.ts';
import { labelOf } from '../services/lambda/function.ts';
import { InvokeApi } from '../services/lambda/invoke-api.ts';
import { Lambda } from '../services/lambda/lambda.ts';
import { EventSourceMappingResource, FunctionResource } from '../services/lambda/lambda-resources.ts';
import { accessKeyId } from '../services/lambda/runtime-environment.ts';
import { Mailbox } from '../services/mail/mailbox.ts';
import { Sns } from '../services/sns/sns.ts';
import { TopicResource } from '../services/sns/topic-resource.ts';
import { QueueResource } from '../services/sqs/queue-resource.ts';
import { Sqs } from '../services/sqs/sqs.ts';
import { Template } from '../template/template.ts';
import { account } from './account.ts';
import { AwsPort } from './aws-port.ts';
import { type Documents, documentRoutes } from './documents.ts';
import { answerLocalPage, isForLocalPage, localRoutes } from './local-pages.ts';
import { type LocalUrls, localizer, localUrls, type Ports } from './localize.ts';
import { isNotEmulated, resourceTypes } from './resource-types.ts';

export interface CloudOptions extends Ports {
  /** The folder of the cloud assembly to run. */
  assembly: string;
  /** The folder for what outlives a restart. */
  data: string;
  /** Whether to forget what is there. */
  fresh: boolean;
  log: Log;
  /** What the services wait by; the machine's own time if absent. */
  clock?: Clock;
  /** All chance comes from it: the same seed has the same faults happen to the same requests. */
  seed?: string;
  /** Comprehend's quota for `DetectEntities`; AWS's default of 20 if absent. */
  comprehendRate?: number | undefined;
  /** Whether the flow view records what passes the hops; so if absent. */
  flow?: boolean;
  /** A real mail server that gets the mails too, e.g. `smtp://localhost:1025`. */
  smtpUrl?: string | undefined;
  /** The request that the flow view offers and whose way it shows. */
  exampleRequest?: ExampleRequest | undefined;
  /** Documents that the public port serves besides the APIs. */
  documents?: Documents | undefined;
}

/** A local cloud that runs. */
export interface Cloud {
  urls: LocalUrls;
  /** The stack's outputs, with the URLs of this machine. */
  outputs: Record<string, string>;
  faults: Faults;
  lambda: Lambda;
  /** What answers on the page's port; nothing, if the template has no web page. */
  webPage: Distribution | undefined;
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
  const pageServer = await listen(options.pagePort);
  const ports = {
    port: portOf(publicServer),
    awsPort: portOf(awsServer),
    pagePort: portOf(pageServer),
  };
  const opening = openServices(options, ports);
  // Whoever comes before all is open waits for it.
  serve(awsServer, async (request, response) => (await opening).awsPort.handle(request, response));
  serve(publicServer, async (request, response) => {
    const { restApi, pages, documents } = await opening;
    const document = match(documents, request);
    if (isForLocalPage(request)) await answerLocalPage(request, response, pages);
    else if (document) await document.answer({ request, response, ...document });
    else if (restApi) await restApi.handle(request, response);
    else response.writeHead(404).end();
  });
  serve(pageServer, async (request, response) => {
    const { webPage } = await opening;
    if (webPage) await webPage.handle(request, response);
    else response.writeHead(404).end();
  });
  publicServer.on('upgrade', (request, socket, head) => {
    opening
      .then(async ({ webSocketApi }) => {
        if (webSocketApi) await webSocketApi.upgrade(request, socket, head);
        else socket.end('HTTP/1.1 404 Not Found\r\nConnection: close\r\n\r\n');
      })
      .catch((error: unknown) => {
        log.error('websocket', `the handshake failed: ${error}`);
        socket.destroy();
      });
  });
  const closeServers = (): void => {
    for (const server of [publicServer, awsServer, pageServer]) {
      server.close();
      server.closeAllConnections();
    }
  };
  const { urls, outputs, faults, lambda, webPage, close } = await opening.catch((error: unknown) => {
    closeServers();
    throw error;
  });
  return {
    urls,
    outputs,
    faults,
    lambda,
    webPage,
    async close() {
      closeServers();
      await close();
    },
  };
}

async function openServices({ data, log, ...options }: CloudOptions, ports: Ports) {
  const { clock = realClock, seed = 'local' } = options;
  const chance = seededChance(seed);
  const recorder = new Recorder(clock, options.flow ?? true);
  const faults = new Faults({ chance, clock, log });
  const tracer = new Tracer(seed);
  if (options.fresh) await rm(data, { recursive: true, force: true });
  const template = new Template(options.assembly, account, resourceTypes);
  listNotEmulated(template, log);
  const urls = localUrls(template, ports);
  const awsUrl = urls.aws;
  const authorizer = new Authorizer(template, { account, log });

  const tables = template.resources(TableResource);
  const dynamoDb = await DynamoDb.open({ folder: join(data, 'dynamodb'), tables, account, clock });
  const streams = tables.flatMap(({ name }) => dynamoDb.stream(name) ?? []);
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
    awsUrl,
    clock,
    faults,
    log,
    mailbox,
    recorder,
  });
  const comprehend = new Comprehend({ clock, callsPerSecond: options.comprehendRate });

  const services = {
    account,
    authorizeRole: authorizer.authorizeRole.bind(authorizer),
    authorizeService: authorizer.authorizeService.bind(authorizer),
    chance,
    clock,
    faults,
    log,
    recorder,
    sendDeadLetter: deadLetterSender(sqs, { faults, log, recorder }),
    tracer,
  };
  const localize = localizer(account, template, ports);
  const lambda = new Lambda(template, { ...services, localize, awsUrl });
  for (const { properties } of template.resources(EventSourceMappingResource)) {
    const stream = streams.find(({ arn }) => arn === properties.EventSourceArn);
    if (!stream) throw new Error(`There is no stream ${properties.EventSourceArn}.`);
    const target = lambda.function(properties.FunctionName);
    new EventSourceMapping(stream, target, properties, services).start();
  }

  const invoke: Invoke = async (arn, payload, rule, cause) => {
    const principal = 'events.amazonaws.com';
    const { service } = parse(arn);
    if (service === 'lambda') {
      const invoker = { name: rule.name, cause, service: { principal, sourceArn: rule.arn } };
      lambda.invokeAsynchronously(arn, payload, invoker);
    } else if (service === 'sns') {
      authorizer.authorizeService(principal, 'sns:Publish', arn, rule.arn);
      await sns.call('Publish', { TopicArn: arn, Message: payload }, cause);
    } else throw new AwsError('ResourceNotFoundException', `${arn} cannot be a target.`, 404);
  };
  const functions = template.resources(FunctionResource);
  const labels = new Map(functions.map(({ arn, properties }) => [arn, labelOf(properties.Handler)]));
  const labelOfArn = (arn: string): string => labels.get(arn) ?? arn.split(':').at(-1) ?? '';
  const eventBridge = new EventBridge(template, { ...services, invoke, labelOf: labelOfArn });

  const apiServices = { ...services, lambda };
  const restApi = urls.restApi === undefined ? undefined : new RestApi(template, apiServices);
  const webSocketApi = urls.webSocketApi === undefined ? undefined : new WebSocketApi(template, apiServices);
  const awsPort = new AwsPort({
    services: {
      comprehend,
      dynamodb: dynamoDb,
      dynamodbStreams: new DynamoDbStreams(streams),
      events: eventBridge,
      lambda: new InvokeApi(lambda, tracer),
      sns,
      sqs,
      webSocketApi,
    },
    callers: new Map(
      functions.map(({ name, arn }) => [accessKeyId(name), { functionName: name, label: labelOfArn(arn) }]),
    ),
    invocation: (traceHeader) => lambda.invocation(traceHeader),
    authorize: authorizer.authorizeCall.bind(authorizer),
    clock,
    faults,
    log,
    recorder,
    tracer,
  });
  const webPage = distributionOf(template, {
    ...services,
    allowsService: authorizer.allowsService.bind(authorizer),
    localize,
  });
  const outputs = Object.fromEntries(
    Object.entries(template.outputs()).map(([name, value]) => [name, localize(value)]),
  );
  const close = async (): Promise<void> => {
    webSocketApi?.connections.close();
    await lambda.close();
    mailbox.close();
    await dynamoDb.close();
  };
  const architecture = new ArchitectureGraph(template, authorizer, account);
  const targets = new SendTargets(template, { architecture, eventBridge, lambda, recorder, tracer });
  const example = options.exampleRequest;
  const flow = flowRoutes({ architecture, example, recorder, targets });
  const pages = localRoutes({ faults, flow, lambda, mailbox, outputs, sqs, webSocketApi });
  const documents = documentRoutes(options.documents ?? {}, urls);
  return { awsPort, close, documents, faults, lambda, outputs, pages, restApi, urls, webPage, webSocketApi };
}

function listNotEmulated(template: Template, log: Log): void {
  const types = [...template.countByType()].filter(([type]) => isNotEmulated(type));
  if (types.length === 0) return;
  log.info('template', `not emulated: ${types.map(([type, count]) => `${type} (${count})`).join(', ')}`);
}
