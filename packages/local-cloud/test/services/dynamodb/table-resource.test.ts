import { App, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { AttributeType, BillingMode, StreamViewType, Table, TableEncryption } from 'aws-cdk-lib/aws-dynamodb';
import { TableResource } from '../../../src/services/dynamodb/table-resource.ts';

const id = { name: 'id', type: AttributeType.STRING };

describe('the properties of a table', () => {
  test('are read as the CDK writes them', () => {
    const stack = new Stack(new App(), 'Blog');
    const table = new Table(stack, 'Posts', {
      partitionKey: id,
      billingMode: BillingMode.PAY_PER_REQUEST,
      maxReadRequestUnits: 100,
      maxWriteRequestUnits: 100,
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true, recoveryPeriodInDays: 7 },
      deletionProtection: true,
      encryption: TableEncryption.AWS_MANAGED,
      removalPolicy: RemovalPolicy.RETAIN,
      stream: StreamViewType.NEW_AND_OLD_IMAGES,
      timeToLiveAttribute: 'expiresAt',
    });
    table.addGlobalSecondaryIndex({
      indexName: 'byTopic',
      partitionKey: { name: 'topic', type: AttributeType.STRING },
      sortKey: id,
      maxWriteRequestUnits: 100,
    });
    const [resource] = Object.values(Template.fromStack(stack).findResources('AWS::DynamoDB::Table'));
    expect(TableResource.properties.parse(resource?.Properties)).toEqual(resource?.Properties);
  });

  test.each([
    ['a property', { LocalSecondaryIndexes: [] }],
    ['a nested property', { StreamSpecification: { StreamViewType: 'NEW_IMAGE', ResourcePolicy: {} } }],
    ['a value', { BillingMode: 'FREE' }],
  ])('are refused with an unsupported %s', (_what, properties) => {
    const KeySchema = [{ AttributeName: 'id', KeyType: 'HASH' }];
    const AttributeDefinitions = [{ AttributeName: 'id', AttributeType: 'S' }];
    expect(TableResource.properties.safeParse({ KeySchema, AttributeDefinitions }).success).toBe(true);
    const parsed = TableResource.properties.safeParse({ KeySchema, AttributeDefinitions, ...properties });
    expect(parsed.success).toBe(false);
  });
});
