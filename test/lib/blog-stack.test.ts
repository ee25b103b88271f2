import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { App, Validations } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { AwsSolutionsChecks } from 'cdk-nag';
import * as z from 'zod/mini';
import { handlerNames } from '../../bin/bundle-handlers.ts';
import { BlogStack } from '../../lib/blog-stack.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'blog-stack-'));
afterAll(() => rmSync(folder, { recursive: true }));

const handlers = path.join(folder, 'handlers');
for (const name of handlerNames()) {
  mkdirSync(path.join(handlers, name), { recursive: true });
  writeFileSync(path.join(handlers, name, `${name}.mjs`), `export const handler = () => '${name}';`);
}

const webPage = path.join(folder, 'web');
mkdirSync(webPage);
writeFileSync(path.join(webPage, 'index.html'), '<!doctype html>');

/** Synthesizes one stage as `bin/app.ts` does, with the context of `cdk.json`. */
function synthesize(stage: string) {
  const { context } = z
    .object({ context: z.record(z.string(), z.unknown()) })
    .parse(JSON.parse(readFileSync('cdk.json', 'utf8')));
  const outdir = path.join(folder, stage);
  const app = new App({ analyticsReporting: false, context, outdir });
  const settings = { handlers, webPage, stage, restRate: 21, restBurst: 42, webSocketRate: 53 };
  const stack = new BlogStack(app, `Blog-${stage}`, settings);
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
  const template = Template.fromStack(stack);
  const report: unknown = JSON.parse(readFileSync(path.join(outdir, 'validation-report.json'), 'utf8'));
  return { template, report };
}

const dev = synthesize('dev');
const prod = synthesize('prod');
const { template } = dev;

/** Logical ids end in a hash. */
const nameOf = (logicalId: string) => logicalId.replace(/[0-9A-F]{8}$/, '');

const Ref = z.object({ Ref: z.string() });
const GetAtt = z.object({ 'Fn::GetAtt': z.tuple([z.string(), z.string()]) });
const Join = z.object({ 'Fn::Join': z.tuple([z.string(), z.array(z.unknown())]) });

/** A value of the template as text, with `<Name>` for a reference and `<Name.Attribute>` for an attribute. */
function textOf(value: unknown): string {
  const ref = Ref.safeParse(value);
  if (ref.success) return `<${nameOf(ref.data.Ref)}>`;
  const getAtt = GetAtt.safeParse(value);
  if (getAtt.success) return `<${nameOf(getAtt.data['Fn::GetAtt'][0])}.${getAtt.data['Fn::GetAtt'][1]}>`;
  const join = Join.safeParse(value);
  if (join.success) return join.data['Fn::Join'][1].map(textOf).join(join.data['Fn::Join'][0]);
  return z.string().parse(value);
}

/** The resources of a type by name, each as CloudFormation gets it. */
function resources(type: string, of = template) {
  return Object.fromEntries(
    Object.entries(of.findResources(type)).map(([logicalId, resource]) => [nameOf(logicalId), resource]),
  );
}

/** The one resource of a type whose name is given. */
function properties(type: string, name: string) {
  return resources(type)[name]?.Properties;
}

describe.each([
  ['dev', dev],
  ['prod', prod],
])('the template of stage %s', (_, { report }) => {
  it('raises no warning, no finding of cdk-nag and none of the library', () => {
    expect(report).toMatchObject({ pluginReports: [] });
  });
});

/** Without those that make custom resources, at a deployment. */
const functions = Object.entries(template.findResources('AWS::Lambda::Function')).filter(
  ([logicalId]) =>
    !JSON.stringify(template.toJSON()).includes(`"ServiceToken":{"Fn::GetAtt":["${logicalId}"`),
);

it('runs each handler of lambdas/ by one function', () => {
  const run = functions.map(([, { Properties }]) => Properties.Handler);
  expect(run.sort()).toEqual(
    handlerNames()
      .map((name) => `${name}.handler`)
      .sort(),
  );
});

