import { allProperties, properties } from './stage-template.ts';

describe('the tables', () => {
  it('are billed by request up to a maximum, and can be restored', () => {
    for (const table of allProperties('AWS::DynamoDB::Table'))
      expect(table).toMatchObject({
        BillingMode: 'PAY_PER_REQUEST',
        OnDemandThroughput: {
          MaxReadRequestUnits: expect.anything(),
          MaxWriteRequestUnits: expect.anything(),
        },
        PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
      });
  });

  it('Posts has the stream', () => {
    expect(properties('AWS::DynamoDB::Table', 'PostsTable')).toMatchObject({
      KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
      StreamSpecification: { StreamViewType: 'NEW_AND_OLD_IMAGES' },
    });
    expect(properties('AWS::DynamoDB::Table', 'PostsTable')).not.toHaveProperty('TimeToLiveSpecification');
  });

  it('Posts has indexes of the feeds and of what is still to be announced, which take as many writes as the table', () => {
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

  it('Connections is read by channel, and forgets', () => {
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

  it('RequestLimits has one row a limit, and forgets', () => {
    const limits = properties('AWS::DynamoDB::Table', 'MailSubscriptionsRequestLimitsTable');
    expect(limits).toMatchObject({
      KeySchema: [{ AttributeName: 'limit', KeyType: 'HASH' }],
      TimeToLiveSpecification: { AttributeName: 'expiresAt', Enabled: true },
    });
    expect(limits).not.toHaveProperty('StreamSpecification');
  });
});
