import { Duration, Stack, Validations } from 'aws-cdk-lib';
import { ComparisonOperator, Stats, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import { SERVICE_NAME } from '../lambdas/runtime/blog-metrics.ts';
import { LIVE } from '../model/live-alias.ts';
import type { DeadLetterQueue } from './dead-letter-queue.ts';
import { HandlerBundles } from './handler-bundles.ts';
import { RunbookAlarm } from './runbook-alarm.ts';

export interface HandlerFunctionProps
  extends Pick<lambda.EventInvokeConfigOptions, 'retryAttempts' | 'maxEventAge'> {
  /** The handler's file in `lambdas/`, without its extension. */
  readonly handler: string;
  readonly timeout: Duration;
  /** The values of environment variables, by the names that the handler's folders export. */
  readonly environment: Record<string, string>;
  /** Receives the events that the function failed on, if it is invoked asynchronously. */
  readonly onFailure?: DeadLetterQueue;
}

/**
 * A Lambda function that runs one handler of `lambdas/`, with its alias `live`. Its role can write
 * to its own log group and to X-Ray, and has the permissions that constructs grant. Unless the
 * properties say otherwise, Lambda retries an asynchronous invocation twice if the handler fails, and
 * for 6 hours if it is throttled (Lambda Developer Guide, "How Lambda handles errors and retries with
 * asynchronous invocation").
 */
export class HandlerFunction extends lambda.Function {
  /**
   * Everything that invokes the function invokes this alias. The permissions and the metrics of the
   * function itself, and its settings for asynchronous invocations, do not apply to it.
   */
  readonly live: lambda.Alias;
  /** Goes off if invocations of `live` fail. */
  readonly errorAlarm: RunbookAlarm;

  constructor(scope: Construct, id: string, props: HandlerFunctionProps) {
    const logGroup = new LogGroup(scope, `${id}Logs`, { retention: RetentionDays.ONE_MONTH });
    const role = new Role(scope, `${id}Role`, { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
    logGroup.grantWrite(role);
    super(scope, id, {
      code: HandlerBundles.of(scope).code(props.handler),
      handler: `${props.handler}.handler`,
      runtime: lambda.Runtime.NODEJS_24_X,
      architecture: lambda.Architecture.ARM_64,
      memorySize: 512,
      timeout: props.timeout,
      role,
      environment: {
        ...props.environment,
        NODE_OPTIONS: '--enable-source-maps',
        [SERVICE_NAME]: Stack.of(scope).stackName,
      },
      logGroup,
      loggingFormat: lambda.LoggingFormat.JSON,
      applicationLogLevelV2: lambda.ApplicationLogLevel.INFO,
      systemLogLevelV2: lambda.SystemLogLevel.WARN,
      tracing: lambda.Tracing.ACTIVE,
    });
    this.live = new lambda.Alias(this, 'Live', {
      aliasName: LIVE,
      version: this.currentVersion,
    });
    const { onFailure, retryAttempts = 2, maxEventAge = Duration.hours(6) } = props;
    // The function itself has them too, for the events that wait while a stack without aliases is
    // updated.
    for (const invoked of onFailure ? [this.live, this] : [])
      invoked.configureAsyncInvoke({ onFailure, retryAttempts, maxEventAge });
    // An asynchronous event has three attempts in three minutes, so the alarm ignores an event that
    // a retry completes.
    this.errorAlarm = new RunbookAlarm(this, 'Errors', {
      meaning: `${props.handler} has failed three times within five minutes.`,
      section: 'FunctionErrors',
      metric: this.live.metricErrors({ period: Duration.minutes(5), statistic: Stats.SUM }),
      comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      threshold: 3,
      // A function that is not invoked has no metric.
      treatMissingData: TreatMissingData.NOT_BREACHING,
    });
    Validations.of(role).acknowledge({
      id: 'AwsSolutions-IAM5[Resource::*]',
      reason:
        'X-Ray, and real-time Comprehend in recognize-entities, know no resources (Service Authorization Reference). ' +
        'The template test lists every permission.',
    });
  }
}
