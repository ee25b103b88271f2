import fc from 'fast-check';
import {
  IdentityPolicy,
  type RequestContext,
  ResourcePolicy,
  type Statement,
  statementsOf,
} from '../../../src/services/iam/policy-document.ts';
import { evaluate, type Principal } from '../../../src/services/iam/policy-evaluation.ts';

const queue = 'arn:aws:sqs:eu-west-1:123456789012:orders';
const rule = 'arn:aws:events:eu-west-1:123456789012:rule/bus/r';
const role = 'arn:aws:iam::123456789012:role/shop';
const session = 'arn:aws:sts::123456789012:assumed-role/shop/order';
const caller: Principal = { arns: [role, session], account: '123456789012' };
const events: Principal = { service: 'events.amazonaws.com' };
const send = { Effect: 'Allow', Action: 'sqs:SendMessage', Resource: queue };

function decide(statements: Statement[], principal = caller, context: RequestContext = {}) {
  return evaluate(statements, { principal, action: 'sqs:SendMessage', resource: queue, context });
}

function identity(...Statement: object[]): Statement[] {
  return statementsOf(IdentityPolicy.parse({ Statement }));
}

it.each([
  ['allow', [send]],
  ['implicit deny', [{ ...send, Action: 'sqs:ReceiveMessage' }]],
  ['implicit deny', [{ ...send, Resource: `${queue}2` }]],
  ['explicit deny', [send, { ...send, Effect: 'Deny' }]],
  ['explicit deny', [{ ...send, Effect: 'Deny' }]],
  ['allow', [send, { ...send, Effect: 'Deny', Action: 'sqs:Receive*' }]],
  ['allow', [{ Effect: 'Allow', NotAction: ['sqs:Delete*', 'sns:*'], Resource: '*' }]],
  ['implicit deny', [{ Effect: 'Allow', NotAction: ['sns:*', 'sqs:Send*'], Resource: '*' }]],
  ['allow', [{ Effect: 'Allow', Action: '*', NotResource: `${queue}2` }]],
  ['implicit deny', [{ Effect: 'Allow', Action: '*', NotResource: `${queue}*` }]],
  ['explicit deny', [send, { Effect: 'Deny', Action: '*', NotResource: `${queue}2` }]],
])('%s by %j', (decision, statements) => {
  expect(decide(identity(...statements))).toBe(decision);
});

it.each([
  ['allow', '*', caller],
  ['allow', { AWS: '*' }, events],
  ['allow', { AWS: role }, caller],
  ['allow', { AWS: [`${role}2`, session] }, caller],
  ['implicit deny', { AWS: `${role}2` }, caller],
  ['allow', { Service: 'events.amazonaws.com' }, events],
  ['implicit deny', { Service: 'sns.amazonaws.com' }, events],
  ['implicit deny', { Service: 'events.amazonaws.com' }, caller],
  // The account is trusted to decide by its identity-based policies.
  ['implicit deny', { AWS: '123456789012' }, caller],
  ['implicit deny', { AWS: 'arn:aws:iam::123456789012:root' }, caller],
])('%s for the principal %j to %j', (decision, Principal, principal) => {
  const statements = (Effect: string) =>
    statementsOf(ResourcePolicy.parse({ Statement: { ...send, Principal, Effect } }));
  expect(decide(statements('Allow'), principal)).toBe(decision);
  const ofAccount = JSON.stringify(Principal).match(/"(123456789012|.*:root)"/) !== null;
  expect(decide(statements('Deny'), principal)).toBe(
    decision === 'allow' || ofAccount ? 'explicit deny' : 'implicit deny',
  );
});