describe('each function', () => {
  it.each(functions)('%s', (_, { Properties }) => {
    expect(Properties).toMatchObject({
      Runtime: 'nodejs24.x',
      Architectures: ['arm64'],
      MemorySize: 512,
      Timeout: expect.any(Number),
      TracingConfig: { Mode: 'Active' },
      LoggingConfig: { LogFormat: 'JSON', ApplicationLogLevel: 'INFO', SystemLogLevel: 'WARN' },
      Environment: { Variables: { NODE_OPTIONS: '--enable-source-maps' } },
    });
    expect(Properties).not.toHaveProperty('ReservedConcurrentExecutions');
    const logGroup = textOf(Properties.LoggingConfig.LogGroup).slice(1, -1);
    expect(properties('AWS::Logs::LogGroup', logGroup)).toEqual({ RetentionInDays: 30 });
  });

  const permissions = Object.fromEntries(
    functions.map(([, { Properties }]) => {
      const roleId = textOf(Properties.Role).slice(1, -'.Arn>'.length);
      const role = properties('AWS::IAM::Role', roleId);
      expect(Object.keys(role)).toEqual(['AssumeRolePolicyDocument']);
      const allowed = Object.values(template.findResources('AWS::IAM::Policy'))
        .filter((policy) => policy.Properties.Roles.some((each: unknown) => textOf(each) === `<${roleId}>`))
        .flatMap((policy) => policy.Properties.PolicyDocument.Statement)
        .flatMap(({ Effect, Action, Resource }) =>
          [Action]
            .flat()
            .flatMap((action) =>
              [Resource].flat().map((resource) => `${Effect} ${action} ${textOf(resource)}`),
            ),
        );
      return [Properties.Handler, allowed.sort()];
    }),
  );

  const may = (logs: string, ...more: string[]) =>
    [
      `Allow logs:CreateLogStream <${logs}.Arn>`,
      `Allow logs:PutLogEvents <${logs}.Arn>`,
      'Allow xray:PutTelemetryRecords *',
      'Allow xray:PutTraceSegments *',
      ...more,
    ].sort();

  it('may do what its handler does, on that resource, and nothing else', () => {
    expect(permissions).toEqual({
      'create-post.handler': may(
        'PostApiCreatePostLogs',
        'Allow dynamodb:PutItem <PostsTable.Arn>',
        'Allow dynamodb:UpdateItem <PostsTable.Arn>',
        'Allow events:PutEvents <BlogBus.Arn>',
      ),
      'get-post.handler': may('PostReadingGetPostLogs', 'Allow dynamodb:GetItem <PostsTable.Arn>'),
      'list-posts.handler': may(
        'PostReadingListPostsLogs',
        'Allow dynamodb:BatchGetItem <PostsTable.Arn>',
        'Allow dynamodb:Query <PostsTable.Arn>/index/byAuthor',
        'Allow dynamodb:Query <PostsTable.Arn>/index/byTime',
        'Allow dynamodb:Query <PostsTable.Arn>/index/byTopic',
      ),
      'relay-announcements.handler': may(
        'OutboxRelayRelayAnnouncementsLogs',
        'Allow dynamodb:GetItem <PostsTable.Arn>',
        'Allow dynamodb:Scan <PostsTable.Arn>/index/outbox',
        'Allow dynamodb:UpdateItem <PostsTable.Arn>',
        'Allow events:PutEvents <BlogBus.Arn>',
        'Allow sqs:SendMessage <OutboxRelayRelayAnnouncementsFailures.Arn>',
      ),
      'recognize-entities.handler': may(
        'PostProcessingRecognizeEntitiesLogs',
        'Allow comprehend:DetectEntities *',
        'Allow dynamodb:UpdateItem <PostsTable.Arn>',
        'Allow sqs:SendMessage <PostProcessingRecognizeEntitiesFailures.Arn>',
      ),
      'publish-post-updates.handler': may(
        'PostUpdatesPublishPostUpdatesLogs',
        'Allow dynamodb:DescribeStream <PostsTable.StreamArn>',
        'Allow dynamodb:GetRecords <PostsTable.StreamArn>',
        'Allow dynamodb:GetShardIterator <PostsTable.StreamArn>',
        'Allow dynamodb:ListStreams <PostsTable.StreamArn>',
        'Allow events:PutEvents <WebSocketBus.Arn>',
        'Allow sqs:SendMessage <PostUpdatesPostsStreamFailures.Arn>',
        'Allow sqs:SendMessage <PostUpdatesUnpublishedUpdates.Arn>',
      ),
      'push-post-update.handler': may(
        'PostUpdatesPushPostUpdateLogs',
        'Allow dynamodb:DeleteItem <WebSocketGatewayConnectionsTable.Arn>',
        'Allow dynamodb:GetItem <PostsTable.Arn>',
        'Allow dynamodb:Query <WebSocketGatewayConnectionsTable.Arn>',
        'Allow dynamodb:UpdateItem <WebSocketGatewayConnectionsTable.Arn>',
        'Allow events:PutEvents <WebSocketBus.Arn>',
        'Allow execute-api:ManageConnections arn:<AWS::Partition>:execute-api:<AWS::Region>:<AWS::AccountId>:<WebSocketGatewayApi>/dev/POST/@connections/*',
        'Allow sqs:SendMessage <PostUpdatesPushPostUpdateFailures.Arn>',
      ),
      'push-to-connections.handler': may(
        'PostUpdatesPushToConnectionsLogs',
        'Allow dynamodb:DeleteItem <WebSocketGatewayConnectionsTable.Arn>',
        'Allow dynamodb:GetItem <PostsTable.Arn>',
        'Allow dynamodb:UpdateItem <WebSocketGatewayConnectionsTable.Arn>',
        'Allow execute-api:ManageConnections arn:<AWS::Partition>:execute-api:<AWS::Region>:<AWS::AccountId>:<WebSocketGatewayApi>/dev/POST/@connections/*',
        'Allow sqs:SendMessage <PostUpdatesPushToConnectionsFailures.Arn>',
      ),
      'send-post-state.handler': may(
        'PostUpdatesSendPostStateLogs',
        'Allow dynamodb:DeleteItem <WebSocketGatewayConnectionsTable.Arn>',
        'Allow dynamodb:GetItem <PostsTable.Arn>',
        'Allow dynamodb:UpdateItem <WebSocketGatewayConnectionsTable.Arn>',
        'Allow execute-api:ManageConnections arn:<AWS::Partition>:execute-api:<AWS::Region>:<AWS::AccountId>:<WebSocketGatewayApi>/dev/POST/@connections/*',
        'Allow sqs:SendMessage <PostUpdatesSendPostStateFailures.Arn>',
      ),
      'manage-connections.handler': may(
        'WebSocketGatewayManageConnectionsLogs',
        'Allow dynamodb:DeleteItem <WebSocketGatewayConnectionsTable.Arn>',
        'Allow dynamodb:GetItem <PostsTable.Arn>',
        'Allow dynamodb:GetItem <WebSocketGatewayConnectionsTable.Arn>',
        'Allow dynamodb:PutItem <WebSocketGatewayConnectionsTable.Arn>',
        'Allow dynamodb:UpdateItem <WebSocketGatewayConnectionsTable.Arn>',
        'Allow events:PutEvents <WebSocketBus.Arn>',
      ),
      'subscribe-by-mail.handler': may(
        'MailSubscriptionsSubscribeByMailLogs',
        'Allow dynamodb:DeleteItem <MailSubscriptionsRequestLimitsTable.Arn>',
        'Allow dynamodb:PutItem <MailSubscriptionsRequestLimitsTable.Arn>',
        'Allow dynamodb:UpdateItem <MailSubscriptionsRequestLimitsTable.Arn>',
        'Allow sns:GetTopicAttributes <PostProcessingTopic>',
        'Allow sns:Subscribe <PostProcessingTopic>',
      ),
    });
  });
});

