import { accessDenied, type Denial } from '../../../src/services/iam/access-denied.ts';

const user = 'arn:aws:sts::123456789012:assumed-role/shop/order';
const table = 'arn:aws:dynamodb:eu-west-1:123456789012:table/posts';
const missing: Denial = { decision: 'implicit deny', policyType: 'identity-based' };

it.each<[string, number, string, string, Denial, string]>([
  [
    'AccessDeniedException',
    400,
    'dynamodb:PutItem',
    table,
    missing,
    `User: ${user} is not authorized to perform: dynamodb:PutItem on resource: ${table} because no identity-based policy allows the dynamodb:PutItem action`,
  ],
  [
    'AccessDeniedException',
    400,
    'dynamodb:PutItem',
    table,
    { ...missing, decision: 'explicit deny' },
    `User: ${user} is not authorized to perform: dynamodb:PutItem on resource: ${table} with an explicit deny in an identity-based policy`,
  ],
  [
    'AccessDeniedException',
    400,
    'events:PutEvents',
    'arn:b',
    missing,
    `User: ${user} is not authorized to perform: events:PutEvents on resource: arn:b because no identity-based policy allows the events:PutEvents action`,
  ],
  [
    'AccessDeniedException',
    400,
    'comprehend:DetectEntities',
    '*',
    missing,
    `User: ${user} is not authorized to perform: comprehend:DetectEntities because no identity-based policy allows the comprehend:DetectEntities action`,
  ],
  [
    'AuthorizationError',
    403,
    'sns:Publish',
    'arn:t',
    missing,
    `User: ${user} is not authorized to perform: SNS:Publish on resource: arn:t because no identity-based policy allows the SNS:Publish action`,
  ],
  [
    'AccessDenied',
    403,
    'sqs:SendMessage',
    'arn:q',
    { decision: 'explicit deny', policyType: 'resource-based' },
    `User: ${user} is not authorized to perform: sqs:sendmessage on resource: arn:q with an explicit deny in a resource-based policy`,
  ],
  [
    'AccessDeniedException',
    403,
    'lambda:InvokeFunction',
    'arn:f',
    { decision: 'implicit deny', policyType: 'resource-based' },
    `User: ${user} is not authorized to perform: lambda:InvokeFunction on resource: arn:f because no resource-based policy allows the lambda:InvokeFunction action`,
  ],
  [
    'AccessDeniedException',
    403,
    'execute-api:ManageConnections',
    'arn:aws:execute-api:eu-west-1:123456789012:abc/dev/POST/@connections/X=',
    missing,
    `User: ${user} is not authorized to perform: execute-api:ManageConnections on resource: arn:aws:execute-api:eu-west-1:********9012:abc/dev/POST/@connections/{connectionId}`,
  ],
])('is %s %i for %s', (code, status, action, resource, denial, message) => {
  expect(accessDenied(user, { action, resource }, denial)).toMatchObject({ code, status, message });
});
