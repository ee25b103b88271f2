import { resourceTypes } from '../../../src/cloud/resource-types.ts';
import { IdentityPolicy, ResourcePolicy, TrustPolicy } from '../../../src/services/iam/policy-document.ts';
import { Template } from '../../../src/template/template.ts';
import { account, writeAssembly } from '../../fixtures/assembly.ts';
import { temporaryFolder } from '../../fixtures/temporary-folder.ts';

const folder = temporaryFolder();
const arn = 'arn:aws:sns:eu-west-1:123456789012:posts';
const variable = '$'.concat('{aws:username}');
const publish = { Effect: 'Allow', Action: 'sns:Publish', Resource: arn };

it('accepts a single item as a list of one', () => {
  const expected = {
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Deny',
        Action: ['sns:Publish'],
        Resource: [arn],
        Principal: { AWS: ['*'] },
        Condition: { Bool: { 'aws:SecureTransport': ['false'] } },
      },
    ],
  };
  const written = {
    Version: '2012-10-17',
    Statement: {
      ...publish,
      Effect: 'Deny',
      Principal: '*',
      Condition: { Bool: { 'aws:SecureTransport': false } },
    },
  };
  expect(ResourcePolicy.parse(written)).toEqual(expected);
  expect(ResourcePolicy.parse(expected)).toEqual(expected);
});

it.each([
  [
    'identity-based',
    IdentityPolicy,
    { Statement: [{ Effect: 'Deny', NotAction: '*', NotResource: [arn, '*'] }] },
  ],
  [
    'resource-based',
    ResourcePolicy,
    { Id: 'a', Statement: { Sid: 'b', ...publish, Principal: { AWS: '123456789012' } } },
  ],
  [
    'trust',
    TrustPolicy,
    {
      Statement: {
        Effect: 'Allow',
        Action: 'sts:AssumeRole',
        Principal: { Service: ['lambda.amazonaws.com'] },
      },
    },
  ],
])('accepts %s policies', (_type, schema, document) => {
  expect(schema.safeParse(document)).toMatchObject({ success: true });
});

it.each([
  [{ ...publish, NotPrincipal: '*' }, 'PolicyDocument.Statement.0.NotPrincipal is not supported'],
  [
    { ...publish, Principal: { Federated: 'x' } },
    'PolicyDocument.Statement.0.Principal.Federated is not supported',
  ],
  [
    { ...publish, Principal: { AWS: 'arn:aws:iam::123456789012:role/*' } },
    'Principal.AWS.0 "arn:aws:iam::123456789012:role/*": this is not a principal',
  ],
  [
    { ...publish, Condition: { DateLessThan: { 'aws:CurrentTime': '2026-01-01' } } },
    'the condition operator DateLessThan is not supported',
  ],
  [
    { ...publish, Condition: { toString: { 'aws:SourceArn': arn } } },
    'the condition operator toString is not supported',
  ],
  [
    { ...publish, Condition: { StringEquals: { 'aws:PrincipalOrgID': 'o-1' } } },
    'the condition key aws:PrincipalOrgID is not supported',
  ],
  [{ ...publish, Resource: `${arn}-${variable}` }, /Resource\.0 ".*": policy variables are not supported/],
  [
    { ...publish, Condition: { StringLike: { 'aws:SourceArn': variable } } },
    'policy variables are not supported',
  ],
  [{ ...publish, Resource: 'posts' }, /Resource\.0 ".*": this is not an ARN/],
  [
    { ...publish, Resource: 'arn:aws:*:eu-west-1:123456789012:posts' },
    /Resource\.0 ".*": this is not an ARN/,
  ],
  [{ ...publish, Resource: [] }, 'PolicyDocument.Statement.0.Resource'],
  [{ ...publish, Action: 'Publish' }, 'Action.0 "Publish": this is not an action'],
  [{ ...publish, NotAction: 'sns:Publish' }, 'exactly one of Action and NotAction is required'],
  [{ ...publish, Action: undefined }, 'exactly one of Action and NotAction is required'],
  [{ ...publish, NotResource: arn }, 'exactly one of Resource and NotResource is required'],
  [{ ...publish, Effect: 'allow' }, 'PolicyDocument.Statement.0.Effect'],
])('does not start with %j', (statement, reason) => {
  const PolicyDocument = { Statement: [{ Principal: '*', ...statement }] };
  const template = {
    Resources: { Policy: { Type: 'AWS::SNS::TopicPolicy', Properties: { PolicyDocument, Topics: [arn] } } },
  };
  const start = () => new Template(writeAssembly(folder, template), account, resourceTypes);
  expect(start).toThrow(reason);
  expect(start).toThrow(/^ {2}Policy \(AWS::SNS::TopicPolicy\)\n.*PolicyDocument\..*\.\n/m);
});

it('refuses a principal in an identity-based policy, and requires one in the others', () => {
  expect(IdentityPolicy.safeParse({ Statement: { ...publish, Principal: '*' } }).success).toBe(false);
  expect(ResourcePolicy.safeParse({ Statement: publish }).success).toBe(false);
  expect(TrustPolicy.safeParse({ Statement: { Effect: 'Allow', Action: 'sts:AssumeRole' } }).success).toBe(
    false,
  );
});