describe('the REST API', () => {
  const stage = properties('AWS::ApiGateway::Stage', 'PostApiDeploymentStagedev');

  it('is regional', () => {
    template.hasResourceProperties('AWS::ApiGateway::RestApi', {
      EndpointConfiguration: { Types: ['REGIONAL'] },
    });
  });

  it.each([
    ['POST', '/posts', 'PostApipostsPOST', 'PostApiCreatePost'],
    ['GET', '/posts', 'PostApipostsGET', 'PostReadingListPosts'],
    ['GET', '/posts/*', 'PostApipostsidGET', 'PostReadingGetPost'],
  ])('gives %s %s to its function, and to nobody else', (method, route, name, handler) => {
    const { HttpMethod, Integration } = properties('AWS::ApiGateway::Method', name);
    expect(HttpMethod).toBe(method);
    expect(Integration.Type).toBe('AWS_PROXY');
    expect(textOf(Integration.Uri)).toContain(`/<${handler}.Arn>/`);
    const permissions = Object.values(resources('AWS::Lambda::Permission')).filter(
      ({ Properties }) => textOf(Properties.FunctionName) === `<${handler}.Arn>`,
    );
    const sources = permissions.map(({ Properties }) => textOf(Properties.SourceArn).split(':').at(-1));
    expect(sources).toEqual([`<PostApi>/<PostApiDeploymentStagedev>/${method}${route}`]);
  });

  it('is throttled as told', () => {
    expect(stage.MethodSettings).toEqual([
      expect.objectContaining({
        HttpMethod: '*',
        ResourcePath: '/*',
        ThrottlingRateLimit: 21,
        ThrottlingBurstLimit: 42,
      }),
    ]);
  });

  it('logs each request as JSON', () => {
    expect(() => JSON.parse(stage.AccessLogSetting.Format)).not.toThrow();
    expect(stage.TracingEnabled).toBe(true);
  });

  it.each([
    ['post and list', 'PostApipostsOPTIONS', 'GET,POST'],
    ['read a post', 'PostApipostsidOPTIONS', 'GET'],
  ])('lets pages of any origin %s', (_, name, methods) => {
    const { Integration } = properties('AWS::ApiGateway::Method', name);
    expect(Integration.IntegrationResponses[0].ResponseParameters).toEqual({
      'method.response.header.Access-Control-Allow-Origin': "'*'",
      'method.response.header.Access-Control-Allow-Methods': `'${methods}'`,
      'method.response.header.Access-Control-Allow-Headers': "'Content-Type,Idempotency-Key,If-None-Match'",
      'method.response.header.Access-Control-Expose-Headers':
        "'Location, ETag, Idempotency-Replayed, Retry-After'",
    });
  });

  const gatewayResponses = Object.values(resources('AWS::ApiGateway::GatewayResponse')).map(
    ({ Properties }) => Properties,
  );

  it('answers by itself with the statuses of a web API', () => {
    expect(
      Object.fromEntries(gatewayResponses.map(({ ResponseType, StatusCode }) => [ResponseType, StatusCode])),
    ).toEqual({
      MISSING_AUTHENTICATION_TOKEN: '404',
      RESOURCE_NOT_FOUND: '404',
      REQUEST_TOO_LARGE: '413',
      THROTTLED: '429',
      API_CONFIGURATION_ERROR: '500',
      INTEGRATION_FAILURE: '504',
      INTEGRATION_TIMEOUT: '504',
      BAD_REQUEST_BODY: '400',
      BAD_REQUEST_PARAMETERS: '400',
      ACCESS_DENIED: '403',
      EXPIRED_TOKEN: '403',
      INVALID_SIGNATURE: '403',
      WAF_FILTERED: '403',
      DEFAULT_4XX: '400',
      DEFAULT_5XX: '502',
    });
  });

  it.each(gatewayResponses.map((each) => [each.ResponseType, each]))(
    'answers %s with a problem',
    (_, each) => {
      expect(each.ResponseParameters).toMatchObject({
        'gatewayresponse.header.Content-Type': "'application/problem+json'",
        'gatewayresponse.header.Cache-Control': "'no-store'",
        'gatewayresponse.header.Access-Control-Allow-Origin': "'*'",
        'gatewayresponse.header.Access-Control-Expose-Headers':
          "'Location, ETag, Idempotency-Replayed, Retry-After'",
      });
      const body = each.ResponseTemplates['application/json'];
      expect(body).not.toContain('$');
      const problem = JSON.parse(body);
      expect(problem).toMatchObject({
        type: 'about:blank',
        title: expect.any(String),
        detail: expect.any(String),
      });
      expect(problem.status).toBe(Number(each.StatusCode));
    },
  );

  it('says when to try again', () => {
    const throttled = gatewayResponses.find(({ ResponseType }) => ResponseType === 'THROTTLED');
    expect(throttled?.ResponseParameters).toHaveProperty(['gatewayresponse.header.Retry-After'], "'1'");
  });
});

