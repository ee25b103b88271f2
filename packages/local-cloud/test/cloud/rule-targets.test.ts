import { ruleTargets } from '../../src/cloud/rule-targets.ts';
import { AwsError } from '../../src/core/service.ts';

const principal = 'events.amazonaws.com';
const rule = { name: 'rule', arn: 'arn:aws:events:eu-west-1:123456789012:rule/bus/rule' };
const cause = { trace: '0123456789abcdef01234567' };

function open() {
  const lambda = { invokeAsynchronously: jest.fn() };
  const sns = { call: jest.fn(async () => ({})) };
  const sqs = { call: jest.fn(async () => ({})) };
  const authorizeService = jest.fn();
  return { authorizeService, invoke: ruleTargets({ authorizeService, lambda, sns, sqs }), lambda, sns, sqs };
}

it('invokes a function asynchronously on behalf of the rule', async () => {
  const { invoke, lambda, sns } = open();
  const arn = 'arn:aws:lambda:eu-west-1:123456789012:function:f';
  await invoke(arn, '{"a":1}', rule, cause);
  const invoker = { name: 'rule', cause, service: { principal, sourceArn: rule.arn } };
  expect(lambda.invokeAsynchronously.mock.calls).toEqual([[arn, '{"a":1}', invoker]]);
  expect(sns.call).not.toHaveBeenCalled();
});

it('publishes to a topic whose policy allows it', async () => {
  const { authorizeService, invoke, sns } = open();
  const arn = 'arn:aws:sns:eu-west-1:123456789012:topic';
  await invoke(arn, 'text', rule, cause);
  expect(authorizeService.mock.calls).toEqual([[principal, 'sns:Publish', arn, rule.arn]]);
  expect(sns.call.mock.calls).toEqual([['Publish', { TopicArn: arn, Message: 'text' }, cause]]);
  authorizeService.mockImplementation(() => {
    throw new AwsError('AuthorizationError', 'not authorized', 403);
  });
  await expect(invoke(arn, 'text', rule, cause)).rejects.toThrow('not authorized');
  expect(sns.call).toHaveBeenCalledTimes(1);
});

it('sends a message to a queue whose policy allows it', async () => {
  const { authorizeService, invoke, sqs } = open();
  const arn = 'arn:aws:sqs:eu-west-1:123456789012:queue';
  await invoke(arn, 'text', rule, cause);
  expect(authorizeService.mock.calls).toEqual([[principal, 'sqs:SendMessage', arn, rule.arn]]);
  expect(sqs.call.mock.calls).toEqual([['SendMessage', { QueueUrl: 'queue', MessageBody: 'text' }, cause]]);
  authorizeService.mockImplementation(() => {
    throw new AwsError('AccessDenied', 'not authorized', 403);
  });
  await expect(invoke(arn, 'text', rule, cause)).rejects.toThrow('not authorized');
  expect(sqs.call).toHaveBeenCalledTimes(1);
});
