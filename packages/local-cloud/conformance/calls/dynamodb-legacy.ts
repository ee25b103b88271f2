import type { AttributeValue, Condition, DynamoDB, ExpectedAttributeValue } from '@aws-sdk/client-dynamodb';
import type { Recorder } from '../answers.ts';

const operators = ['EQ', 'NE', 'LE', 'LT', 'GE', 'GT', 'CONTAINS', 'NOT_CONTAINS', 'BEGINS_WITH'] as const;

/**
 * Makes calls with the parameters that expressions have replaced, on attributes that the items have
 * and that they do not have.
 */
export async function callWithLegacyParameters(
  client: DynamoDB,
  TableName: string,
  record: Recorder,
): Promise<void> {
  const scan = async (name: string, ScanFilter: Record<string, Condition>, operator?: 'AND' | 'OR') =>
    record.call(
      `legacy: ScanFilter: ${name}`,
      client.scan({ TableName, ScanFilter, ConditionalOperator: operator, Select: 'COUNT' }),
    );
  const values: Record<string, AttributeValue> = { s: { S: 'abc' }, n: { N: '5' }, x: { S: 'abc' } };
  for (const [attribute, value] of Object.entries(values)) {
    for (const ComparisonOperator of operators)
      await scan(`${attribute} ${ComparisonOperator}`, {
        [attribute]: { ComparisonOperator, AttributeValueList: [value] },
      });
    const twice = [value, value];
    await scan(`${attribute} BETWEEN`, {
      [attribute]: { ComparisonOperator: 'BETWEEN', AttributeValueList: twice },
    });
    await scan(`${attribute} IN`, { [attribute]: { ComparisonOperator: 'IN', AttributeValueList: [value] } });
    await scan(`${attribute} NULL`, { [attribute]: { ComparisonOperator: 'NULL' } });
    await scan(`${attribute} NOT_NULL`, { [attribute]: { ComparisonOperator: 'NOT_NULL' } });
  }
  const both: Record<string, Condition> = {
    s: { ComparisonOperator: 'NULL' },
    n: { ComparisonOperator: 'EQ', AttributeValueList: [{ N: '5.0' }] },
  };
  await scan('both', both, 'AND');
  await scan('either', both, 'OR');
  await scan('no operand', { s: { ComparisonOperator: 'EQ', AttributeValueList: [] } });
  await scan('list as operand', { s: { ComparisonOperator: 'LT', AttributeValueList: [{ L: [] }] } });

  const Key = { id: { S: 'legacy' } };
  await client.putItem({
    TableName,
    Item: { ...Key, s: { S: 'abc' }, n: { N: '5' }, ss: { SS: ['a', 'b'] } },
  });
  const expected: [name: string, condition: Record<string, ExpectedAttributeValue>][] = [
    ['value', { s: { Value: { S: 'abc' } } }],
    ['other value', { s: { Value: { S: 'x' } } }],
    ['absent', { x: { Exists: false } }],
    ['absent, but there', { s: { Exists: false } }],
    ['value of an absent one', { x: { Value: { S: 'abc' } } }],
    ['operator on an absent one', { x: { ComparisonOperator: 'LT', AttributeValueList: [{ S: 'a' }] } }],
    ['invalid number', { n: { ComparisonOperator: 'EQ', AttributeValueList: [{ N: 'x' }] } }],
    ['number written otherwise', { n: { ComparisonOperator: 'EQ', AttributeValueList: [{ N: '5.00' }] } }],
  ];
  for (const [name, Expected] of expected)
    await record.call(
      `legacy: Expected: ${name}`,
      client.updateItem({ TableName, Key, Expected, ReturnValues: 'ALL_NEW' }),
    );
  const updates: [
    name: string,
    action: 'PUT' | 'ADD' | 'DELETE',
    attribute: string,
    value?: AttributeValue,
  ][] = [
    ['put', 'PUT', 's', { S: 'new' }],
    ['add to a number', 'ADD', 'n', { N: '1' }],
    ['add to a set', 'ADD', 'ss', { SS: ['b', 'c'] }],
    ['add to nothing', 'ADD', 'y', { N: '1' }],
    ['add a set to a number', 'ADD', 'n', { SS: ['a'] }],
    ['delete members', 'DELETE', 'ss', { SS: ['a', 'b'] }],
    ['delete the last members', 'DELETE', 'ss', { SS: ['c'] }],
    ['delete members of nothing', 'DELETE', 'z', { SS: ['c'] }],
    ['delete', 'DELETE', 's'],
    ['key', 'PUT', 'id', { S: 'x' }],
    ['add too many digits', 'ADD', 'n', { N: '1e-38' }],
  ];
  for (const [name, Action, attribute, Value] of updates)
    await record.call(
      `legacy: AttributeUpdates: ${name}`,
      client.updateItem({
        TableName,
        Key,
        AttributeUpdates: { [attribute]: { Action, Value } },
        ReturnValues: 'ALL_NEW',
      }),
    );
  await record.call(
    'legacy: AttributesToGet',
    client.getItem({ TableName, Key, AttributesToGet: ['n', 'x'] }),
  );
  await record.call(
    'legacy: AttributesToGet twice',
    client.getItem({ TableName, Key, AttributesToGet: ['n', 'n'] }),
  );
}
