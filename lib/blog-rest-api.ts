import { Annotations, Aws, Validations } from 'aws-cdk-lib';
import {
  AccessLogField,
  AccessLogFormat,
  EndpointType,
  LogGroupLogDestination,
  RestApi,
} from 'aws-cdk-lib/aws-apigateway';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { Construct, IConstruct } from 'constructs';
import { newPostsPerSecond } from '../model/mail-budget.ts';
import { addGatewayResponses } from './gateway-responses.ts';

const accessLogFormat = AccessLogFormat.custom(
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
);

export interface BlogRestApiProps {
  readonly stage: string;
  /**
   * The number of requests a second that each method accepts, from all callers together (API
   * Gateway Developer Guide, "Throttle requests to your REST APIs").
   */
  readonly rate: number;
  /** The burst of requests that each method accepts. */
  readonly burst: number;
  /** The throttle of `POST /posts`, whose posts are mailed. */
  readonly newPosts: { readonly rate: number; readonly burst: number };
}

/** A regional REST API. Its one stage is throttled and logs each request as JSON. */
export class BlogRestApi extends RestApi {
  /** The URL of the stage, without a slash at the end. */
  readonly baseUrl: string;
  /**
   * The setting of the account and region that lets API Gateway write logs. Every stage that logs
   * depends on it.
   */
  readonly account: IConstruct;

  constructor(scope: Construct, id: string, { stage, rate, burst, newPosts }: BlogRestApiProps) {
    super(scope, id, {
      restApiName: `blog-posts-${stage}`,
      endpointTypes: [EndpointType.REGIONAL],
      // The setting outlives the stack, because other APIs of the account can depend on it.
      cloudWatchRole: true,
      deployOptions: {
        stageName: stage,
        throttlingRateLimit: rate,
        throttlingBurstLimit: burst,
        methodOptions: {
          '/posts/POST': { throttlingRateLimit: newPosts.rate, throttlingBurstLimit: newPosts.burst },
        },
        tracingEnabled: true,
        accessLogDestination: new LogGroupLogDestination(
          new LogGroup(scope, 'AccessLog', { retention: RetentionDays.ONE_MONTH }),
        ),
        accessLogFormat,
      },
    });
    // The library's output of the URL: the stack has `ApiUrl` instead.
    this.node.tryRemoveChild('Endpoint');
    addGatewayResponses(this);
    if (newPosts.rate + newPosts.burst > newPostsPerSecond)
      Annotations.of(this).addWarningV2(
        'blog:mail-budget',
        `POST /posts accepts up to ${newPosts.rate + newPosts.burst} posts in a second (postRate + postBurst), more than ` +
          `${newPostsPerSecond}. SNS suspends each e-mail subscription that receives more than 10 in a second, and deletes ` +
          'it 48 hours later. See docs/scaling.md#e-mails-a-second.',
      );
    Validations.of(this).acknowledge(
      {
        id: 'AwsSolutions-APIG2',
        reason: 'The functions validate, and tell all bad fields of a request at once.',
      },
      {
        id: 'AwsSolutions-APIG3',
        reason:
          'WAF has a monthly charge, so it is optional (-c waf=true); the throttle bounds what anybody can use up.',
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

    this.baseUrl = `https://${this.restApiId}.execute-api.${Aws.REGION}.${Aws.URL_SUFFIX}/${stage}`;
    this.account = this.node.findChild('Account');
  }
}
