import { readFileSync } from 'node:fs';
import path from 'node:path';
import { App } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { BlogStack } from '../../lib/blog-stack.ts';
import {
  allProperties,
  handlerFunctions,
  resources,
  resourcesById,
  templates,
  textOf,
} from './stage-template.ts';
import { archiveDays, assemblyOf, cdkContext, rates, stages } from './stages.ts';

describe.each(stages)('the template of stage %s', (stage) => {
  it('raises no warning and no finding of cdk-nag or the CDK', () => {
    const report: unknown = JSON.parse(
      readFileSync(path.join(assemblyOf(stage), 'validation-report.json'), 'utf8'),
    );
    expect(report).toMatchObject({ pluginReports: [] });
  });

  it.each([
    // A failed first deployment could not delete a table that is protected.
    ['AWS::DynamoDB::Table', 'Retain'],
    ['AWS::Logs::LogGroup', 'RetainExceptOnCreate'],
  ])('keeps each %s, except in stage dev', (type, retaining) => {
    const [DeletionPolicy, UpdateReplacePolicy] =
      stage === 'dev' ? ['Delete', 'Delete'] : [retaining, 'Retain'];
    const kept = Object.values(resources(type, stage));
    expect(kept.length).toBeGreaterThan(0);
    for (const resource of kept) expect(resource).toMatchObject({ DeletionPolicy, UpdateReplacePolicy });
  });

  it('gives each function a log group of the stack, those of the library too', () => {
    const functions = allProperties('AWS::Lambda::Function', stage);
    const groups = Object.keys(resourcesById('AWS::Logs::LogGroup', stage));
    for (const { LoggingConfig } of functions) expect(groups).toContain(LoggingConfig?.LogGroup?.Ref);
  });

  it('expires every log after a month', () => {
    for (const group of allProperties('AWS::Logs::LogGroup', stage)) expect(group.RetentionInDays).toBe(30);
  });

  it('protects the tables from deletion, except in stage dev', () => {
    for (const table of allProperties('AWS::DynamoDB::Table', stage))
      expect(table.DeletionProtectionEnabled).toBe(stage !== 'dev');
  });
});

describe('a stack without the web page', () => {
  const stack = new BlogStack(new App({ analyticsReporting: false, context: cdkContext() }), 'Blog-dev', {
    handlers: path.join(assemblyOf('dev'), 'handlers'),
    webPage: undefined,
    stage: 'dev',
    ...rates,
    archiveDays,
    waf: false,
  });
  const { Resources, Outputs } = Template.fromStack(stack).toJSON();

  it('is the same stack without its bucket, distribution and functions, its link in mails, and the output of its URL', () => {
    const isOfPage = (logicalId: string) => /^(WebPage|Custom)/.test(logicalId);
    const others = Object.entries(templates.dev.Resources).filter(([logicalId]) => !isOfPage(logicalId));
    const [rule = ''] = others
      .map(([logicalId]) => logicalId)
      .filter((id) => id.startsWith('PostProcessingRule'));
    const { InputTemplate } = Resources[rule].Properties.Targets[0].InputTransformer;
    expect(Object.keys(JSON.parse(InputTemplate.replaceAll(/<[^>]*>/g, '0')))).toEqual([
      ...['message', 'url', 'topic', 'title', 'author', 'id', 'createdAt'],
    ]);
    expect(Resources).toEqual({ ...Object.fromEntries(others), [rule]: Resources[rule] });
    const { PageUrl, ...outputs } = templates.dev.Outputs;
    expect(PageUrl).toBeDefined();
    expect(Outputs).toEqual(outputs);
  });
});

it('makes both API stages depend on the account settings that let API Gateway log', () => {
  const [account] = Object.entries(resourcesById('AWS::ApiGateway::Account'));
  for (const type of ['AWS::ApiGateway::Stage', 'AWS::ApiGatewayV2::Stage'])
    expect(Object.values(resources(type))).toEqual([
      expect.objectContaining({ DependsOn: expect.arrayContaining([account?.[0]]) }),
    ]);
  expect(account?.[1].DeletionPolicy).toBe('Retain');
});

it('archives the events of the blog bus, and no others, for the given days', () => {
  expect(allProperties('AWS::Events::Archive')).toEqual([
    {
      SourceArn: expect.objectContaining({ 'Fn::GetAtt': [expect.stringMatching(/^BlogBus/), 'Arn'] }),
      EventPattern: { source: ['blog'] },
      RetentionDays: archiveDays,
      Description: expect.any(String),
      // The key that AWS owns.
      KmsKeyIdentifier: '',
    },
  ]);
});

describe('the outputs', () => {
  const outputs = Object.fromEntries(
    Object.entries(templates.dev.Outputs).map(([name, { Value }]) => [name, textOf(Value)]),
  );
  const ofUsers = {
    ApiUrl: 'https://<PostApi>.execute-api.<AWS::Region>.<AWS::URLSuffix>/dev',
    WebSocketUrl: 'wss://<WebSocketGatewayApi>.execute-api.<AWS::Region>.<AWS::URLSuffix>/dev',
    PageUrl: 'https://<WebPageDistribution.DomainName>',
    AlarmTopicArn: '<AlarmTopic>',
    TopicArn: '<PostProcessingTopic>',
    PostsTableName: '<PostsTable>',
    ConnectionsTableName: '<WebSocketGatewayConnectionsTable>',
    BlogBusName: '<BlogBus>',
    BlogArchiveName: '<BlogArchive>',
    WebSocketBusName: '<WebSocketBus>',
  };
  const ofOperators = [
    ...Object.keys(resources('AWS::SQS::Queue')).map((name) => ({ name, suffix: 'Url' })),
    ...Object.keys(handlerFunctions()).map((name) => ({ name, suffix: 'FunctionName' })),
  ];

  it('include those that users need', () => {
    expect(outputs).toMatchObject(ofUsers);
  });

  it.each(ofOperators)('include those that operators need: $name as <its id>$suffix', ({ name, suffix }) => {
    const [output = ''] = Object.entries(outputs).find(([, value]) => value === `<${name}>`) ?? [];
    const [id = ''] = output.split(suffix);
    expect(output).toBe(`${id}${suffix}`);
    // The name begins with the construct around it.
    expect(id && name.endsWith(id)).toBe(true);
  });

  it('include nothing else', () => {
    expect(Object.keys(outputs)).toHaveLength(Object.keys(ofUsers).length + ofOperators.length);
  });
});
