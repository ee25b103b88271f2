import { Duration, Stack } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import { CONNECTIONS_TABLE } from '../lambdas/connections/environment.ts';
import { POSTS_TABLE } from '../lambdas/posts/environment.ts';
import type { BlogTable } from './blog-table.ts';
import { EventConsumer, type EventConsumerProps } from './event-consumer.ts';
import type { WebSocketGateway } from './websocket-gateway.ts';

/** Allows a method of the management API on every connection of the gateway's stage. */
function manageConnections(method: 'POST' | 'DELETE', { stage }: WebSocketGateway): PolicyStatement {
  return new PolicyStatement({
    actions: ['execute-api:ManageConnections'],
    resources: [
      Stack.of(stage).formatArn({
        service: 'execute-api',
        resource: stage.api.apiId,
        resourceName: `${stage.stageName}/${method}/@connections/*`,
      }),
    ],
  });
}

export interface PostSenderProps extends Pick<EventConsumerProps, 'rule' | 'handler'> {
  readonly postsTable: BlogTable;
  readonly webSocketGateway: WebSocketGateway;
}

/** A consumer that reads a post, sends it to connections, and removes those that are gone. */
export class PostSender extends EventConsumer {
  constructor(scope: Construct, id: string, props: PostSenderProps) {
    const { rule, handler, postsTable } = props;
    const { connectionsTable, stage } = props.webSocketGateway;
    super(scope, id, {
      rule,
      handler,
      // At most 9 s for each of two reads, then 93 s for the sends to 500 connections, and 9 s to put
      // an event with those that failed. The removals of gone connections come on top; Lambda's
      // retry completes them (lambdas/connections/push.ts).
      timeout: Duration.seconds(150),
      environment: {
        [POSTS_TABLE]: postsTable.tableName,
        [CONNECTIONS_TABLE]: connectionsTable.tableName,
        // The SDK's own variable (AWS SDKs and Tools Reference Guide, "Service-specific
        // endpoints").
        AWS_ENDPOINT_URL_APIGATEWAYMANAGEMENTAPI: stage.callbackUrl,
      },
    });
    postsTable.grant(this, 'dynamodb:GetItem');
    connectionsTable.grant(this, 'dynamodb:UpdateItem', 'dynamodb:DeleteItem');
    this.addToRolePolicy(manageConnections('POST', props.webSocketGateway));
  }

  /** Allows the function to close connections. */
  grantClose(webSocketGateway: WebSocketGateway): void {
    this.addToRolePolicy(manageConnections('DELETE', webSocketGateway));
  }
}