it.each([
  [true, { Bool: { 'aws:SecureTransport': 'true' } }],
  [true, { Bool: { 'AWS:securetransport': true } }],
  [false, { Bool: { 'aws:SecureTransport': 'false' } }],
  [true, { ArnEquals: { 'aws:SourceArn': rule } }],
  [true, { ArnEquals: { 'aws:SourceArn': 'arn:aws:events:*:*:rule/*' } }],
  [true, { ArnLike: { 'aws:SourceArn': [`${rule}2`, 'arn:aws:events:*:*:rule/bus/?'] } }],
  [false, { ArnLike: { 'aws:SourceArn': `${rule}2` } }],
  [true, { StringEquals: { 'aws:SourceArn': rule } }],
  [false, { StringEquals: { 'aws:SourceArn': 'arn:aws:events:*:*:rule/*' } }],
  [true, { StringLike: { 'aws:SourceArn': 'arn:*rule/*' } }],
  // A key that the request does not have.
  [false, { StringLike: { 'aws:SourceAccount': '*' } }],
  [false, { ArnEquals: { 'aws:SourceArn': rule }, Bool: { 'aws:SecureTransport': 'false' } }],
  [false, { StringLike: { 'aws:SourceArn': '*', 'aws:SourceAccount': '*' } }],
])('finds %s for the condition %j', (holds, Condition) => {
  const context = { 'aws:SecureTransport': 'true', 'aws:SourceArn': rule };
  expect(decide(identity({ ...send, Condition }), caller, context)).toBe(holds ? 'allow' : 'implicit deny');
  expect(decide(identity({ ...send, Effect: 'Deny', Condition }), caller, context)).toBe(
    holds ? 'explicit deny' : 'implicit deny',
  );
});

const patterns = {
  action: fc.constantFrom('*', 'sqs:*', 'sqs:Send*', 'sqs:SendMessage', 'sqs:ReceiveMessage', 'sns:Publish'),
  resource: fc.constantFrom('*', queue, `${queue}2`, 'arn:aws:sqs:*:*:ord*', 'arn:aws:sqs:us-east-1:*:*'),
};
const statement = (Effect: 'Allow' | 'Deny') =>
  fc
    .record({
      actions: fc.tuple(
        fc.constantFrom('Action', 'NotAction'),
        fc.array(patterns.action, { minLength: 1, maxLength: 3 }),
      ),
      resources: fc.tuple(
        fc.constantFrom('Resource', 'NotResource'),
        fc.array(patterns.resource, { minLength: 1, maxLength: 3 }),
      ),
      conditions: fc.constantFrom({}, { Condition: { Bool: { 'aws:SecureTransport': 'true' } } }),
    })
    .map(({ actions, resources, conditions }) => ({
      Effect,
      ...Object.fromEntries([actions, resources]),
      ...conditions,
    }));
const policy = fc.array(fc.oneof(statement('Allow'), statement('Deny')), { minLength: 1, maxLength: 5 });
const context = fc.constantFrom<RequestContext>({}, { 'aws:SecureTransport': 'true' });

it('denies what a statement denies, in any position', () => {
  const everything = { Effect: 'Deny', Action: '*', Resource: '*' };
  fc.assert(
    fc.property(policy, context, fc.nat(), (statements, known, index) => {
      const place = index % (statements.length + 1);
      const denied = [...statements.slice(0, place), everything, ...statements.slice(place)];
      expect(decide(identity(...denied), caller, known)).toBe('explicit deny');
    }),
  );
});

it('never denies more with one more Allow statement', () => {
  fc.assert(
    fc.property(policy, statement('Allow'), context, (statements, more, known) => {
      const before = decide(identity(...statements), caller, known);
      const after = decide(identity(...statements, more), caller, known);
      expect(after === before || (before === 'implicit deny' && after === 'allow')).toBe(true);
    }),
  );
});

it('never allows more with one more Deny statement', () => {
  fc.assert(
    fc.property(policy, statement('Deny'), context, (statements, more, known) => {
      const before = decide(identity(...statements), caller, known);
      const after = decide(identity(...statements, more), caller, known);
      expect(after === before || after === 'explicit deny').toBe(true);
    }),
  );
});

it('does not depend on the order of the statements', () => {
  fc.assert(
    fc.property(policy, context, (statements, known) => {
      const decision = decide(identity(...statements), caller, known);
      expect(decide(identity(...statements.toReversed()), caller, known)).toBe(decision);
    }),
  );
});
