import * as z from 'zod/mini';
import { removalsOf } from '../../../checks/permissions/removals.ts';

const Version = '2012-10-17';
const allow = (Action: string | string[], Resource: unknown = '*') => ({ Effect: 'Allow', Action, Resource });
const metadata = (path: string) => ({ 'aws:cdk:path': `Stack/${path}/Resource` });

const resources = {
  Function: { Type: 'AWS::Lambda::Function', Metadata: metadata('Api/Create') },
  Alias: { Type: 'AWS::Lambda::Alias', Metadata: metadata('Api/Create/Live') },
  AliasPermission: {
    Type: 'AWS::Lambda::Permission',
    Properties: { Action: 'lambda:InvokeFunction', FunctionName: { Ref: 'Alias' } },
    Metadata: metadata('Api/Create/Live/Permission'),
  },
  Permission: {
    Type: 'AWS::Lambda::Permission',
    Properties: { Action: 'lambda:InvokeFunction', FunctionName: { 'Fn::GetAtt': ['Function', 'Arn'] } },
    Metadata: metadata('Api/Create/Permission'),
  },
  Role: {
    Type: 'AWS::IAM::Role',
    Properties: {
      AssumeRolePolicyDocument: {
        Version,
        Statement: [
          { Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service: 'lambda.amazonaws.com' } },
        ],
      },
      ManagedPolicyArns: ['arn:one', 'arn:two'],
      Policies: [
        { PolicyName: 'One', PolicyDocument: { Version, Statement: [allow('sqs:SendMessage')] } },
        { PolicyName: 'Two', PolicyDocument: { Version, Statement: [allow(['a:b', 'a:c']), allow('a:d')] } },
      ],
    },
    Metadata: metadata('Api/Create/Role'),
  },
  Policy: {
    Type: 'AWS::IAM::Policy',
    Properties: { PolicyDocument: { Version, Statement: [allow('e:f', ['arn:three', 'arn:four'])] } },
    Metadata: metadata('Api/Create/Role/DefaultPolicy'),
  },
};

const Document = z.object({ Version: z.string(), Statement: z.array(z.looseObject({})) });
const Template = z.object({
  Resources: z.looseObject({
    Role: z.object({
      Properties: z.object({
        AssumeRolePolicyDocument: Document,
        ManagedPolicyArns: z.array(z.string()),
        Policies: z.array(z.object({ PolicyDocument: Document })),
      }),
    }),
    Policy: z.object({ Properties: z.object({ PolicyDocument: Document }) }),
  }),
});

const removals = removalsOf(JSON.stringify({ Resources: resources }));

/** Returns the parts of the template that remain after one removal. */
function without(name: string) {
  const { template = '' } = removals.find((removal) => removal.name === name) ?? {};
  const { Resources } = Template.parse(JSON.parse(template));
  const { Role, Policy } = Resources;
  return {
    names: Object.keys(Resources).sort(),
    trusts: Role.Properties.AssumeRolePolicyDocument.Statement,
    managed: Role.Properties.ManagedPolicyArns,
    inline: Role.Properties.Policies.map(({ PolicyDocument }) => PolicyDocument.Statement),
    attached: Policy.Properties.PolicyDocument.Statement,
  };
}

it('finds each grant, and the resource that refuses without it', () => {
  expect(removals.map(({ name, actions, refusing }) => [name, actions, refusing])).toEqual([
    ['Api/Create/Live/Permission: Allow lambda:InvokeFunction', ['lambda:InvokeFunction'], 'Api/Create/Live'],
    ['Api/Create/Permission: Allow lambda:InvokeFunction', ['lambda:InvokeFunction'], 'Api/Create'],
    ['Api/Create/Role: Allow sts:AssumeRole', ['sts:AssumeRole'], 'Api/Create/Role'],
    ['Api/Create/Role: Allow sqs:SendMessage', ['sqs:SendMessage'], 'Api/Create/Role'],
    ['Api/Create/Role: Allow a:b', ['a:b'], 'Api/Create/Role'],
    ['Api/Create/Role: Allow a:c', ['a:c'], 'Api/Create/Role'],
    ['Api/Create/Role: Allow a:d', ['a:d'], 'Api/Create/Role'],
    ['Api/Create/Role: managed policy "arn:one"', [], 'Api/Create/Role'],
    ['Api/Create/Role: managed policy "arn:two"', [], 'Api/Create/Role'],
    ['Api/Create/Role/DefaultPolicy: Allow e:f on "arn:three"', ['e:f'], 'Api/Create/Role'],
    ['Api/Create/Role/DefaultPolicy: Allow e:f on "arn:four"', ['e:f'], 'Api/Create/Role'],
  ]);
});

it.each([
  [
    'Api/Create/Permission: Allow lambda:InvokeFunction',
    { names: ['Alias', 'AliasPermission', 'Function', 'Policy', 'Role'] },
  ],
  [
    'Api/Create/Role: Allow sts:AssumeRole',
    { trusts: [{ Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service: 'ec2.amazonaws.com' } }] },
  ],
  ['Api/Create/Role: Allow sqs:SendMessage', { inline: [[], [allow(['a:b', 'a:c']), allow('a:d')]] }],
  ['Api/Create/Role: Allow a:b', { inline: [[allow('sqs:SendMessage')], [allow(['a:c']), allow('a:d')]] }],
  ['Api/Create/Role: Allow a:d', { inline: [[allow('sqs:SendMessage')], [allow(['a:b', 'a:c'])]] }],
  ['Api/Create/Role: managed policy "arn:one"', { managed: ['arn:two'] }],
  ['Api/Create/Role/DefaultPolicy: Allow e:f on "arn:three"', { attached: [allow('e:f', ['arn:four'])] }],
])('removes only this grant: %s', (name, changed) => {
  const { Role, Policy } = resources;
  expect(without(name)).toEqual({
    names: Object.keys(resources).sort(),
    trusts: Role.Properties.AssumeRolePolicyDocument.Statement,
    managed: Role.Properties.ManagedPolicyArns,
    inline: Role.Properties.Policies.map(({ PolicyDocument }) => PolicyDocument.Statement),
    attached: Policy.Properties.PolicyDocument.Statement,
    ...changed,
  });
});
