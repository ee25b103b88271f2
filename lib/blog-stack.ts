import { CfnOutput, Duration, RemovalPolicies, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { AlarmBase } from 'aws-cdk-lib/aws-cloudwatch';
import { CfnTable, StreamViewType } from 'aws-cdk-lib/aws-dynamodb';
import { Archive, EventBus } from 'aws-cdk-lib/aws-events';
import { CfnLogGroup } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import { eventSource } from '../model/events.ts';
import { AddressRates } from './address-rates.ts';
import { AlarmTopic } from './alarm-topic.ts';
import { BlogTable } from './blog-table.ts';
import { DeadLetterQueue } from './dead-letter-queue.ts';
import { EventSchemas } from './event-schemas.ts';
import { GradualDeployments } from './gradual-deployments.ts';
import { HandlerBundles } from './handler-bundles.ts';
import { HandlerFunction } from './handler-function.ts';
import { MailSubscriptions } from './mail-subscriptions.ts';
import { MonthlyBudget } from './monthly-budget.ts';
import { OnCallDashboard } from './on-call-dashboard.ts';
import { OutboxRelay } from './outbox-relay.ts';
import { PostApi } from './post-api.ts';
import { PostProcessing } from './post-processing.ts';
import { PostReading } from './post-reading.ts';
import { PostUpdates } from './post-updates.ts';
import { SavedQueries } from './saved-queries.ts';
import { ServiceAlarms } from './service-alarms.ts';
import { WebPage } from './web-page.ts';
import { WebSocketGateway } from './websocket-gateway.ts';

export interface BlogStackProps {
  /** The folder that holds the bundle of each handler as `<handler>/<handler>.mjs`. */
  readonly handlers: string;
  /** The folder that holds the bundle of the web page. Without it, the stack has no web page. */
  readonly webPage: string | undefined;
  /**
   * The name of the two APIs' stages. The data of the stage `dev` is deleted with the stack, and its
   * new code serves everything immediately. The data of any other stage is kept, and new code is
   * deployed gradually.
   */
  readonly stage: string;
  /** The number of requests a second that each method of the REST API accepts. */
  readonly restRate: number;
  /** The burst of requests that each method of the REST API accepts. */
  readonly restBurst: number;
  /** The number of posts a second that `POST /posts` accepts. */
  readonly postRate: number;
  /** The burst of posts that `POST /posts` accepts. */
  readonly postBurst: number;
  /** The number of messages a second that the WebSocket API accepts. */
  readonly webSocketRate: number;
  /** The number of days for which the events of the blog bus can be replayed. */
  readonly archiveDays: number;
  /** Receives the messages about alarms and costs; nobody does if absent. */
  readonly alarmEmail?: string | undefined;
  /** The budget of the account, in US dollars a month; none if absent. */
  readonly monthlyBudget?: number | undefined;
  /** Whether AWS WAF limits the requests of each IP address to the REST API. */
  readonly waf: boolean;
}

/** The blog in one stage. An account and region can hold several. */
export class BlogStack extends Stack {
  constructor(scope: Construct, id: string, props: BlogStackProps) {
    super(scope, id);
    HandlerBundles.of(this).setFolder(props.handlers);
    const { stage } = props;

    const postsTable = new BlogTable(this, 'PostsTable', {
      partitionKey: 'id',
      stream: StreamViewType.NEW_AND_OLD_IMAGES,
      // Only the tombstones of removed posts have it.
      timeToLiveAttribute: 'expiresAt',
      // A page of 100 of the largest posts takes up to 3,100 units.
      maxReadRequestUnits: 4000,
      // A write of the largest post takes up to 125 units, and each post is written three times.
      maxWriteRequestUnits: 7500,
    });
    const blogBus = new EventBus(this, 'BlogBus');
    const webSocketBus = new EventBus(this, 'WebSocketBus');
    const archive = new Archive(this, 'BlogArchive', {
      sourceEventBus: blogBus,
      description: "The blog's events, from which a new consumer catches up with the past.",
      eventPattern: { source: [eventSource] },
      retention: Duration.days(props.archiveDays),
    });

    const postApi = new PostApi(this, 'PostApi', {
      stage,
      rate: props.restRate,
      burst: props.restBurst,
      newPosts: { rate: props.postRate, burst: props.postBurst },
      postsTable,
      blogBus,
    });
    if (props.waf)
      new AddressRates(this, 'AddressRates', {
        stage: postApi.api.deploymentStage,
        rate: props.restRate,
        postRate: props.postRate,
      });
    new PostReading(this, 'PostReading', { postsTable, posts: postApi.posts });
    new OutboxRelay(this, 'OutboxRelay', { postsTable, blogBus });
    const webSocketGateway = new WebSocketGateway(this, 'WebSocketGateway', {
      stage,
      rate: props.webSocketRate,
      postsTable,
      webSocketBus,
      account: postApi.api.account,
    });
    new PostUpdates(this, 'PostUpdates', { postsTable, webSocketBus, webSocketGateway });
    const pageUrl =
      props.webPage === undefined
        ? undefined
        : new WebPage(this, 'WebPage', {
            bundle: props.webPage,
            apiUrl: postApi.api.baseUrl,
            webSocketUrl: webSocketGateway.stage.url,
          }).url;
    const postProcessing = new PostProcessing(this, 'PostProcessing', { postsTable, blogBus, pageUrl });
    new MailSubscriptions(this, 'MailSubscriptions', {
      api: postApi.api,
      topic: postProcessing.topic,
    });
    new EventSchemas(this, 'EventSchemas');
    const serviceAlarms = new ServiceAlarms(this, 'ServiceAlarms');
    const alarmTopic = new AlarmTopic(this, 'AlarmTopic', { email: props.alarmEmail });
    if (props.monthlyBudget !== undefined)
      new MonthlyBudget(this, 'MonthlyBudget', { amount: props.monthlyBudget, topic: alarmTopic });
    new OnCallDashboard(this, 'OnCall');
    new SavedQueries(this, 'SavedQueries');
    if (stage !== 'dev')
      new GradualDeployments(this, 'GradualDeployments', {
        functions: this.node.findAll().filter((part) => part instanceof HandlerFunction),
        alarmsOf: (handler) => (serviceAlarms.isBehindApi(handler) ? [serviceAlarms.apiErrors] : []),
      });

    for (const part of this.node.findAll()) if (part instanceof AlarmBase) alarmTopic.tell(part);
    this.#retain(stage !== 'dev');

    if (pageUrl !== undefined) new CfnOutput(this, 'PageUrl', { value: pageUrl });
    new CfnOutput(this, 'ApiUrl', { value: postApi.api.baseUrl });
    new CfnOutput(this, 'WebSocketUrl', { value: webSocketGateway.stage.url });
    new CfnOutput(this, 'AlarmTopicArn', { value: alarmTopic.topicArn });
    new CfnOutput(this, 'TopicArn', { value: postProcessing.topic.topicArn });
    new CfnOutput(this, 'PostsTableName', { value: postsTable.tableName });
    new CfnOutput(this, 'ConnectionsTableName', { value: webSocketGateway.connectionsTable.tableName });
    new CfnOutput(this, 'BlogBusName', { value: blogBus.eventBusName });
    new CfnOutput(this, 'BlogArchiveName', { value: archive.archiveName });
    new CfnOutput(this, 'WebSocketBusName', { value: webSocketBus.eventBusName });
    this.#addDerivedOutputs();
  }

  /**
   * Sets whether the tables and the logs outlive the stack. If the first deployment fails, its log
   * groups are deleted in any case (CloudFormation Template Reference, "DeletionPolicy attribute").
   * A table is not: CloudFormation cannot delete it while it is protected.
   */
  #retain(lasting: boolean): void {
    const policies = RemovalPolicies.of(this);
    policies.apply(lasting ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY, {
      applyToResourceTypes: [CfnTable.CFN_RESOURCE_TYPE_NAME],
    });
    policies.apply(lasting ? RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE : RemovalPolicy.DESTROY, {
      applyToResourceTypes: [CfnLogGroup.CFN_RESOURCE_TYPE_NAME],
    });
    for (const part of this.node.findAll())
      if (part instanceof CfnTable) part.deletionProtectionEnabled = lasting;
  }

  /**
   * Adds an output for the URL of each queue and the name of each function, named by the IDs of
   * their constructs.
   */
  #addDerivedOutputs(): void {
    for (const part of this.node.findAll()) {
      if (part instanceof DeadLetterQueue)
        new CfnOutput(this, `${part.node.id}Url`, { value: part.queueUrl });
      if (part instanceof HandlerFunction)
        new CfnOutput(this, `${part.node.id}FunctionName`, { value: part.functionName });
    }
  }
}
