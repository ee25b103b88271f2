import { existsSync } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { seededChance } from '../core/chance.ts';
import { type Clock, realClock } from '../core/clock.ts';
import { deadLetterSender } from '../core/dead-letter.ts';
import { Faults, type Point } from '../core/faults.ts';
import { LOCK } from '../core/folder-lock.ts';
import { Journal } from '../core/journal.ts';
import type { Log } from '../core/log.ts';
import { Recorder } from '../core/recorder.ts';
import { resourceName } from '../core/resource-name.ts';
import type { ExampleRequest } from '../core/steps.ts';
import { Tracer } from '../core/trace.ts';
import { architectureGraph } from '../flow/architecture.ts';
import type { ChangeSources } from '../flow/change-notices.ts';
import { faultPoints } from '../flow/fault-points.ts';
import { flowRoutes } from '../flow/flow-api.ts';
import { nodeRoutes } from '../flow/node-routes.ts';
import { queueRoutes } from '../flow/queue-routes.ts';
import { Redrive } from '../flow/redrive.ts';
import { SendTargets } from '../flow/send-targets.ts';
import { RestApi } from '../services/apigateway/rest-api.ts';
import { WebSocketApi } from '../services/apigateway/websocket-api.ts';
import { CloudFormation } from '../services/cloudformation/cloudformation.ts';
import { distributionOf } from '../services/cloudfront/distribution.ts';
import { Metrics } from '../services/cloudwatch/metrics.ts';
import { Comprehend } from '../services/comprehend/comprehend.ts';
import { DynamoDb } from '../services/dynamodb/dynamodb.ts';
import type { Stream } from '../services/dynamodb/stream.ts';
import { DynamoDbStreams } from '../services/dynamodb/streams-api.ts';
import { TableResource } from '../services/dynamodb/table-resource.ts';
import { EventBridge } from '../services/eventbridge/eventbridge.ts';
import { Authorizer } from '../services/iam/authorizer.ts';
import { EventSourceMapping } from '../services/lambda/event-source-mapping.ts';
import { InvokeApi } from '../services/lambda/invoke-api.ts';
import { Lambda } from '../services/lambda/lambda.ts';
import { EventSourceMappingResource } from '../services/lambda/lambda-resources.ts';
import { accessKeyId } from '../services/lambda/runtime-environment.ts';
import { Mailbox } from '../services/mail/mailbox.ts';
import { SecretResource } from '../services/secretsmanager/secret-resource.ts';
import { SecretsManager } from '../services/secretsmanager/secrets-manager.ts';
import { Sns } from '../services/sns/sns.ts';
import { SubscriptionResource, TopicResource } from '../services/sns/topic-resource.ts';
import { QueueResource } from '../services/sqs/queue-resource.ts';
import { Sqs } from '../services/sqs/sqs.ts';
import type { Template } from '../template/template.ts';
import { account } from './account.ts';
import { AwsPort } from './aws-port.ts';
import { type Documents, documentRoutes } from './documents.ts';
import { type LocalPagesSource, localRoutes } from './local-pages.ts';
import { localizer, localUrls, type Ports } from './localize.ts';
import { isNotEmulated } from './resource-types.ts';
import { ruleTargets } from './rule-targets.ts';
import { refuseSkipped, type SkippedIn, skippedInCallsOf } from './skipped-calls.ts';

export interface ServiceOptions {
  /** The folder of the cloud assembly to run. */
  assembly: string;
  /** The folder of the data that survives a restart. */
  data: string;
  /** Whether to delete that folder first. */
  fresh: boolean;
  /** Whether to leave out what the local cloud does not support; `false` if absent. */
  skipUnsupported?: boolean | undefined;
  log: Log;
  /** The clock of the services; the machine's time if absent. */
  clock?: Clock;
  /**
   * The seed of all random numbers: the same seed injects the same faults into the same requests.
   */
  seed?: string;
  /** Comprehend's quota for `DetectEntities`, in calls a second; AWS's default of 20 if absent. */
  comprehendRate?: number | undefined;
  /** Whether the flow is recorded; `true` if absent. */
  flow?: boolean;
  /** An SMTP server that receives the e-mails too, e.g. `smtp://localhost:1025`. */
  smtpUrl?: string | undefined;
  /** The request that the flow view offers, and whose flow it shows. */
  exampleRequest?: ExampleRequest | undefined;
  /** Documents that the public port serves besides the APIs. */
  documents?: Documents | undefined;
}

