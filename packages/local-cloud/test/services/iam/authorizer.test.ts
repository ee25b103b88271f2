import { resourceTypes } from '../../../src/cloud/resource-types.ts';
import type { Log } from '../../../src/core/log.ts';
import { Authorizer } from '../../../src/services/iam/authorizer.ts';
import { compareExecutionRoles } from '../../../src/services/iam/execution-role.ts';
import { Template } from '../../../src/template/template.ts';
import { account, functionResource, writeAssembly } from '../../fixtures/assembly.ts';
import { temporaryFolder } from '../../fixtures/temporary-folder.ts';

const folder = temporaryFolder();
const arn = (service: string, resource: string) => `arn:aws:${service}:eu-west-1:123456789012:${resource}`;
const table = arn('dynamodb', 'table/posts');
const topic = arn('sns', 'posts');
const queue = arn('sqs', 'dead');
const rule = arn('events', 'rule/blog/created');
const orderFunction = arn('lambda', 'function:order');
const user = 'arn:aws:sts::123456789012:assumed-role/shop/order';
const inTable = { TableName: 'posts' };

const resource = (Type: string, Properties: object) => ({
  Type,
  Properties,
  Metadata: { 'aws:cdk:path': `App/${Type.split('::').at(-1)}` },
});
const trust = (Service: string, more: object = {}) => ({
  Statement: { Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service }, ...more },
});
const allow = (Action: string | string[], Resource: string) => ({ Effect: 'Allow', Action, Resource });
const deny = (Action: string, Resource: string) => ({ Effect: 'Deny', Action, Resource });

/** Sets up an account with one function, `order`, in the role `shop`. */
function setUp(resources: Record<string, object> = {}, role: object = {}) {
  const lines: string[] = [];
  const nothing = () => {};
  const log: Log = {
    info: nothing,
    warn: nothing,
    trace: nothing,
    error: (source, message) => lines.push(`${source}: ${message}`),
  };
  const Resources = {
    Order: {
      ...functionResource('order', { Role: { 'Fn::GetAtt': ['Role', 'Arn'] } }),
      Metadata: { 'aws:cdk:path': 'App/Order' },
    },
    Role: resource('AWS::IAM::Role', {
      RoleName: 'shop',
      AssumeRolePolicyDocument: trust('lambda.amazonaws.com'),
      ...role,
    }),
    Topic: resource('AWS::SNS::Topic', { TopicName: 'posts' }),
    Queue: resource('AWS::SQS::Queue', { QueueName: 'dead' }),
    ...resources,
  };
  const assembly = writeAssembly(folder, { Resources }, { order: 'export const handler = 1;' });
  const template = new Template(assembly, account, resourceTypes, { compare: compareExecutionRoles });
  return {
    authorizer: new Authorizer(template, { account, log }),
    lines,
  };
}

const attached = (...Statement: object[]) =>
  resource('AWS::IAM::Policy', {
    PolicyName: 'policy',
    PolicyDocument: { Statement },
    Roles: [{ Ref: 'Role' }],
  });
const inline = (...Statement: object[]) => ({
  Policies: [{ PolicyName: 'inline', PolicyDocument: { Statement } }],
});
const topicPolicy = (...Statement: object[]) =>
  resource('AWS::SNS::TopicPolicy', { PolicyDocument: { Statement }, Topics: [{ Ref: 'Topic' }] });
const queuePolicy = (...Statement: object[]) =>
  resource('AWS::SQS::QueuePolicy', { PolicyDocument: { Statement }, Queues: [{ Ref: 'Queue' }] });
const permission = (properties: object = {}) =>
  resource('AWS::Lambda::Permission', {
    Action: 'lambda:InvokeFunction',
    FunctionName: { 'Fn::GetAtt': ['Order', 'Arn'] },
    Principal: 'events.amazonaws.com',
    ...properties,
  });

