import { localizer } from '../../src/cloud/localize.ts';
import { resourceTypes } from '../../src/cloud/resource-types.ts';
import { Template } from '../../src/template/template.ts';
import { account, writeAssembly } from '../fixtures/assembly.ts';
import { temporaryFolder } from '../fixtures/temporary-folder.ts';

const domain = (api: string) => `$\{${api}}.execute-api.$\{AWS::Region}.$\{AWS::URLSuffix}`;
const output = (text: string) => ({ Value: { 'Fn::Sub': text } });

const template = new Template(
  writeAssembly(temporaryFolder(), {
    Resources: {
      Rest: { Type: 'AWS::ApiGateway::RestApi', Properties: { Name: 'rest' } },
      RestStage: {
        Type: 'AWS::ApiGateway::Stage',
        Properties: { StageName: 'prod', RestApiId: { Ref: 'Rest' }, DeploymentId: 'd' },
      },
      Socket: {
        Type: 'AWS::ApiGatewayV2::Api',
        Properties: {
          Name: 's',
          ProtocolType: 'WEBSOCKET',
          RouteSelectionExpression: '$request.body.action',
        },
      },
      SocketStage: {
        Type: 'AWS::ApiGatewayV2::Stage',
        Properties: { ApiId: { Ref: 'Socket' }, StageName: 'live', AutoDeploy: true },
      },
      Queue: { Type: 'AWS::SQS::Queue', Properties: { QueueName: 'dead' } },
      Page: {
        Type: 'AWS::CloudFront::Distribution',
        Properties: {
          DistributionConfig: {
            DefaultCacheBehavior: {
              CachePolicyId: 'optimized',
              TargetOriginId: 'bucket',
              ViewerProtocolPolicy: 'redirect-to-https',
            },
            Enabled: true,
            Origins: [],
          },
        },
      },
    },
    Outputs: {
      Rest: output(`https://${domain('Rest')}/prod`),
      RestPath: output(`https://${domain('Rest')}/prod/posts?a=1`),
      Socket: output(`wss://${domain('Socket')}/live`),
      Callback: output(`https://${domain('Socket')}/live`),
      Page: output(`https://$\{Page.DomainName}`),
      Origins: output(`'self' https://${domain('Rest')} wss://${domain('Socket')};`),
      Queue: { Value: { Ref: 'Queue' } },
      Other: output(`https://example.com/prod`),
      Name: output(`$\{Rest}`),
    },
  }),
  account,
  resourceTypes,
);

it('replaces the URLs of AWS by those of this machine, and keeps the rest', () => {
  const localize = localizer(account, template, { port: 3000, awsPort: 4566, pagePort: 3001 });
  const outputs = template.outputs();
  const localized = Object.entries(outputs).map(([name, value]) => [name, localize(value)]);
  expect(Object.fromEntries(localized)).toEqual({
    Rest: 'http://localhost:3000',
    RestPath: 'http://localhost:3000/posts?a=1',
    Socket: 'ws://localhost:3000',
    Callback: 'http://127.0.0.1:4566/live',
    Page: 'http://localhost:3001',
    Origins: "'self' http://localhost:3000 ws://localhost:3000;",
    Queue: 'http://127.0.0.1:4566/123456789012/dead',
    Other: 'https://example.com/prod',
    Name: outputs.Name,
  });
});
