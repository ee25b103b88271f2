import { permissionsOf } from './permissions.ts';
import { allProperties, properties, textOf } from './stage-template.ts';
import { rates } from './stages.ts';

describe('the WebSocket API', () => {
  it.each(['$connect', '$disconnect', '$default'])('routes %s to manage-connections', (routeKey) => {
    const route = allProperties('AWS::ApiGatewayV2::Route').find(({ RouteKey }) => RouteKey === routeKey);
    const integration = textOf(route?.Target).replace(/^integrations\/<(.*)>$/, '$1');
    const { IntegrationType, IntegrationUri } = properties('AWS::ApiGatewayV2::Integration', integration);
    expect(IntegrationType).toBe('AWS_PROXY');
    expect(textOf(IntegrationUri)).toContain('/<WebSocketGatewayManageConnectionsLive>/');
  });

  it('may invoke manage-connections for its routes only', () => {
    const permissions = allProperties('AWS::Lambda::Permission').filter(({ FunctionName }) =>
      textOf(FunctionName).includes('WebSocketGatewayManageConnections'),
    );
    const sources = permissions.map(({ Action, Principal, SourceArn }) => [
      Action,
      Principal,
      textOf(SourceArn).replace(/^.*>(?=\/)/, ''),
    ]);
    expect(sources.sort()).toEqual(
      ['/*$connect', '/*$default', '/*$disconnect'].map((source) => [
        'lambda:InvokeFunction',
        'apigateway.amazonaws.com',
        source,
      ]),
    );
  });

  it('answers messages by a route response', () => {
    expect(allProperties('AWS::ApiGatewayV2::Route')).toContainEqual(
      expect.objectContaining({ RouteKey: '$default', RouteResponseSelectionExpression: '$default' }),
    );
    expect(allProperties('AWS::ApiGatewayV2::RouteResponse')).toContainEqual(
      expect.objectContaining({ RouteResponseKey: '$default' }),
    );
  });

  it('is throttled at the configured rate', () => {
    const { webSocketRate } = rates;
    expect(allProperties('AWS::ApiGatewayV2::Stage')).toMatchObject([
      {
        DefaultRouteSettings: { ThrottlingRateLimit: webSocketRate, ThrottlingBurstLimit: 2 * webSocketRate },
      },
    ]);
  });
});

it('grants manage-connections exactly the permissions that it needs', () => {
  expect(permissionsOf('manage-connections')).toEqual([
    'dynamodb:DeleteItem <WebSocketGatewayConnectionsTable.Arn>',
    'dynamodb:GetItem <PostsTable.Arn>',
    'dynamodb:GetItem <WebSocketGatewayConnectionsTable.Arn>',
    'dynamodb:PutItem <WebSocketGatewayConnectionsTable.Arn>',
    'dynamodb:UpdateItem <WebSocketGatewayConnectionsTable.Arn>',
    'events:PutEvents <WebSocketBus.Arn>',
  ]);
});