describe('a call of a function', () => {
  it.each([
    ['inline', {}, inline(allow('dynamodb:PutItem', table))],
    ['attached', { Policy: attached(allow('dynamodb:PutItem', table)) }, {}],
    [
      'one of several',
      { Policy: attached(allow('sns:*', '*'), allow('dynamodb:*', '*')) },
      inline(allow('sqs:*', '*')),
    ],
  ])('is allowed by a policy that is %s', (_which, resources, role) => {
    const { authorizer, lines } = setUp(resources, role);
    authorizer.authorizeCall('order', 'dynamodb', 'PutItem', inTable);
    expect(lines).toEqual([]);
  });

  it('is refused without a policy, and the log names the role', () => {
    const { authorizer, lines } = setUp({ Policy: attached(allow('dynamodb:GetItem', table)) });
    const message = `User: ${user} is not authorized to perform: dynamodb:PutItem on resource: ${table} because no identity-based policy allows the dynamodb:PutItem action`;
    expect(() => authorizer.authorizeCall('order', 'dynamodb', 'PutItem', inTable)).toThrow(
      expect.objectContaining({ code: 'AccessDeniedException', status: 400, message }),
    );
    expect(lines).toEqual([`iam: App/Role: ${message}`]);
  });

  it('is allowed for the connections of the WebSocket API with the method of the policy', () => {
    const { authorizer } = setUp({
      Policy: attached(
        allow('execute-api:ManageConnections', arn('execute-api', 'api/dev/POST/@connections/*')),
      ),
      Stage: resource('AWS::ApiGatewayV2::Stage', { ApiId: 'api', StageName: 'dev', AutoDeploy: true }),
    });
    const call = (operation: string) =>
      authorizer.authorizeCall('order', 'execute-api', operation, { ConnectionId: 'X=' });
    call('PostToConnection');
    expect(() => call('DeleteConnection')).toThrow('api/dev/DELETE/@connections/{connectionId}');
  });

  it('is refused as a whole if one of its resources is not allowed', () => {
    const { authorizer } = setUp({ Policy: attached(allow('dynamodb:BatchGetItem', table)) });
    const call = (...tables: string[]) => {
      const RequestItems = Object.fromEntries(tables.map((name) => [name, {}]));
      authorizer.authorizeCall('order', 'dynamodb', 'BatchGetItem', { RequestItems });
    };
    call('posts');
    expect(() => call('posts', 'other')).toThrow('table/other because no identity-based policy');
  });

  it('is refused by an explicit deny of its role, whatever else allows it', () => {
    const resources = {
      Policy: attached(allow('*', '*'), deny('sns:Pub*', topic)),
      TopicPolicy: topicPolicy({ ...allow('sns:Publish', topic), Principal: '*' }),
    };
    const { authorizer, lines } = setUp(resources);
    expect(() => authorizer.authorizeCall('order', 'sns', 'Publish', { TopicArn: topic })).toThrow(
      `on resource: ${topic} with an explicit deny in an identity-based policy`,
    );
    expect(lines).toEqual([expect.stringMatching(/^iam: App\/Role: /)]);
  });

  it('is allowed by the policy of the resource alone', () => {
    const Principal = { AWS: { 'Fn::GetAtt': ['Role', 'Arn'] } };
    const { authorizer } = setUp({
      QueuePolicy: queuePolicy({ ...allow('sqs:SendMessage', queue), Principal }),
    });
    authorizer.authorizeCall('order', 'sqs', 'SendMessageBatch', {
      QueueUrl: 'http://localhost/1/dead',
    });
    authorizer.authorizeRole('order', 'sqs:SendMessage', queue);
    expect(() => authorizer.authorizeRole('order', 'sqs:ReceiveMessage', queue)).toThrow(
      'sqs:receivemessage',
    );
  });

  it('is refused by an explicit deny of the resource, even for the administrator', () => {
    const { authorizer, lines } = setUp({
      Policy: attached(allow('*', '*')),
      QueuePolicy: queuePolicy({ ...deny('sqs:SendMessage', queue), Principal: '*' }),
    });
    for (const caller of ['order', undefined]) {
      expect(() => authorizer.authorizeCall(caller, 'sqs', 'SendMessage', { QueueUrl: 'dead' })).toThrow(
        expect.objectContaining({
          code: 'AccessDenied',
          message: expect.stringMatching(/with an explicit deny in a resource-based policy$/),
        }),
      );
    }
    expect(lines).toEqual([
      expect.stringMatching(/^iam: App\/Queue: /),
      expect.stringMatching(/^iam: App\/Queue: .*user\/administrator/),
    ]);
  });

  it('counts as sent over TLS', () => {
    const Condition = { Bool: { 'aws:SecureTransport': 'false' } };
    const { authorizer } = setUp({
      Policy: attached(allow('sqs:SendMessage', queue)),
      QueuePolicy: queuePolicy({ ...deny('sqs:*', queue), Principal: '*', Condition }),
    });
    authorizer.authorizeCall('order', 'sqs', 'SendMessage', { QueueUrl: 'dead' });
  });

  it('is allowed for the administrator without any policy', () => {
    const { authorizer } = setUp();
    authorizer.authorizeCall(undefined, 'dynamodb', 'Scan', inTable);
    authorizer.authorizeCall(undefined, 'sns', 'Subscribe', { TopicArn: topic });
  });
});

