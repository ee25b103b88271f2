import { Aws, Stack } from 'aws-cdk-lib';
import { RestApi } from 'aws-cdk-lib/aws-apigateway';
import { WebSocketStage } from 'aws-cdk-lib/aws-apigatewayv2';
import {
  AlarmBase,
  AlarmStatusWidget,
  Dashboard,
  type Metric,
  Stats,
  type YAxisProps,
} from 'aws-cdk-lib/aws-cloudwatch';
import { CfnRule } from 'aws-cdk-lib/aws-events';
import { EventSourceMapping } from 'aws-cdk-lib/aws-lambda';
import { Topic } from 'aws-cdk-lib/aws-sns';
import {
  CountAxisFromZero,
  type CustomMetricGroup,
  DefaultDashboards,
  type IDynamicDashboardFactory,
  type IDynamicDashboardSegment,
  MonitoringFacade,
  TimeAxisMillisFromZero,
} from 'cdk-monitoring-constructs';
import { Construct } from 'constructs';
import { BlogMetric } from '../lambdas/runtime/blog-metrics.ts';
import { AddressRates } from './address-rates.ts';
import { blogMetric } from './blog-metric.ts';
import { BlogTable } from './blog-table.ts';
import { DeadLetterQueue } from './dead-letter-queue.ts';
import { HandlerFunction } from './handler-function.ts';
import { ruleMetric } from './rule-metric.ts';

/** A dashboard of the short form of each part, which fits a screen that is read in a hurry. */
class ShortDashboard extends Dashboard implements IDynamicDashboardFactory {
  addDynamicSegment(segment: IDynamicDashboardSegment): void {
    this.addWidgets(...segment.widgetsForDashboard(DefaultDashboards.SUMMARY));
  }

  getDashboard(): this {
    return this;
  }
}

/** Returns a graph of the sums of metrics, or of times in milliseconds. */
function graph(title: string, metrics: Metric[], axis: YAxisProps = CountAxisFromZero): CustomMetricGroup {
  return { title, metrics, graphWidgetAxis: axis };
}

/**
 * The dashboard that an operator opens first. It follows the path of a post: what counts, the
 * alarms, the APIs, the functions, the rules, the e-mails, the queues, the tables with their
 * streams, and the pushes. It shows every part of the stack that exists when it is created, so it
 * has to be the last one. Its name contains the Region, because dashboards are global.
 */