/** Opens the services of the template of a cloud assembly. */
export async function openServices(template: Template, options: ServiceOptions, ports: Ports) {
  const { data, log } = options;
  if (options.fresh) await empty(data);
  refuseEarlierData(data);
  logOmissions(template, log);
  const urls = localUrls(template, ports);
  const localize = localizer(account, template, ports);
  const authorizer = new Authorizer(template, { account, log });
  const skippedIn = skippedInCallsOf(template);
  const basics = basicsOf(options, authorizer, skippedIn);
  const { archiveJournal, dynamoDb, journal, mailbox, secretsManager, sns, sqs } = await openStores(
    template,
    options,
    {
      ...basics,
      awsUrl: urls.aws,
    },
  );
  const services = { ...basics, journal, sendDeadLetter: deadLetterSender(sqs, basics) };

  const metrics = new Metrics(services);
  const lambda = new Lambda(template, {
    ...services,
    localize,
    metrics,
    awsUrl: urls.aws,
    answerCall: (call) => awsPort.answer(call),
  });
  const { mappings, streams } = startMappings(template, { ...services, dynamoDb, lambda });
  const labels = new Map([...lambda.functions].map(({ invokedArn, label }) => [invokedArn, label]));
  const eventBridge = new EventBridge(template, {
    ...services,
    archiveJournal,
    localize,
    invoke: ruleTargets({ ...services, lambda, sns, sqs }),
    labelOf: (arn) => labels.get(arn) ?? resourceName(arn),
  });

  const apiServices = { ...services, lambda };
  const restApi = urls.restApi === undefined ? undefined : new RestApi(template, apiServices);
  const webSocketApi = urls.webSocketApi === undefined ? undefined : new WebSocketApi(template, apiServices);
  const outputs = Object.fromEntries(
    Object.entries(template.outputs()).map(([name, value]) => [name, localize(value)]),
  );
  const createdAt = services.clock.now();
  const awsPort = new AwsPort({
    ...services,
    services: {
      cloudFormation: new CloudFormation({ account, createdAt, localize, outputs, template }),
      comprehend: new Comprehend({ clock: services.clock, callsPerSecond: options.comprehendRate }),
      dynamodb: dynamoDb,
      dynamodbStreams: new DynamoDbStreams(streams),
      events: eventBridge,
      lambda: new InvokeApi(lambda, services.tracer),
      secretsManager,
      sns,
      sqs,
      webSocketApi,
    },
    callers: new Map(
      [...lambda.functions].map(({ name, label }) => [accessKeyId(name), { functionName: name, label }]),
    ),
    callerArn: authorizer.callerArn.bind(authorizer),
    invocation: (traceHeader) => lambda.invocation(traceHeader),
    authorize: authorizer.authorizeCall.bind(authorizer),
    skippedIn,
  });
  const allowsService = authorizer.allowsService.bind(authorizer);
  const webPage = distributionOf(template, { ...services, allowsService, localize });

  const architecture = architectureGraph(template, authorizer, account);
  const targets = new SendTargets(template, { ...services, architecture, eventBridge, lambda });
  const changes = changeSources({ ...services, mailbox, metrics, sqs, webSocketApi });
  const redrive = new Redrive(template, { ...services, architecture, eventBridge, lambda, mappings, sqs });
  const management = webSocketApi && `${urls.aws}/${webSocketApi.stage}`;
  const { aws, restApi: restUrl, webSocketApi: webSocketUrl } = urls;
  const endpoints = { aws, restApi: restUrl, webSocketApi: webSocketUrl, management, region: account.region };
  const nodes = { ...services, dynamoDb, eventBridge, localize, sns, sqs, webSocketApi };
  const flow = {
    ...flowRoutes({
      ...services,
      architecture,
      changes,
      endpoints,
      example: options.exampleRequest,
      targets,
    }),
    ...queueRoutes({ ...services, architecture, redrive, sqs }),
    ...nodeRoutes(template, { ...nodes, architecture, redrive }),
  };
  const buildFailures = new Map<string, string>();
  let points: readonly Point[] | undefined;
  const pages = localRoutes({
    ...services,
    buildFailures,
    faultPoints: () => (points ??= faultPoints(template, architecture, authorizer, account)),
    flow,
    mailbox,
    metrics,
    outputs,
    webSocketApi,
  });
  const documents = documentRoutes(options.documents ?? {}, urls);
  const close = async (): Promise<void> => {
    awsPort.close();
    // What is interrupted from here on continues after a restart.
    journal.close();
    archiveJournal.close();
    webSocketApi?.connections.close();
    await lambda.close();
    mailbox.close();
    await dynamoDb.close();
  };
  for (const service of [sns, eventBridge, lambda]) service.resume();
  const { faults } = services;
  return {
    awsPort,
    buildFailures,
    close,
    documents,
    faults,
    lambda,
    outputs,
    pages,
    restApi,
    skippedApis: apiTypes.flatMap((type) => template.skipped.ofType(type)),
    urls,
    webPage,
    webSocketApi,
  };
}

/** The types of an API as a whole. */
const apiTypes = ['AWS::ApiGateway::RestApi', 'AWS::ApiGateway::Stage', 'AWS::ApiGatewayV2::Api'];

