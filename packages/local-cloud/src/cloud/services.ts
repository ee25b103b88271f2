import { existsSync } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { seededChance } from '../core/chance.ts';
import { type Clock, realClock } from '../core/clock.ts';
import { deadLetterSender } from '../core/dead-letter.ts';
import { Faults } from '../core/faults.ts';
import { LOCK } from '../core/folder-lock.ts';
import { Journal } from '../core/journal.ts';
import type { Log } from '../core/log.ts';
import { Recorder } from '../core/recorder.ts';
import { resourceName } from '../core/resource-name.ts';
import type { ExampleRequest } from '../core/steps.ts';
import { Tracer } from '../core/trace.ts';
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
import { Lambda, type LambdaServices } from '../services/lambda/lambda.ts';
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
import type { LocalPagesSource } from './local-pages.ts';
import { localizer, localUrls, type Ports } from './localize.ts';
import { pageRoutes } from './page-routes.ts';
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
  const awsUrl = urls.aws;
  const stores = await openStores(template, options, { ...basics, awsUrl });
  const sendDeadLetter = deadLetterSender(stores.sqs, basics);
  const kept = { ...basics, ...stores, awsUrl, localize, sendDeadLetter };
  const started = startFunctions(template, { ...kept, answerCall: (call) => awsPort.answer(call) });
  const services = { ...kept, ...started };

  const restApi = urls.restApi === undefined ? undefined : new RestApi(template, services);
  const webSocketApi = urls.webSocketApi === undefined ? undefined : new WebSocketApi(template, services);
  const outputs = Object.fromEntries(
    Object.entries(template.outputs()).map(([name, value]) => [name, localize(value)]),
  );
  const shown = { ...services, outputs, webSocketApi };
  const awsPort = openAwsPort(template, options, { ...shown, authorizer, skippedIn });
  const allowsService = authorizer.allowsService.bind(authorizer);
  const webPage = distributionOf(template, { ...services, allowsService });

  const buildFailures = new Map<string, string>();
  const { exampleRequest } = options;
  const pages = pageRoutes(template, authorizer, exampleRequest, { ...shown, buildFailures, urls });
  const documents = documentRoutes(options.documents ?? {}, urls);
  const { archiveJournal, dynamoDb, eventBridge, faults, journal, lambda, mailbox, sns } = services;
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

type Basics = ReturnType<typeof basicsOf>;
type Stores = Awaited<ReturnType<typeof openStores>>;
type Functions = ReturnType<typeof startFunctions>;

/** Starts the functions, the mappings that read streams for them, and the event buses. */
function startFunctions(template: Template, services: Basics & Stores & Omit<LambdaServices, 'metrics'>) {
  const metrics = new Metrics(services);
  const lambda = new Lambda(template, { ...services, metrics });
  const { mappings, streams } = startMappings(template, { ...services, lambda });
  const labels = new Map([...lambda.functions].map(({ invokedArn, label }) => [invokedArn, label]));
  const eventBridge = new EventBridge(template, {
    ...services,
    invoke: ruleTargets({ ...services, lambda }),
    labelOf: (arn) => labels.get(arn) ?? resourceName(arn),
  });
  return { eventBridge, lambda, mappings, metrics, streams };
}

/** Returns the endpoint of the AWS APIs. */
function openAwsPort(
  template: Template,
  { comprehendRate }: ServiceOptions,
  services: Basics &
    Stores &
    Functions &
    Pick<LocalPagesSource, 'outputs' | 'webSocketApi'> & {
      authorizer: Authorizer;
      localize: (value: string) => string;
      skippedIn: SkippedIn;
    },
): AwsPort {
  const { authorizer, clock, dynamoDb, eventBridge, lambda, secretsManager, streams, tracer } = services;
  const { sns, sqs, webSocketApi } = services;
  return new AwsPort({
    ...services,
    services: {
      cloudFormation: new CloudFormation({ ...services, createdAt: clock.now(), template }),
      comprehend: new Comprehend({ clock, callsPerSecond: comprehendRate }),
      dynamodb: dynamoDb,
      dynamodbStreams: new DynamoDbStreams(streams),
      events: eventBridge,
      lambda: new InvokeApi(lambda, tracer),
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
  });
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
  services: Basics & { awsUrl: string },
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