export class OnCallDashboard extends Construct {
  readonly #facade: MonitoringFacade;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    const dashboardFactory = new ShortDashboard(this, 'Dashboard', {
      dashboardName: `${Stack.of(this).stackName}-${Aws.REGION}`,
    });
    this.#facade = new MonitoringFacade(this, 'Monitoring', { dashboardFactory });
    this.#addPosts();
    this.#addAlarms();
    this.#addApis();
    this.#addFunctions();
    this.#addRules();
    for (const topic of this.#all(Topic)) this.#facade.monitorSnsTopic({ topic });
    this.#addQueues();
    this.#addTables();
    this.#addPushes();
    this.#heading('Each function');
    for (const lambdaFunction of this.#all(HandlerFunction))
      this.#facade.monitorLambdaFunction({ lambdaFunction, humanReadableName: lambdaFunction.node.id });
  }

  /** Returns the parts of the stack that are of a class, in the order of their creation. */
  #all<Part extends Construct>(type: abstract new (...parameters: never[]) => Part): Part[] {
    return Stack.of(this)
      .node.findAll()
      .filter((part): part is Part => part instanceof type);
  }

  #heading(text: string): void {
    this.#facade.addLargeHeader(text, true);
  }

  #graphs(humanReadableName: string, ...metricGroups: CustomMetricGroup[]): void {
    this.#facade.monitorCustom({
      humanReadableName,
      alarmFriendlyName: humanReadableName.replace(/\W/g, ''),
      metricGroups,
      addToSummaryDashboard: true,
    });
  }

  #addPosts(): void {
    const time = (statistic: string, label: string) =>
      blogMetric(this, BlogMetric.timeToPush, { statistic, label });
    const count = (metric: BlogMetric, label: string) =>
      blogMetric(this, metric, { statistic: Stats.SUM, label });
    this.#graphs(
      'From the 201 to the push',
      graph('Time to push', [time(Stats.p(50), 'p50'), time(Stats.p(99), 'p99')], TimeAxisMillisFromZero),
      graph('Posts', [
        count(BlogMetric.postsAccepted, 'accepted'),
        count(BlogMetric.postsAnnounced, 'announced'),
        count(BlogMetric.postsEnriched, 'enriched'),
        count(BlogMetric.postsNotEnriched, 'not enriched'),
        time(Stats.SAMPLE_COUNT, 'pushed'),
      ]),
      graph('Connections', [
        count(BlogMetric.connectionsOpened, 'opened'),
        count(BlogMetric.connectionsClosed, 'closed'),
      ]),
    );
  }

  #addAlarms(): void {
    const alarms = this.#all(AlarmBase);
    this.#facade.addWidget(new AlarmStatusWidget({ title: 'Alarms', alarms, width: 24, height: 5 }), true);
  }

  #addApis(): void {
    this.#heading('APIs');
    for (const api of this.#all(RestApi))
      this.#facade.monitorApiGateway({
        api,
        apiStage: api.deploymentStage.stageName,
        humanReadableName: api.restApiName,
      });
    for (const rates of this.#all(AddressRates)) this.#graphs('AWS WAF', graph('Requests', rates.metrics()));
  }

  #addFunctions(): void {
    this.#heading('Functions');
    const functions = this.#all(HandlerFunction);
    const sum = { statistic: Stats.SUM };
    this.#graphs(
      'All functions',
      graph(
        'Errors',
        functions.map((each) => each.metricErrors({ ...sum, label: each.node.id })),
      ),
      graph(
        'Throttles',
        functions.map((each) => each.metricThrottles({ ...sum, label: each.node.id })),
      ),
      graph(
        'Invocations',
        functions.map((each) => each.metricInvocations({ ...sum, label: each.node.id })),
      ),
      graph(
        'Duration, p99',
        functions.map((each) => each.metricDuration({ statistic: Stats.p(99), label: each.node.id })),
        TimeAxisMillisFromZero,
      ),
    );
  }

  #addRules(): void {
    this.#heading('Rules');
    const rules = this.#all(CfnRule);
    const sums = (name: string) => rules.map((rule) => ruleMetric(rule, name, { statistic: Stats.SUM }));
    this.#graphs(
      'All rules',
      graph('Matched events', sums('MatchedEvents')),
      graph('Failed deliveries', sums('FailedInvocations')),
      graph('Events sent to dead-letter queues', sums('InvocationsSentToDlq')),
    );
  }

  #addQueues(): void {
    this.#heading('Dead-letter queues');
    const queues = this.#all(DeadLetterQueue);
    const maximum = { statistic: Stats.MAXIMUM };
    this.#graphs(
      'All queues',
      graph(
        'Messages',
        queues.map((queue) =>
          queue.metricApproximateNumberOfMessagesVisible({ ...maximum, label: queue.node.id }),
        ),
      ),
      graph(
        'Age of the oldest message, in seconds',
        queues.map((queue) =>
          queue.metricApproximateAgeOfOldestMessage({ ...maximum, label: queue.node.id }),
        ),
      ),
    );
  }

  #addTables(): void {
    this.#heading('Tables and streams');
    const readers = this.#all(HandlerFunction).filter((each) =>
      each.node.children.some((child) => child instanceof EventSourceMapping),
    );
    const tables = this.#all(BlogTable);
    const throttles = (metricName: string) =>
      tables.map((table) => table.metric(metricName, { statistic: Stats.SUM, label: table.node.id }));
    this.#graphs(
      'Delays',
      graph(
        'Age of the last record that was read from a stream',
        readers.map((each) => each.metric('IteratorAge', { statistic: Stats.MAXIMUM, label: each.node.id })),
        TimeAxisMillisFromZero,
      ),
      graph('Throttled reads', throttles('ReadThrottleEvents')),
      graph('Throttled writes', throttles('WriteThrottleEvents')),
    );
    for (const table of tables) this.#facade.monitorDynamoTable({ table, humanReadableName: table.node.id });
  }

  #addPushes(): void {
    this.#heading('Pushes');
    for (const stage of this.#all(WebSocketStage)) {
      const sum = (name: string) => stage.metric(name, { statistic: Stats.SUM, label: name });
      this.#graphs(
        'WebSocket API',
        graph('Messages', [sum('MessageCount'), sum('ConnectCount')]),
        graph('Errors', [sum('ClientError'), sum('ExecutionError'), sum('IntegrationError')]),
      );
    }
  }
}