describe('the WebSocket API', () => {
  it.each(['$connect', '$disconnect', '$default'])('gives %s to manage-connections', (routeKey) => {
    const [route] = Object.values(
      template.findResources('AWS::ApiGatewayV2::Route', { Properties: { RouteKey: routeKey } }),
    );
    const integration = textOf(route?.Properties.Target).replace(/^integrations\/<(.*)>$/, '$1');
    const { IntegrationType, IntegrationUri } = properties('AWS::ApiGatewayV2::Integration', integration);
    expect(IntegrationType).toBe('AWS_PROXY');
    expect(textOf(IntegrationUri)).toContain('/<WebSocketGatewayManageConnections.Arn>/');
  });

  it('may invoke manage-connections on each of its routes, and on nothing else', () => {
    const permissions = Object.values(resources('AWS::Lambda::Permission'))
      .map(({ Properties }) => Properties)
      .filter(({ FunctionName }) => textOf(FunctionName).includes('WebSocketGatewayManageConnections'));
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

  it('answers messages by route response', () => {
    template.hasResourceProperties('AWS::ApiGatewayV2::Route', {
      RouteKey: '$default',
      RouteResponseSelectionExpression: '$default',
    });
    template.hasResourceProperties('AWS::ApiGatewayV2::RouteResponse', { RouteResponseKey: '$default' });
  });

  it('is throttled as told', () => {
    template.hasResourceProperties('AWS::ApiGatewayV2::Stage', {
      DefaultRouteSettings: { ThrottlingRateLimit: 53, ThrottlingBurstLimit: 106 },
    });
  });

  it.each(['PushPostUpdate', 'PushToConnections', 'SendPostState'])('is where %s sends', (name) => {
    const { Variables } = properties('AWS::Lambda::Function', `PostUpdates${name}`).Environment;
    expect(textOf(Variables.AWS_ENDPOINT_URL_APIGATEWAYMANAGEMENTAPI)).toBe(
      'https://<WebSocketGatewayApi>.execute-api.<AWS::Region>.<AWS::URLSuffix>/dev',
    );
  });
});

it('has APIs that know nothing of the web page, which knows them', () => {
  const { Resources } = template.toJSON();
  const apis = Object.entries(Resources).filter(([logicalId]) => !/^(WebPage|Custom)/.test(logicalId));
  expect(JSON.stringify(apis)).not.toContain('WebPage');
});

it('makes both stages wait for the account to let API Gateway log', () => {
  const [account] = Object.keys(template.findResources('AWS::ApiGateway::Account'));
  for (const type of ['AWS::ApiGateway::Stage', 'AWS::ApiGatewayV2::Stage']) {
    template.resourceCountIs(type, 1);
    template.hasResource(type, { DependsOn: Match.arrayWith([account]) });
  }
  template.hasResource('AWS::ApiGateway::Account', { DeletionPolicy: 'Retain' });
});

describe('the rules', () => {
  const retries = { MaximumRetryAttempts: 185, MaximumEventAgeInSeconds: 86_400 };
  const created = properties('AWS::Events::Rule', 'PostProcessingRule');
  const updated = properties('AWS::Events::Rule', 'PostUpdatesRule');
  const toPush = properties('AWS::Events::Rule', 'PostUpdatesConnectionsToPushRule');
  const opened = properties('AWS::Events::Rule', 'PostUpdatesConnectionOpenedRule');
  const everyMinute = properties('AWS::Events::Rule', 'OutboxRelayRule');

  it('are each on its bus', () => {
    template.resourceCountIs('AWS::Events::Rule', 5);
    expect(created).toMatchObject({
      Name: 'blogPostCreation',
      EventPattern: { source: ['blog'], 'detail-type': ['BlogPostCreated'] },
    });
    expect(textOf(created.EventBusName)).toBe('<BlogBus>');
    expect(updated).toMatchObject({
      Name: 'BlogPostUpdate',
      EventPattern: { source: ['blog'], 'detail-type': ['BlogPostUpdated'] },
    });
    expect(textOf(updated.EventBusName)).toBe('<WebSocketBus>');
    expect(toPush).toMatchObject({
      Name: 'ConnectionsToPush',
      EventPattern: { source: ['blog'], 'detail-type': ['ConnectionsToPush'] },
    });
    expect(textOf(toPush.EventBusName)).toBe('<WebSocketBus>');
    expect(opened).toMatchObject({
      Name: 'ConnectionOpened',
      EventPattern: { source: ['blog'], 'detail-type': ['ConnectionOpened'] },
    });
    expect(textOf(opened.EventBusName)).toBe('<WebSocketBus>');
    expect(everyMinute).toMatchObject({ ScheduleExpression: 'rate(1 minute)' });
    expect(everyMinute).not.toHaveProperty('EventBusName');
  });

  it('name their targets, retried for a day or until the next minute, without a role', () => {
    const targets = [created, updated, toPush, opened, everyMinute].flatMap(({ Targets }) => Targets);
    expect(targets.map(({ Arn }) => textOf(Arn))).toEqual([
      '<PostProcessingTopic>',
      '<PostProcessingRecognizeEntities.Arn>',
      '<PostUpdatesPushPostUpdate.Arn>',
      '<PostUpdatesPushToConnections.Arn>',
      '<PostUpdatesSendPostState.Arn>',
      '<OutboxRelayRelayAnnouncements.Arn>',
    ]);
    const [everyMinutes] = everyMinute.Targets;
    for (const target of targets) {
      expect(target.RetryPolicy).toEqual(
        target === everyMinutes ? { ...retries, MaximumEventAgeInSeconds: 60 } : retries,
      );
      expect(target).not.toHaveProperty('RoleArn');
    }
  });

  it('make the mail of standalone variables only, the sentence first', () => {
    const { InputTemplate, InputPathsMap } = created.Targets[0].InputTransformer;
    const mail = JSON.parse(
      InputTemplate.replaceAll(/<([^>]*)>/g, (_: string, name: string) =>
        JSON.stringify({ path: InputPathsMap[name] }),
      ),
    );
    expect(Object.entries(mail)).toEqual([
      ['message', { path: '$.detail.summary' }],
      ['url', { path: '$.detail.url' }],
      ['topic', { path: '$.detail.post.topic' }],
      ['title', { path: '$.detail.post.title' }],
      ['author', { path: '$.detail.post.author' }],
      ['id', { path: '$.detail.post.id' }],
      ['createdAt', { path: '$.detail.post.createdAt' }],
    ]);
  });

  it('may publish to the topic, which takes TLS only and has no key', () => {
    expect(properties('AWS::SNS::Topic', 'PostProcessingTopic')).toBeUndefined();
    expect(properties('AWS::SNS::TopicPolicy', 'PostProcessingTopicPolicy').PolicyDocument.Statement).toEqual(
      [
        expect.objectContaining({ Effect: 'Deny', Condition: { Bool: { 'aws:SecureTransport': 'false' } } }),
        {
          Sid: expect.any(String),
          Effect: 'Allow',
          Principal: { Service: 'events.amazonaws.com' },
          Action: 'sns:Publish',
          Resource: expect.anything(),
        },
      ],
    );
  });

  it('may invoke their functions', () => {
    const permitted = Object.values(
      template.findResources('AWS::Lambda::Permission', {
        Properties: { Principal: 'events.amazonaws.com' },
      }),
    ).map(({ Properties }) => `${textOf(Properties.SourceArn)} ${textOf(Properties.FunctionName)}`);
    expect(permitted.sort()).toEqual([
      '<OutboxRelayRule.Arn> <OutboxRelayRelayAnnouncements.Arn>',
      '<PostProcessingRule.Arn> <PostProcessingRecognizeEntities.Arn>',
      '<PostUpdatesConnectionOpenedRule.Arn> <PostUpdatesSendPostState.Arn>',
      '<PostUpdatesConnectionsToPushRule.Arn> <PostUpdatesPushToConnections.Arn>',
      '<PostUpdatesRule.Arn> <PostUpdatesPushPostUpdate.Arn>',
    ]);
  });
});

it('gives the changes of the Posts table to publish-post-updates', () => {
  template.resourceCountIs('AWS::Lambda::EventSourceMapping', 1);
  const [mapping] = Object.values(resources('AWS::Lambda::EventSourceMapping'));
  expect(mapping?.Properties).toMatchObject({
    StartingPosition: 'TRIM_HORIZON',
    BatchSize: 100,
    BisectBatchOnFunctionError: true,
    FunctionResponseTypes: ['ReportBatchItemFailures'],
    MaximumRetryAttempts: 100,
    MaximumRecordAgeInSeconds: 21_600,
    FilterCriteria: {
      Filters: [{ Pattern: '{"dynamodb":{"NewImage":{"updatedAt":{"S":[{"exists":true}]}}}}' }],
    },
  });
  expect(textOf(mapping?.Properties.EventSourceArn)).toBe('<PostsTable.StreamArn>');
  expect(textOf(mapping?.Properties.FunctionName)).toBe('<PostUpdatesPublishPostUpdates>');
});

describe('the dead-letter queues', () => {
  const targets = Object.values(resources('AWS::Events::Rule')).flatMap(
    ({ Properties }) => Properties.Targets,
  );
  const invocations = Object.values(resources('AWS::Lambda::EventInvokeConfig')).map(
    ({ Properties }) => Properties,
  );
  const mappings = Object.values(resources('AWS::Lambda::EventSourceMapping'));
  const failures = [
    ...targets.map((target) => textOf(target.DeadLetterConfig.Arn)),
    ...invocations.map((config) => textOf(config.DestinationConfig.OnFailure.Destination)),
    ...mappings.map(({ Properties }) => textOf(Properties.DestinationConfig.OnFailure.Destination)),
  ];

  it('are one for each asynchronous hop', () => {
    expect(new Set(failures).size).toBe(failures.length);
    // One more for the updates that can never be published.
    template.resourceCountIs('AWS::SQS::Queue', failures.length + 1);
  });

  it('take the failures of each function that a rule invokes', () => {
    const invoked = targets.flatMap(({ Arn }) => textOf(Arn).match(/^<(.*)\.Arn>$/)?.[1] ?? []);
    expect(invocations.map(({ FunctionName }) => textOf(FunctionName).slice(1, -1)).sort()).toEqual(
      invoked.sort(),
    );
    for (const config of invocations) {
      const isEveryMinute = textOf(config.FunctionName) === '<OutboxRelayRelayAnnouncements>';
      expect(config).toMatchObject(
        isEveryMinute
          ? { MaximumRetryAttempts: 0, MaximumEventAgeInSeconds: 60 }
          : { MaximumRetryAttempts: 2, MaximumEventAgeInSeconds: 21_600 },
      );
    }
  });

  it('admit EventBridge where they belong to a target', () => {
    for (const { DeadLetterConfig } of targets) {
      const [policy] = Object.values(resources('AWS::SQS::QueuePolicy')).filter(({ Properties }) =>
        Properties.Queues.some(
          (queue: unknown) => textOf(queue) === textOf(DeadLetterConfig.Arn).replace('.Arn', ''),
        ),
      );
      expect(policy?.Properties.PolicyDocument.Statement).toContainEqual(
        expect.objectContaining({
          Effect: 'Allow',
          Principal: { Service: 'events.amazonaws.com' },
          Action: 'sqs:SendMessage',
        }),
      );
    }
  });

  it('are encrypted, reached by TLS, and keep 14 days', () => {
    template.allResourcesProperties('AWS::SQS::Queue', {
      SqsManagedSseEnabled: true,
      MessageRetentionPeriod: 1_209_600,
    });
    template.resourceCountIs('AWS::SQS::QueuePolicy', failures.length + 1);
    for (const { Properties } of Object.values(resources('AWS::SQS::QueuePolicy'))) {
      expect(Properties.PolicyDocument.Statement).toContainEqual(
        expect.objectContaining({ Effect: 'Deny', Condition: { Bool: { 'aws:SecureTransport': 'false' } } }),
      );
    }
  });
});

const alarms = Object.values(resources('AWS::CloudWatch::Alarm')).map(({ Properties }) => Properties);
const anchors = [...readFileSync('docs/runbook.md', 'utf8').matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
  heading
    .toLowerCase()
    .replace(/[^\w -]/g, '')
    .replaceAll(' ', '-'),
);

describe('the relay', () => {
  it('has an alarm that is on while it does not run, and the runbook a section', () => {
    const [alarm, ...others] = alarms.filter(({ Namespace }) => Namespace === 'AWS/Lambda');
    expect(others).toEqual([]);
    expect(alarm).toMatchObject({
      MetricName: 'Invocations',
      Dimensions: [
        {
          Name: 'FunctionName',
          Value: { Ref: expect.stringMatching(/^OutboxRelayRelayAnnouncements[0-9A-F]{8}$/) },
        },
      ],
      Statistic: 'Sum',
      Period: 300,
      EvaluationPeriods: 1,
      Threshold: 1,
      ComparisonOperator: 'LessThanThreshold',
      TreatMissingData: 'breaching',
    });
    expect(anchors).toContain(alarm?.AlarmDescription.split('#')[1]);
  });
});

describe('subscribing by mail', () => {
  it('is POST /subscriptions, from pages of any origin too', () => {
    const post = properties('AWS::ApiGateway::Method', 'PostApisubscriptionsPOST');
    expect(post.Integration.Type).toBe('AWS_PROXY');
    expect(textOf(post.Integration.Uri)).toContain('/<MailSubscriptionsSubscribeByMail.Arn>/');
    expect(properties('AWS::ApiGateway::Method', 'PostApisubscriptionsOPTIONS')).toBeDefined();
  });

  it('has an alarm that is on from 80 % of the filter policies, and the runbook a section', () => {
    const [alarm, ...others] = alarms.filter(({ Namespace }) => Namespace === 'Blog');
    expect(others).toEqual([]);
    expect(alarm).toMatchObject({
      MetricName: 'FilterPolicies',
      Dimensions: [
        { Name: 'TopicArn', Value: { Ref: expect.stringMatching(/^PostProcessingTopic[0-9A-F]{8}$/) } },
      ],
      Statistic: 'Maximum',
      Period: 60,
      EvaluationPeriods: 1,
      Threshold: 160,
      ComparisonOperator: 'GreaterThanOrEqualToThreshold',
      TreatMissingData: 'ignore',
    });
    expect(anchors).toContain(alarm?.AlarmDescription.split('#')[1]);
    const { Environment } = properties('AWS::Lambda::Function', 'MailSubscriptionsSubscribeByMail');
    expect(Environment.Variables.FILTER_POLICY_QUOTA).toBe('200');
  });
});

describe('each dead-letter queue', () => {
  it.each(Object.keys(resources('AWS::SQS::Queue')))(
    '%s has an alarm, and the runbook a section',
    (queue) => {
      const watching = alarms.filter(
        ({ Dimensions }) => textOf(Dimensions[0].Value) === `<${queue}.QueueName>`,
      );
      expect(watching).toEqual([
        {
          AlarmDescription: expect.stringMatching(/^\w.*\. What to do: docs\/runbook\.md#\w+$/),
          Namespace: 'AWS/SQS',
          MetricName: 'ApproximateNumberOfMessagesVisible',
          Dimensions: [{ Name: 'QueueName', Value: expect.anything() }],
          Statistic: 'Maximum',
          Period: 60,
          EvaluationPeriods: 1,
          Threshold: 1,
          ComparisonOperator: 'GreaterThanOrEqualToThreshold',
          TreatMissingData: 'notBreaching',
        },
      ]);
      const [, anchor = ''] = watching[0]?.AlarmDescription.split('#') ?? [];
      expect(queue.toLowerCase().endsWith(anchor)).toBe(true);
      expect(anchors).toContain(anchor);
    },
  );
});

describe('the tables', () => {
  it('are billed by request up to a maximum, and can be restored', () => {
    template.allResourcesProperties('AWS::DynamoDB::Table', {
      BillingMode: 'PAY_PER_REQUEST',
      OnDemandThroughput: { MaxReadRequestUnits: Match.anyValue(), MaxWriteRequestUnits: Match.anyValue() },
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

it.each(['AWS::DynamoDB::Table', 'AWS::Logs::LogGroup'])('keeps each %s, except in stage dev', (type) => {
  dev.template.allResources(type, { DeletionPolicy: 'Delete', UpdateReplacePolicy: 'Delete' });
  prod.template.allResources(type, { DeletionPolicy: 'Retain', UpdateReplacePolicy: 'Retain' });
});

it('protects the tables from deletion, except in stage dev', () => {
  dev.template.allResourcesProperties('AWS::DynamoDB::Table', { DeletionProtectionEnabled: false });
  prod.template.allResourcesProperties('AWS::DynamoDB::Table', { DeletionProtectionEnabled: true });
});

it('puts out what users and operators need', () => {
  const outputs = Object.fromEntries(
    Object.entries(template.toJSON().Outputs).map(([name, output]) => [
      name,
      textOf(z.object({ Value: z.unknown() }).parse(output).Value),
    ]),
  );
  expect(outputs).toEqual({
    ApiUrl: 'https://<PostApi>.execute-api.<AWS::Region>.<AWS::URLSuffix>/dev',
    WebSocketUrl: 'wss://<WebSocketGatewayApi>.execute-api.<AWS::Region>.<AWS::URLSuffix>/dev',
    PageUrl: 'https://<WebPageDistribution.DomainName>',
    TopicArn: '<PostProcessingTopic>',
    PostsTableName: '<PostsTable>',
    ConnectionsTableName: '<WebSocketGatewayConnectionsTable>',
    BlogBusName: '<BlogBus>',
    WebSocketBusName: '<WebSocketBus>',
    TopicUndeliveredUrl: '<PostProcessingTopicUndelivered>',
    RecognizeEntitiesUndeliveredUrl: '<PostProcessingRecognizeEntitiesUndelivered>',
    RecognizeEntitiesFailuresUrl: '<PostProcessingRecognizeEntitiesFailures>',
    RelayAnnouncementsFailuresUrl: '<OutboxRelayRelayAnnouncementsFailures>',
    RelayAnnouncementsUndeliveredUrl: '<OutboxRelayRelayAnnouncementsUndelivered>',
    UnpublishedUpdatesUrl: '<PostUpdatesUnpublishedUpdates>',
    PostsStreamFailuresUrl: '<PostUpdatesPostsStreamFailures>',
    PushPostUpdateUndeliveredUrl: '<PostUpdatesPushPostUpdateUndelivered>',
    PushPostUpdateFailuresUrl: '<PostUpdatesPushPostUpdateFailures>',
    PushToConnectionsUndeliveredUrl: '<PostUpdatesPushToConnectionsUndelivered>',
    PushToConnectionsFailuresUrl: '<PostUpdatesPushToConnectionsFailures>',
    SendPostStateUndeliveredUrl: '<PostUpdatesSendPostStateUndelivered>',
    SendPostStateFailuresUrl: '<PostUpdatesSendPostStateFailures>',
    CreatePostFunctionName: '<PostApiCreatePost>',
    GetPostFunctionName: '<PostReadingGetPost>',
    ListPostsFunctionName: '<PostReadingListPosts>',
    RelayAnnouncementsFunctionName: '<OutboxRelayRelayAnnouncements>',
    RecognizeEntitiesFunctionName: '<PostProcessingRecognizeEntities>',
    PublishPostUpdatesFunctionName: '<PostUpdatesPublishPostUpdates>',
    PushPostUpdateFunctionName: '<PostUpdatesPushPostUpdate>',
    PushToConnectionsFunctionName: '<PostUpdatesPushToConnections>',
    SendPostStateFunctionName: '<PostUpdatesSendPostState>',
    ManageConnectionsFunctionName: '<WebSocketGatewayManageConnections>',
    SubscribeByMailFunctionName: '<MailSubscriptionsSubscribeByMail>',
  });
});
