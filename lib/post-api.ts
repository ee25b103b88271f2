import { Aws, Duration, Validations } from 'aws-cdk-lib';
import {
  AccessLogField,
  AccessLogFormat,
  Cors,
  type CorsOptions,
  EndpointType,
  LambdaIntegration,
  LogGroupLogDestination,
  type Resource,
  RestApi,
} from 'aws-cdk-lib/aws-apigateway';
import type { Table } from 'aws-cdk-lib/aws-dynamodb';
import type { EventBus } from 'aws-cdk-lib/aws-events';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct, type IConstruct } from 'constructs';
import { Environment } from '../lambdas/runtime/environment.ts';
import { corsHeaders } from '../model/cors-headers.ts';
import { addGatewayResponses } from './gateway-responses.ts';
import { HandlerFunction } from './handler-function.ts';

export interface PostApiProps {
  readonly stage: string;
  /**
   * Requests a second that each method of the API takes by itself, all callers together (API Gateway Developer Guide,
   * "Throttle requests to your REST APIs").
   */
  readonly rate: number;
  /** Requests that each takes at once. */
  readonly burst: number;
  readonly postsTable: Table;
  readonly blogBus: EventBus;
}

/** What a resource of the REST API with these methods answers a browser that asks what a page of any origin may send. */
export function corsPreflight(...allowMethods: string[]): CorsOptions {
  return {
    allowOrigins: Cors.ALL_ORIGINS,
    allowMethods,
    allowHeaders: ['Content-Type', 'Idempotency-Key', 'If-None-Match'],
    exposeHeaders: [corsHeaders['Access-Control-Expose-Headers']],
  };
}

/**
 * The REST API, and of its methods `POST /posts`: a post is validated, saved in the Posts table and announced on the blog
 * bus as `BlogPostCreated`.
 */
export class PostApi extends Construct {
  readonly api: RestApi;
  /** `/posts` */
  readonly posts: Resource;
  /** Without a slash at its end. */
  readonly url: string;
  /** The setting of the account and region that lets API Gateway write logs. No stage can log before it. */
  readonly account: IConstruct;

  constructor(scope: Construct, id: string, props: PostApiProps) {
    super(scope, id);

    const createPost = new HandlerFunction(this, 'CreatePost', {
      handler: 'create-post',
      // Three calls, each three times 3 s at worst, and the pauses between. API Gateway waits for 29 s.
      timeout: Duration.seconds(29),
      environment: {
        [Environment.postsTable]: props.postsTable.tableName,
        [Environment.blogBus]: props.blogBus.eventBusName,
      },
    });
    props.postsTable.grant(createPost, 'dynamodb:PutItem', 'dynamodb:UpdateItem');
    props.blogBus.grantPutEventsTo(createPost);

    const api = new RestApi(this, 'Api', {
      restApiName: `blog-posts-${props.stage}`,
      endpointTypes: [EndpointType.REGIONAL],
      // Kept when the stack goes, because other APIs of the account may log by it.
      cloudWatchRole: true,
      deployOptions: {
        stageName: props.stage,
        throttlingRateLimit: props.rate,
        throttlingBurstLimit: props.burst,
        tracingEnabled: true,
        accessLogDestination: new LogGroupLogDestination(
          new LogGroup(this, 'AccessLog', { retention: RetentionDays.ONE_MONTH }),
        ),
        accessLogFormat: AccessLogFormat.custom(
          JSON.stringify({
            requestId: AccessLogField.contextRequestId(),
            traceId: AccessLogField.contextXrayTraceId(),
            time: AccessLogField.contextRequestTime(),
            ip: AccessLogField.contextIdentitySourceIp(),
            method: AccessLogField.contextHttpMethod(),
            path: AccessLogField.contextPath(),
            status: AccessLogField.contextStatus(),
            latency: AccessLogField.contextResponseLatency(),
            error: AccessLogField.contextErrorResponseType(),
            integrationError: AccessLogField.contextIntegrationErrorMessage(),
          }),
        ),
      },
    });
    // The library's own output of the URL; `ApiUrl` is this stack's.
    api.node.tryRemoveChild('Endpoint');
    addGatewayResponses(api);
    this.posts = api.root.addResource('posts', { defaultCorsPreflightOptions: corsPreflight('GET', 'POST') });
    this.posts.addMethod('POST', new LambdaIntegration(createPost, { allowTestInvoke: false }));
    Validations.of(api).acknowledge(
      {
        id: 'AwsSolutions-APIG2',
        reason: 'The functions validate, and tell all bad fields of a request at once.',
      },
      {
        id: 'AwsSolutions-APIG3',
        reason: 'Costs by the month; the throttle bounds what anybody can use up.',
      },
      { id: 'AwsSolutions-APIG4', reason: 'Anybody may post and read.' },
      { id: 'AwsSolutions-COG4', reason: 'Anybody may post and read.' },
      {
        id: 'AwsSolutions-APIG6',
        reason:
          'The access log has the errors too. What else is logged goes to a group that the stack cannot own.',
      },
      {
        id: 'AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs]',
        reason:
          'The policy that API Gateway asks of the role by which it logs for the whole account and region.',
      },
    );

    this.api = api;
    this.url = `https://${api.restApiId}.execute-api.${Aws.REGION}.${Aws.URL_SUFFIX}/${props.stage}`;
    this.account = api.node.findChild('Account');
  }
}
