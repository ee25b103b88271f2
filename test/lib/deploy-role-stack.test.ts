import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { App, Validations } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { AwsSolutionsChecks } from 'cdk-nag';
import { DeployRoleStack, type DeployRoleStackProps } from '../../lib/deploy-role-stack.ts';

const outdir = mkdtempSync(path.join(tmpdir(), 'deploy-role-'));
afterAll(() => rmSync(outdir, { recursive: true }));

const repository = 'octocat@1/my-repo@2';
const both = { repository, environments: ['dev', 'prod'], createsProvider: true };
const app = new App({ analyticsReporting: false, outdir });
const stack = new DeployRoleStack(app, 'Roles', both);
const account = { Ref: 'AWS::AccountId' };
const arn = { Ref: 'AWS::Partition' };
const region = { Ref: 'AWS::Region' };

/** Returns the statements of each role: those of its trust, and those of its permissions. */
function rolesOf(template: Template) {
  const policies = Object.values(template.findResources('AWS::IAM::Policy'));
  return Object.entries(template.findResources('AWS::IAM::Role')).map(([id, { Properties }]) => ({
    trust: Properties.AssumeRolePolicyDocument.Statement,
    permissions: policies
      .filter(({ Properties: { Roles } }) => Roles[0].Ref === id)
      .flatMap(({ Properties: { PolicyDocument } }) => PolicyDocument.Statement),
    managed: Properties.ManagedPolicyArns,
  }));
}

function trust(subject: string, Federated: unknown = { 'Fn::GetAtt': ['Provider', 'Arn'] }) {
  const claims = {
    'token.actions.githubusercontent.com:aud': 'sts.amazonaws.com',
    'token.actions.githubusercontent.com:sub': `repo:${repository}:${subject}`,
  };
  const Action = 'sts:AssumeRoleWithWebIdentity';
  return [{ Action, Effect: 'Allow', Principal: { Federated }, Condition: { StringEquals: claims } }];
}

const bootstrapRole = (name: string) => ({
  'Fn::Join': ['', ['arn:', arn, ':iam::', account, `:role/cdk-hnb659fds-${name}-`, account, '-', region]],
});
const ofService = (service: string, resource: string) => ({
  'Fn::Join': ['', ['arn:', arn, `:${service}:`, region, ':', account, `:${resource}`]],
});
const stackOf = (stage: string) => ofService('cloudformation', `stack/Blog-${stage}/*`);

function deploys(environment: string) {
  return {
    trust: trust(`environment:${environment}`),
    permissions: [
      {
        Action: 'sts:AssumeRole',
        Effect: 'Allow',
        Resource: [bootstrapRole('deploy-role'), bootstrapRole('file-publishing-role')],
      },
      { Action: 'cloudformation:DescribeStacks', Effect: 'Allow', Resource: stackOf(environment) },
      {
        Action: ['dynamodb:GetItem', 'dynamodb:PutItem'],
        Effect: 'Allow',
        Resource: ofService('dynamodb', `table/Blog-${environment}-PostsTable*`),
      },
    ],
    managed: undefined,
  };
}

it('has a role for each environment, and one that reads the template of dev for pull requests', () => {
  expect(rolesOf(Template.fromStack(stack))).toEqual([
    deploys('dev'),
    deploys('prod'),
    {
      trust: trust('pull_request'),
      permissions: [
        {
          Action: ['cloudformation:DescribeStacks', 'cloudformation:GetTemplate'],
          Effect: 'Allow',
          Resource: stackOf('dev'),
        },
      ],
      managed: undefined,
    },
  ]);
});

it('has no long-lived key, and no user', () => {
  const types = Object.values(Template.fromStack(stack).toJSON().Resources).map((resource) =>
    Object(resource).Type.replace('AWS::IAM::', ''),
  );
  expect([...new Set(types)].sort()).toEqual(['OIDCProvider', 'Policy', 'Role']);
});

it('can use the provider that the account has, and deploy prod alone', () => {
  const props: DeployRoleStackProps = { ...both, environments: ['prod'], createsProvider: false };
  const template = Template.fromStack(new DeployRoleStack(new App(), 'Roles', props));
  template.resourceCountIs('AWS::IAM::OIDCProvider', 0);
  const provider = {
    'Fn::Join': ['', ['arn:', arn, ':iam::', account, ':oidc-provider/token.actions.githubusercontent.com']],
  };
  expect(rolesOf(template)).toEqual([{ ...deploys('prod'), trust: trust('environment:prod', provider) }]);
});

it('raises no finding of cdk-nag', () => {
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
  app.synth({ force: true });
  const report: unknown = JSON.parse(readFileSync(path.join(outdir, 'validation-report.json'), 'utf8'));
  expect(report).toMatchObject({ pluginReports: [] });
});
