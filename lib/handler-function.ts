import { Duration, Stack, Validations } from 'aws-cdk-lib';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import { SERVICE_NAME } from '../lambdas/runtime/blog-metrics.ts';
import type { DeadLetterQueue } from './dead-letter-queue.ts';
import { HandlerBundles } from './handler-bundles.ts';

export interface HandlerFunctionProps {
  /** The handler's file in `lambdas/`, without its extension. */
  readonly handler: string;
  readonly timeout: Duration;
  /** The values of environment variables, by the names that the handler's folders export. */
  readonly environment: Record<string, string>;
  /** Receives the events that the function failed on, if it is invoked asynchronously. */
  readonly onFailure?: DeadLetterQueue;
}

/**
 * A Lambda function that runs one handler of `lambdas/`. Its role can write to its own log group
 * and to X-Ray, and has the permissions that constructs grant. Lambda retries an asynchronous
 * invocation twice if the handler fails, and for 6 hours if it is throttled (Lambda Developer
 * Guide, "How Lambda handles errors and retries with asynchronous invocation").
 */
export class HandlerFunction extends lambda.Function {
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
      ...(props.onFailure && {
        onFailure: props.onFailure,
        retryAttempts: 2,
        maxEventAge: Duration.hours(6),
      }),
    });
    Validations.of(role).acknowledge({
      id: 'AwsSolutions-IAM5[Resource::*]',
      reason:
        'X-Ray, and real-time Comprehend in recognize-entities, know no resources (Service Authorization Reference). ' +
        'The template test lists every permission.',
    });
  }
}