/** Returns what reports the changes that the flow view follows. */
function changeSources({
  faults,
  mailbox,
  metrics,
  sqs,
  webSocketApi,
}: Pick<LocalPagesSource, 'faults' | 'mailbox' | 'metrics' | 'webSocketApi'> & { sqs: Sqs }): ChangeSources {
  return {
    connections: webSocketApi ? [webSocketApi.connections.changes] : [],
    'dead-letters': sqs.queues.map(({ changes }) => changes),
    emails: [mailbox.changes],
    faults: [faults.changes],
    metrics: [metrics.changes],
  };
}

/** Starts the event source mappings. Returns them, and the streams of the tables. */
function startMappings(
  template: Template,
  services: ConstructorParameters<typeof EventSourceMapping>[3] & { dynamoDb: DynamoDb; lambda: Lambda },
): { mappings: EventSourceMapping[]; streams: Stream[] } {
  const { dynamoDb, lambda, log } = services;
  const mappings: EventSourceMapping[] = [];
  const streams = template.resources(TableResource).flatMap(({ name }) => dynamoDb.stream(name) ?? []);
  for (const { properties } of template.resources(EventSourceMappingResource)) {
    const { EventSourceArn, FunctionName } = properties;
    const { skipped } = template;
    const reason = skipped.sentence(EventSourceArn, 'dynamodb') ?? skipped.sentence(FunctionName, 'lambda');
    if (reason !== undefined) {
      log.warn('template', `the event source mapping of ${FunctionName} does not start. ${reason}`);
      continue;
    }
    const stream = streams.find(({ arn }) => arn === EventSourceArn);
    if (!stream) throw new Error(`There is no stream ${EventSourceArn}.`);
    const mapping = new EventSourceMapping(stream, lambda.function(FunctionName), properties, services);
    mapping.start();
    mappings.push(mapping);
  }
  return { mappings, streams };
}

/** Returns the services that every other service uses. */
function basicsOf(
  { clock = realClock, flow, log, seed = 'local' }: ServiceOptions,
  authorizer: Authorizer,
  skippedIn: SkippedIn,
) {
  const chance = seededChance(seed);
  return {
    account,
    authorizeRole(functionName: string, action: string, resource: string): void {
      refuseSkipped(skippedIn, serviceOfAction(action), resource);
      authorizer.authorizeRole(functionName, action, resource);
    },
    authorizeService(principal: string, action: string, resource: string, sourceArn: string): void {
      refuseSkipped(skippedIn, serviceOfAction(action), resource);
      authorizer.authorizeService(principal, action, resource, sourceArn);
    },
    chance,
    clock,
    faults: new Faults({ chance, clock, log }),
    log,
    recorder: new Recorder(clock, flow),
    tracer: new Tracer(seed),
  };
}

/** Returns the service of an action, e.g. `sqs` of `sqs:SendMessage`. */
function serviceOfAction(action: string): string {
  return action.replace(/:.*/s, '');
}

/** Opens the services whose state survives a restart, and the mailbox of SNS. */
async function openStores(
  template: Template,
  { data, smtpUrl }: ServiceOptions,
  services: ReturnType<typeof basicsOf> & { awsUrl: string },
) {
  const journal = new Journal(join(data, 'journal.jsonl'));
  // Separate, because a start replays it, and it can keep the events of weeks.
  const archiveJournal = new Journal(join(data, 'archives.jsonl'));
  const tables = template.resources(TableResource);
  const dynamoDb = await DynamoDb.open({ ...services, journal, resources: tables });
  const queues = template.resources(QueueResource);
  const sqs = new Sqs({ ...services, journal, resources: queues });
  const mailbox = new Mailbox({ ...services, journal, smtpUrl });
  const topics = template.resources(TopicResource);
  const sns = new Sns({ ...services, journal, mailbox, resources: topics });
  for (const { properties } of template.resources(SubscriptionResource)) await sns.subscribeOnce(properties);
  const secrets = template.resources(SecretResource);
  const secretsManager = new SecretsManager({ ...services, journal, resources: secrets });
  return { archiveJournal, dynamoDb, journal, mailbox, secretsManager, sns, sqs };
}

/** Deletes what a folder contains, except its lock. */
async function empty(folder: string): Promise<void> {
  for (const name of await readdir(folder))
    if (name !== LOCK) await rm(join(folder, name), { recursive: true, force: true });
}

/**
 * Throws if the tables in a folder are in a LevelDB database.
 * @throws {Error} one line
 */
function refuseEarlierData(folder: string): void {
  if (existsSync(join(folder, 'dynamodb')))
    throw new Error(
      `The data in ${folder} is of an earlier version of the local cloud: ` +
        'start with --fresh to delete the data.',
    );
}

/** Logs what has no effect, and what is skipped. */
function logOmissions(template: Template, log: Log): void {
  for (const line of template.skipped.lines) log.warn('template', `skipped: ${line}`);
  const types = [...template.countByType()].filter(([type]) => isNotEmulated(type));
  if (types.length === 0) return;
  log.info('template', `not emulated: ${types.map(([type, count]) => `${type} (${count})`).join(', ')}`);
}
