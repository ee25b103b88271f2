import { Duration, Stack } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import { CONNECTIONS_TABLE } from '../lambdas/connections/environment.ts';
import { POSTS_TABLE } from '../lambdas/posts/environment.ts';
import type { BlogTable } from './blog-table.ts';
import { EventConsumer, type EventConsumerProps } from './event-consumer.ts';
import type { WebSocketGateway } from './websocket-gateway.ts';

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
      // At most 9 s for each of two reads, then 73 s for the sends to 500 connections. The removals
      // of gone connections come on top; Lambda's retry completes them
      // (lambdas/connections/post-sender.ts).
      timeout: Duration.seconds(120),
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
    this.addToRolePolicy(
      new PolicyStatement({
        actions: ['execute-api:ManageConnections'],
        resources: [
          Stack.of(this).formatArn({
            service: 'execute-api',
            resource: stage.api.apiId,
            resourceName: `${stage.stageName}/POST/@connections/*`,
          }),
        ],
      }),
    );
  }
}
