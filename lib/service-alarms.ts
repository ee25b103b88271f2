import { Duration, Stack } from 'aws-cdk-lib';
import { RestApi } from 'aws-cdk-lib/aws-apigateway';
import { WebSocketStage } from 'aws-cdk-lib/aws-apigatewayv2';
import {
  AlarmRule,
  AlarmState,
  ComparisonOperator,
  CompositeAlarm,
  type IMetric,
  MathExpression,
  Stats,
  TreatMissingData,
} from 'aws-cdk-lib/aws-cloudwatch';
import { CfnRule } from 'aws-cdk-lib/aws-events';
import { CfnPermission, EventSourceMapping } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { AddressRates } from './address-rates.ts';
import { BlogTable } from './blog-table.ts';
import { DeadLetterQueue } from './dead-letter-queue.ts';
import { HandlerFunction } from './handler-function.ts';
import { ruleMetric } from './rule-metric.ts';
import { RunbookAlarm, type RunbookAlarmProps, runbookDescription } from './runbook-alarm.ts';

/** CloudWatch User Guide, "Create a CloudWatch alarm based on a metric math expression". */
const MAXIMUM_METRICS = 10;
const fiveMinutes = Duration.minutes(5);
const sum = { period: fiveMinutes, statistic: Stats.SUM };
const p99 = { period: fiveMinutes, statistic: Stats.p(99) };
/** A slow minute passes by itself. */
const forTenMinutes = { evaluationPeriods: 2 };

type Condition = Pick<RunbookAlarmProps, 'meaning' | 'threshold' | 'evaluationPeriods' | 'usersSuffer'>;

/**
 * The alarms that watch several parts of the stack together, and the composite alarm
 * `<stack>-Unhealthy` of those that mean that users suffer. They watch every part that exists when
 * they are created.
 */
