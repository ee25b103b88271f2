import { readFileSync } from 'node:fs';
import { LastingResources, lastingResources, unsafeChanges } from './lasting-resources.ts';
import { templates } from './stage-template.ts';

const released = LastingResources.parse(JSON.parse(readFileSync('test/lib/released-resources.json', 'utf8')));

it('the stack can be updated from the released one without a loss', () => {
  expect(unsafeChanges(released, lastingResources(templates.prod.Resources))).toEqual([]);
});

it('the released stack has the tables, the buses, the topic, the APIs and a queue for each consumer', () => {
  const types = Object.values(released).map(({ type }) => type);
  const count = (type: string) => types.filter((one) => one === type).length;
  expect(count('AWS::DynamoDB::Table')).toBe(3);
  expect(count('AWS::Events::EventBus')).toBe(2);
  for (const type of ['AWS::SNS::Topic', 'AWS::ApiGateway::RestApi', 'AWS::ApiGatewayV2::Api'])
    expect(count(type)).toBe(1);
  expect(count('AWS::Events::Rule')).toBeGreaterThan(4);
  expect(count('AWS::SQS::Queue')).toBeGreaterThan(8);
});

const key = (AttributeName: string, KeyType = 'HASH') => ({ AttributeName, KeyType });
const index = (IndexName: string, attribute = 'topic') => ({
  IndexName,
  KeySchema: [key(attribute)],
  Projection: { ProjectionType: 'KEYS_ONLY' },
});

interface Edit {
  table?: object;
  bus?: object;
  rule?: object;
}

/** Returns the lasting resources of a small stack with edited properties. */
const stack = ({ table, bus, rule }: Edit = {}) =>
  lastingResources({
    Posts: {
      Type: 'AWS::DynamoDB::Table',
      Properties: {
        KeySchema: [key('id')],
        AttributeDefinitions: ['id', 'topic', 'author'].map((AttributeName) => ({
          AttributeName,
          AttributeType: 'S',
        })),
        GlobalSecondaryIndexes: [index('byTopic')],
        ...table,
      },
    },
    Bus: { Type: 'AWS::Events::EventBus', Properties: { Name: 'blog', ...bus } },
    Rule: {
      Type: 'AWS::Events::Rule',
      Properties: { Name: 'created', EventBusName: { Ref: 'Bus' }, State: 'ENABLED', ...rule },
    },
    Queue: { Type: 'AWS::SQS::Queue' },
    Function: { Type: 'AWS::Lambda::Function', Properties: {} },
  });

describe('a change is safe if it', () => {
  const byAuthor = index('byAuthor', 'author');
  it.each<[string, Edit]>([
    ['changes nothing', {}],
    ['creates one index', { table: { GlobalSecondaryIndexes: [index('byTopic'), byAuthor] } }],
    ['deletes one index', { table: { GlobalSecondaryIndexes: [] } }],
    [
      'changes what needs no replacement',
      { rule: { State: 'DISABLED' }, table: { BillingMode: 'PROVISIONED' } },
    ],
  ])('%s', (_, edit) => {
    expect(unsafeChanges(stack(), stack(edit))).toEqual([]);
  });

  it('adds a resource', () => {
    const { Queue, ...before } = stack();
    expect(unsafeChanges(before, { ...before, ...(Queue && { Queue }) })).toEqual([]);
  });
});

describe('a change is unsafe if it', () => {
  const byAuthor = index('byAuthor', 'author');
  const byTime = index('byTime', 'id');
  it.each<[string, Edit, string]>([
    [
      'creates two indexes',
      { table: { GlobalSecondaryIndexes: [index('byTopic'), byAuthor, byTime] } },
      'Posts (AWS::DynamoDB::Table): creates 2 and deletes 0 indexes: byAuthor, byTime. One update',
    ],
    [
      'replaces an index by one of another name',
      { table: { GlobalSecondaryIndexes: [byAuthor] } },
      'creates 1 and deletes 1 indexes: byAuthor, byTopic.',
    ],
    [
      'changes the key of an index',
      { table: { GlobalSecondaryIndexes: [index('byTopic', 'author')] } },
      'An index cannot be changed',
    ],
    [
      'names a table',
      { table: { TableName: 'posts' } },
      'TableName was undefined and is posts. CloudFormation',
    ],
    [
      'changes a key',
      { table: { KeySchema: [key('topic')] } },
      'keys was id (HASH, S) and is topic (HASH, S).',
    ],
    [
      'changes the type of a key',
      { table: { AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'N' }] } },
      'keys was id (HASH, S) and is id (HASH, N).',
    ],
    ['renames a bus', { bus: { Name: 'news' } }, 'Bus (AWS::Events::EventBus): Name was blog and is news.'],
    ['renames a rule', { rule: { Name: 'new' } }, 'Rule (AWS::Events::Rule): Name was created and is new.'],
    ['moves a rule', { rule: { EventBusName: 'other' } }, 'EventBusName was {"Ref":"Bus"} and is other.'],
  ])('%s', (_, edit, reason) => {
    expect(unsafeChanges(stack(), stack(edit)).join('\n')).toContain(reason);
  });

  it.each(['Posts', 'Bus', 'Rule', 'Queue'])('removes %s, or gives it another logical ID', (logicalId) => {
    const { [logicalId]: moved, ...rest } = stack();
    expect(unsafeChanges(stack(), { ...rest, ...(moved && { Moved: moved }) })).toEqual([
      expect.stringMatching(`^${logicalId} \\(.*\\) is gone: .* Keep the logical ID\\.$`),
    ]);
  });

  it('replaces a resource by one of another type', () => {
    const after = { ...stack(), Queue: { type: 'AWS::SNS::Topic', fixed: {} } };
    expect(unsafeChanges(stack(), after)).toEqual([
      expect.stringContaining('Queue (AWS::SQS::Queue) is gone'),
    ]);
  });
});
