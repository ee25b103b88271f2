import { properties, resources } from './stage-template.ts';

describe('the tables', () => {
  it('are billed per request up to a maximum, with point-in-time recovery except for the limits', () => {
    for (const [name, { Properties }] of Object.entries(resources('AWS::DynamoDB::Table')))
      expect(Properties).toMatchObject({
        BillingMode: 'PAY_PER_REQUEST',
        OnDemandThroughput: {
          MaxReadRequestUnits: expect.anything(),
          MaxWriteRequestUnits: expect.anything(),
        },
        PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: !name.includes('RequestLimits') },
      });
  });

  it('Posts has a stream, and its tombstones expire', () => {
    expect(properties('AWS::DynamoDB::Table', 'PostsTable')).toMatchObject({
      KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
      StreamSpecification: { StreamViewType: 'NEW_AND_OLD_IMAGES' },
      TimeToLiveSpecification: { AttributeName: 'expiresAt', Enabled: true },
    });
  });

  it('Posts has indexes of the feeds and of the outbox, with the same write limit as the table', () => {
    const { GlobalSecondaryIndexes } = properties('AWS::DynamoDB::Table', 'PostsTable');
    const index = (IndexName: string, partitionKey: string, sortKey: string) => ({
      IndexName,
      KeySchema: [
        { AttributeName: partitionKey, KeyType: 'HASH' },
        { AttributeName: sortKey, KeyType: 'RANGE' },
      ],
      Projection: { ProjectionType: 'KEYS_ONLY' },
      OnDemandThroughput: { MaxReadRequestUnits: 1000 },
    });
    expect(GlobalSecondaryIndexes).toEqual([
      index('byTime', 'feedShard', 'feedPosition'),
      index('byTopic', 'topicShard', 'feedPosition'),
      index('byAuthor', 'authorShard', 'feedPosition'),
      index('outbox', 'outboxShard', 'outboxSince'),
    ]);
  });

  it('Connections is keyed by channel, and its items expire', () => {
    const connections = properties('AWS::DynamoDB::Table', 'WebSocketGatewayConnectionsTable');
    expect(connections).toMatchObject({
      KeySchema: [
        { AttributeName: 'channel', KeyType: 'HASH' },
        { AttributeName: 'connectionId', KeyType: 'RANGE' },
      ],
      TimeToLiveSpecification: { AttributeName: 'expiresAt', Enabled: true },
    });
    expect(connections).not.toHaveProperty('GlobalSecondaryIndexes');
    expect(connections).not.toHaveProperty('StreamSpecification');
  });

  it('RequestLimits has one item per limit, and its items expire', () => {
    const limits = properties('AWS::DynamoDB::Table', 'MailSubscriptionsRequestLimitsTable');
    expect(limits).toMatchObject({
      KeySchema: [{ AttributeName: 'limit', KeyType: 'HASH' }],
      TimeToLiveSpecification: { AttributeName: 'expiresAt', Enabled: true },
    });
    expect(limits).not.toHaveProperty('StreamSpecification');
  });
});