describe('an AWS service', () => {
  const invoke = (
    { authorizer }: ReturnType<typeof setUp>,
    source = rule,
    service = 'events.amazonaws.com',
  ) => authorizer.authorizeService(service, 'lambda:InvokeFunction', orderFunction, source);
  const publish = ({ authorizer }: ReturnType<typeof setUp>) =>
    authorizer.authorizeService('events.amazonaws.com', 'sns:Publish', topic, rule);
  const send = ({ authorizer }: ReturnType<typeof setUp>, source = rule) =>
    authorizer.authorizeService('events.amazonaws.com', 'sqs:SendMessage', queue, source);

  it.each([
    {},
    { SourceArn: rule },
    { SourceArn: arn('events', 'rule/*'), SourceAccount: '123456789012' },
    { FunctionName: 'order' },
  ])('invokes a function by the permission %j', (properties) => {
    invoke(setUp({ Permission: permission(properties) }));
  });

  it.each([
    { SourceArn: arn('events', 'rule/other') },
    { SourceAccount: '210987654321' },
    { Principal: 'sns.amazonaws.com' },
    { Action: 'lambda:GetFunction' },
    { FunctionName: 'other' },
  ])('does not invoke a function by the permission %j', (properties) => {
    expect(() => invoke(setUp({ Permission: permission(properties) }))).toThrow(
      /^User: events\.amazonaws\.com/,
    );
  });

  it('invokes an alias by a permission of the alias, and by none of the function', () => {
    const versions = {
      Version: resource('AWS::Lambda::Version', { FunctionName: { Ref: 'Order' } }),
      Live: resource('AWS::Lambda::Alias', {
        FunctionName: { Ref: 'Order' },
        FunctionVersion: { 'Fn::GetAtt': ['Version', 'Version'] },
        Name: 'live',
      }),
    };
    const ofAlias = setUp({ ...versions, Permission: permission({ FunctionName: { Ref: 'Live' } }) });
    const ofFunction = setUp({ ...versions, Permission: permission() });
    const invokeAlias = ({ authorizer }: ReturnType<typeof setUp>) =>
      authorizer.authorizeService(
        'events.amazonaws.com',
        'lambda:InvokeFunction',
        `${orderFunction}:live`,
        rule,
      );
    invokeAlias(ofAlias);
    invoke(ofFunction);
    for (const refused of [() => invokeAlias(ofFunction), () => invoke(ofAlias)])
      expect(refused).toThrow(/^User: events\.amazonaws\.com/);
  });

  it('needs a permission of the function for its source', () => {
    const account = setUp({
      Rest: permission({
        Principal: 'apigateway.amazonaws.com',
        SourceArn: arn('execute-api', 'abc/dev/POST/posts'),
      }),
      Connect: permission({
        Principal: 'apigateway.amazonaws.com',
        SourceArn: arn('execute-api', 'def/*$connect'),
      }),
    });
    invoke(account, arn('execute-api', 'abc/dev/POST/posts'), 'apigateway.amazonaws.com');
    invoke(account, arn('execute-api', 'def/dev/$connect'), 'apigateway.amazonaws.com');
    const refused = arn('execute-api', 'def/dev/$default');
    expect(() => invoke(account, refused, 'apigateway.amazonaws.com')).toThrow();
  });

  it('is refused with the error of the service that it calls, and the log names the resource', () => {
    const account = setUp();
    const reason = (action: string) => `because no resource-based policy allows the ${action} action`;
    expect(() => invoke(account)).toThrow(
      expect.objectContaining({
        code: 'AccessDeniedException',
        status: 403,
        message: `User: events.amazonaws.com is not authorized to perform: lambda:InvokeFunction on resource: ${orderFunction} ${reason('lambda:InvokeFunction')}`,
      }),
    );
    expect(() => publish(account)).toThrow(
      expect.objectContaining({
        code: 'AuthorizationError',
        status: 403,
        message: `User: events.amazonaws.com is not authorized to perform: SNS:Publish on resource: ${topic} ${reason('SNS:Publish')}`,
      }),
    );
    expect(() => send(account)).toThrow(expect.objectContaining({ code: 'AccessDenied', status: 403 }));
    expect(account.lines.map((line) => line.split(': User')[0])).toEqual([
      'iam: App/Order',
      'iam: App/Topic',
      'iam: App/Queue',
    ]);
  });

  it('sends to a queue whose policy allows the source', () => {
    const account = setUp({
      QueuePolicy: queuePolicy({
        ...allow('sqs:SendMessage', queue),
        Principal: { Service: 'events.amazonaws.com' },
        Condition: { ArnEquals: { 'aws:SourceArn': rule } },
      }),
    });
    send(account);
    expect(() => send(account, arn('events', 'rule/blog/other'))).toThrow('sqs:sendmessage');
  });

  const toEvents = { ...allow('sns:Publish', topic), Principal: { Service: 'events.amazonaws.com' } };

  it('publishes to a topic whose policy denies access without TLS', () => {
    const Condition = { Bool: { 'aws:SecureTransport': 'false' } };
    publish(
      setUp({ Policy: topicPolicy({ ...deny('sns:Publish', topic), Principal: '*', Condition }, toEvents) }),
    );
  });

  it.each([
    { Bool: { 'aws:SecureTransport': 'true' } },
    { ArnEquals: { 'aws:SourceArn': rule } },
    { StringEquals: { 'aws:SourceAccount': '123456789012' } },
  ])('like EventBridge does not publish to a topic by a statement with the condition %j', (Condition) => {
    expect(() => publish(setUp({ Policy: topicPolicy({ ...toEvents, Condition }) }))).toThrow('SNS:Publish');
  });

  it('is refused by an explicit deny', () => {
    const account = setUp({ Policy: topicPolicy(toEvents, { ...deny('sns:*', topic), Principal: '*' }) });
    expect(() => publish(account)).toThrow(/with an explicit deny in a resource-based policy$/);
  });
});