export class ServiceAlarms extends Construct {
  /** Goes off if an API answers with 5xx. */
  readonly apiErrors: RunbookAlarm;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    this.apiErrors = this.#watchApis();
    this.#watchFunctions();
    this.#watchEvents();
    this.#watchTables();
    this.#watchAddresses();
    this.#combine();
  }

  /** Returns whether API Gateway may invoke a function. */
  isBehindApi({ live }: HandlerFunction): boolean {
    const text = (value: unknown): string => JSON.stringify(Stack.of(this).resolve(value));
    return this.#all(CfnPermission).some(
      ({ functionName, principal }) =>
        principal === 'apigateway.amazonaws.com' && text(functionName) === text(live.functionArn),
    );
  }

  #watchApis(): RunbookAlarm {
    // Not of the stage, which depends on the functions, whose deployments depend on these alarms. The
    // API has no other stage.
    const restApis = this.#all(RestApi);
    const webSocketStages = this.#all(WebSocketStage);
    const latencies = [
      ...restApis.map((api) => api.metricLatency(p99)),
      ...webSocketStages.map((stage) => stage.metric('IntegrationLatency', p99)),
    ];
    this.#alarm('ApiSlow', combined('MAX', latencies), {
      meaning: 'One in a hundred requests to an API has taken more than five seconds, for ten minutes.',
      threshold: 5000,
      usersSuffer: true,
      ...forTenMinutes,
    });
    const errors = [
      ...restApis.map((api) => api.metricServerError(sum)),
      ...webSocketStages.flatMap((stage) =>
        ['IntegrationError', 'ExecutionError'].map((name) => stage.metric(name, sum)),
      ),
    ];
    return this.#alarm('ApiErrors', combined('SUM', errors), {
      meaning: 'The APIs have answered five requests with a 5xx or an error within five minutes.',
      threshold: 5,
      usersSuffer: true,
    });
  }

  #watchFunctions(): void {
    const functions = this.#all(HandlerFunction);
    const answering = functions.filter((one) => this.isBehindApi(one)).map(({ live }) => live);
    const throttles = answering.map((live) => live.metricThrottles(sum));
    this.#alarm('FunctionsThrottled', combined('SUM', throttles), {
      meaning: 'Lambda has refused five requests to functions behind the APIs within five minutes.',
      threshold: 5,
      usersSuffer: true,
    });
    const durations = answering.map((live) => live.metricDuration(p99));
    this.#alarm('FunctionsSlow', combined('MAX', durations), {
      meaning:
        'One in a hundred invocations of a function behind the APIs has taken more than five seconds, for ten minutes.',
      threshold: 5000,
      ...forTenMinutes,
    });
    const ages = functions
      .filter(({ node }) => node.children.some((child) => child instanceof EventSourceMapping))
      .map(({ live }) => live.metric('IteratorAge', { period: fiveMinutes, statistic: Stats.MAXIMUM }));
    this.#alarm('StreamDelayed', combined('MAX', ages), {
      meaning: 'A function reads the changes of posts more than two minutes after they were made.',
      threshold: Duration.minutes(2).toMilliseconds(),
      usersSuffer: true,
    });
  }

  #watchEvents(): void {
    const failures = this.#all(CfnRule).map((rule) => ruleMetric(rule, 'FailedInvocations', sum));
    this.#alarm('EventsFailed', combined('SUM', failures), {
      meaning: 'EventBridge has given up on an event, which may be in no queue.',
      threshold: 1,
    });
    const waiting = this.#all(DeadLetterQueue)
      .filter(({ alarm }) => alarm === undefined)
      .map((queue) =>
        queue.metricApproximateNumberOfMessagesVisible({
          period: Duration.minutes(1),
          statistic: Stats.MAXIMUM,
        }),
      );
    this.#alarm('Undelivered', combined('MAX', waiting, Duration.minutes(1)), {
      meaning: 'EventBridge has given up handing an event over to a target of its rule.',
      threshold: 1,
    });
  }

  /**
   * The metrics exist for each operation of each table, and only once they are not 0, so a query finds
   * them (Amazon DynamoDB Developer Guide, "DynamoDB metrics and dimensions").
   */
  #watchTables(): void {
    const isOfStack = this.#all(BlogTable)
      .map(({ tableName }) => `TableName = '${tableName}'`)
      .join(' OR ');
    const inAll = (metric: string) =>
      new MathExpression({
        expression: `SELECT SUM(${metric}) FROM SCHEMA("AWS/DynamoDB", Operation, TableName) WHERE ${isOfStack}`,
        period: fiveMinutes,
      });
    this.#alarm('TablesThrottled', inAll('ThrottledRequests'), {
      meaning: 'DynamoDB has throttled ten requests to the tables within five minutes.',
      threshold: 10,
    });
    this.#alarm('TablesFail', inAll('SystemErrors'), {
      meaning: 'DynamoDB has failed ten requests to the tables within five minutes.',
      threshold: 10,
    });
  }

  #watchAddresses(): void {
    for (const rates of this.#all(AddressRates))
      this.#alarm('RequestsBlocked', rates.blockedRequests(sum), {
        meaning: 'AWS WAF has blocked a thousand requests of single addresses within five minutes.',
        threshold: 1000,
      });
  }

  #combine(): void {
    const alarms = this.#all(RunbookAlarm).filter(({ usersSuffer }) => usersSuffer);
    new CompositeAlarm(this, 'Unhealthy', {
      compositeAlarmName: `${Stack.of(this).stackName}-Unhealthy`,
      alarmDescription: runbookDescription('Users cannot use the blog, or wait for posts.', 'Unhealthy'),
      alarmRule: AlarmRule.anyOf(...alarms.map((alarm) => AlarmRule.fromAlarm(alarm, AlarmState.ALARM))),
    });
  }

  /** Creates an alarm that is on at its threshold and above. Its ID is its section of the runbook. */
  #alarm(id: string, metric: IMetric, condition: Condition): RunbookAlarm {
    return new RunbookAlarm(this, id, {
      section: id,
      metric,
      comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      // Without requests or failures, there are no metrics.
      treatMissingData: TreatMissingData.NOT_BREACHING,
      ...condition,
    });
  }

  /** Returns the parts of the stack that are of a class. */
  #all<Part extends Construct>(type: abstract new (...parameters: never[]) => Part): Part[] {
    return Stack.of(this)
      .node.findAll()
      .filter((part): part is Part => part instanceof type);
  }
}

/**
 * Returns one metric of several.
 * @throws {Error} if there are more than an alarm can have
 */
function combined(
  operation: 'MAX' | 'SUM',
  metrics: readonly IMetric[],
  period = fiveMinutes,
): MathExpression {
  if (metrics.length > MAXIMUM_METRICS)
    throw new Error(
      `An alarm has at most ${MAXIMUM_METRICS} metrics, not ${metrics.length}: split the alarm in lib/service-alarms.ts.`,
    );
  return new MathExpression({
    expression: `${operation}(METRICS())`,
    usingMetrics: Object.fromEntries(metrics.map((metric, index) => [`m${index}`, metric])),
    period,
  });
}
