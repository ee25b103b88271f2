import { Duration, Validations } from 'aws-cdk-lib';
import { AccessLogField, AccessLogFormat } from 'aws-cdk-lib/aws-apigateway';
import { LogGroupLogDestination, WebSocketApi, WebSocketStage } from 'aws-cdk-lib/aws-apigatewayv2';
import { WebSocketLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import type { EventBus } from 'aws-cdk-lib/aws-events';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct, type IConstruct } from 'constructs';
import { CONNECTIONS_TABLE } from '../lambdas/connections/environment.ts';
import { WEBSOCKET_BUS } from '../lambdas/events/environment.ts';
import { POSTS_TABLE } from '../lambdas/posts/environment.ts';
import { BlogTable } from './blog-table.ts';
import { HandlerFunction } from './handler-function.ts';

const accessLogFormat = AccessLogFormat.custom(
  JSON.stringify({
    requestId: AccessLogField.contextRequestId(),
    time: AccessLogField.contextRequestTime(),
    ip: AccessLogField.contextIdentitySourceIp(),
    connectionId: AccessLogField.contextConnectionId(),
    eventType: AccessLogField.contextEventType(),
    route: AccessLogField.contextRouteKey(),
    status: AccessLogField.contextStatus(),
    error: AccessLogField.contextErrorResponseType(),
    integrationError: AccessLogField.contextIntegrationErrorMessage(),
  }),
);

export interface WebSocketGatewayProps {
  readonly stage: string;
  /**
   * The number of messages a second that the API accepts from all clients together. The burst is
   * twice as large.
   */
  readonly rate: number;
  readonly postsTable: BlogTable;
  /** Receives an event for each connection that watches a post. */
  readonly webSocketBus: EventBus;
  /** The account's setting of API Gateway, without which the stage cannot log. */
  readonly account: IConstruct;
}

/**
 * The WebSocket API that clients connect to, and the table of their connections. The table has an
 * item for each channel that a connection listens to, by which updates are pushed, and an item for
 * the connection itself, which names these channels. DynamoDB deletes an item after `expiresAt`.
 */
export class WebSocketGateway extends Construct {
  readonly connectionsTable: BlogTable;
  readonly stage: WebSocketStage;

  constructor(scope: Construct, id: string, props: WebSocketGatewayProps) {
    super(scope, id);

    this.connectionsTable = new BlogTable(this, 'ConnectionsTable', {
      partitionKey: 'channel',
      sortKey: 'connectionId',
      timeToLiveAttribute: 'expiresAt',
      maxReadRequestUnits: 4000,
      // API Gateway takes 500 new connections a second: each makes two writes, and three more when
      // it ends.
      maxWriteRequestUnits: 2500,
    });
    const integration = new WebSocketLambdaIntegration(
      'ManageConnections',
      this.#manageConnections(props).live,
    );
    const api = new WebSocketApi(this, 'Api', {
      apiName: `blog-updates-${props.stage}`,
      connectRouteOptions: { integration },
      disconnectRouteOptions: { integration },
      defaultRouteOptions: { integration, returnResponse: true },
    });
    this.stage = new WebSocketStage(this, 'Stage', {
      webSocketApi: api,
      stageName: props.stage,
      autoDeploy: true,
      throttle: { rateLimit: props.rate, burstLimit: 2 * props.rate },
      accessLogSettings: {
        destination: new LogGroupLogDestination(
          new LogGroup(this, 'AccessLog', { retention: RetentionDays.ONE_MONTH }),
        ),
        format: accessLogFormat,
      },
    });
    this.stage.node.addDependency(props.account);
    Validations.of(api).acknowledge({
      id: 'AwsSolutions-APIG4',
      reason: 'Anybody may connect, and is told what anybody may read.',
    });
  }

  #manageConnections({ postsTable, webSocketBus }: WebSocketGatewayProps): HandlerFunction {
    const manageConnections = new HandlerFunction(this, 'ManageConnections', {
      handler: 'manage-connections',
      // API Gateway waits for 29 s. A call takes at most three attempts of 3 s, and the pauses
      // between. A connect makes three calls, but within 4 s; a subscription four or five; a
      // removal two and one for each channel, ten at a time. A timeout loses nothing: the channels
      // that a connection's item names are removed before the item
      // (lambdas/connections/connections-table.ts).
      timeout: Duration.seconds(29),
      environment: {
        [CONNECTIONS_TABLE]: this.connectionsTable.tableName,
        [POSTS_TABLE]: postsTable.tableName,
        [WEBSOCKET_BUS]: webSocketBus.eventBusName,
      },
    });
    this.connectionsTable.grant(
      manageConnections,
      'dynamodb:PutItem',
      'dynamodb:UpdateItem',
      'dynamodb:GetItem',
      'dynamodb:DeleteItem',
    );
    postsTable.grant(manageConnections, 'dynamodb:GetItem');
    webSocketBus.grantPutEventsTo(manageConnections);
    return manageConnections;
  }
}