describe('the start is stopped', () => {
  it.each([
    [trust('apigateway.amazonaws.com')],
    [trust('lambda.amazonaws.com', { Effect: 'Deny' })],
    [trust('lambda.amazonaws.com', { Action: 'sts:TagSession' })],
    [trust('lambda.amazonaws.com', { Condition: { StringEquals: { 'aws:SourceAccount': '1' } } })],
  ])('by a role that Lambda cannot assume: %j', (AssumeRolePolicyDocument) => {
    expect(() => setUp({}, { AssumeRolePolicyDocument })).toThrow(
      /App\/Order .*\n *The role defined for the function cannot be assumed by Lambda\./,
    );
  });

  it('by a managed policy of a function, but not of other roles', () => {
    const [basic, administrator] = ['service-role/AWSLambdaBasicExecutionRole', 'AdministratorAccess'];
    const ManagedPolicyArns = [basic, administrator].map((name) => `arn:aws:iam::aws:policy/${name}`);
    const AssumeRolePolicyDocument = trust('apigateway.amazonaws.com');
    setUp({ Other: resource('AWS::IAM::Role', { AssumeRolePolicyDocument, ManagedPolicyArns }) });
    expect(() => setUp({}, { ManagedPolicyArns })).toThrow(
      'ManagedPolicyArns.1 "arn:aws:iam::aws:policy/AdministratorAccess": this managed policy is not supported.',
    );
  });

  it('by a function whose role is not in the template', () => {
    expect(() => setUp({ Order: functionResource('order') })).toThrow(
      'Role: arn:aws:iam::123456789012:role/role is not a role of the stack.',
    );
  });

  it('by a second policy of a topic', () => {
    const statement = { ...allow('sns:Publish', topic), Principal: '*' };
    expect(() => setUp({ One: topicPolicy(statement), Two: topicPolicy(statement) })).toThrow(
      `Two: ${topic} already has a policy; only one is supported.`,
    );
  });

  it.each([
    [
      { PermissionsBoundary: 'arn:aws:iam::aws:policy/ReadOnlyAccess' },
      /PermissionsBoundary is not supported/,
    ],
    [
      inline({ ...allow('*', '*'), Condition: { Null: { 'aws:SourceArn': 'true' } } }),
      /the condition operator Null/,
    ],
  ])('by a role with %j', (role, reason) => {
    expect(() => setUp({}, role)).toThrow(reason);
  });

  it('by a permission for an account', () => {
    expect(() => setUp({ Permission: permission({ Principal: '210987654321' }) })).toThrow(
      'Principal "210987654321": only AWS services are supported',
    );
  });
});
