import { createHash } from 'node:crypto';
import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import {
  FilterPolicyLimitExceededException,
  GetTopicAttributesCommand,
  InvalidParameterException,
  SNSClient,
  SubscribeCommand,
} from '@aws-sdk/client-sns';
import { DeleteCommand, DynamoDBDocumentClient, PutCommand } from '@aws-sdk/lib-dynamodb';
import { mockClient } from 'aws-sdk-client-mock';
import { logger } from '../../lambdas/runtime/logger.ts';
import { handler } from '../../lambdas/subscribe-by-mail.ts';
import {
  FILTER_POLICY_QUOTA,
  REQUEST_LIMITS_TABLE,
  TOPIC_ARN,
} from '../../lambdas/subscriptions/environment.ts';

const TopicArn = 'arn:aws:sns:us-east-1:123456789012:posts';
process.env[TOPIC_ARN] = TopicArn;
process.env[REQUEST_LIMITS_TABLE] = 'limits';
process.env[FILTER_POLICY_QUOTA] = '200';

const table = mockClient(DynamoDBDocumentClient);
const sns = mockClient(SNSClient);
const told = jest.spyOn(logger, 'info').mockImplementation();
const warned = jest.spyOn(logger, 'warn').mockImplementation();
const failed = jest.spyOn(logger, 'error').mockImplementation();
const written = jest.spyOn(process.stdout, 'write').mockReturnValue(true);
afterAll(() => written.mockRestore());

beforeEach(() => {
  table.reset();
  sns.reset();
  for (const log of [told, warned, failed, written]) log.mockClear();
  sns.on(SubscribeCommand).resolves({ SubscriptionArn: 'pending confirmation' });
  topicHas(3, 2);
});

function topicHas(confirmed: number, pending: number): void {
  sns.on(GetTopicAttributesCommand).resolves({
    Attributes: { SubscriptionsConfirmed: `${confirmed}`, SubscriptionsPending: `${pending}` },
  });
}

async function subscribe(body: unknown = { email: 'Joe@example.com', topics: ['summer'] }) {
  const answer = await handler({
    body: JSON.stringify(body),
    requestContext: { requestId: 'request', identity: { sourceIp: '192.0.2.1' } },
  });
  return { ...answer, body: JSON.parse(answer.body) };
}

const accepted = { statusCode: 202, body: { status: 'pending confirmation' } };
const metadata = { $metadata: {} };
const address = `address#${createHash('sha256').update('joe@example.com').digest('hex')}`;
/** Returns the limits against which a use was counted. */
const counted = () => table.commandCalls(PutCommand).map(({ args }) => args[0].input.Item?.limit);
const calls = () => [...table.calls(), ...sns.calls()].map(({ args }) => args[0].constructor.name);

/** Exhausts the limit whose name has this prefix for the next 100 seconds. */
function useUp(limit: string): void {
  table.on(PutCommand).callsFake(({ Item }) => {
    if (!Item.limit.startsWith(limit)) return {};
    throw new ConditionalCheckFailedException({
      ...metadata,
      message: 'The conditional request failed',
      Item: {
        limit: { S: Item.limit },
        used: { N: '5' },
        expiresAt: { N: `${Math.ceil(Date.now() / 1000) + 100}` },
        lastUse: { S: 'another' },
      },
    });
  });
}

const different = new InvalidParameterException({
  ...metadata,
  message: 'Invalid parameter: Attributes Reason: Subscription already exists with different attributes',
});

test('subscribes the address with a filter for its topics', async () => {
  const answer = await subscribe({ email: ' Joe@example.com ', topics: ['Winter', 'summer', 'WINTER '] });
  expect(answer).toMatchObject(accepted);
  expect(sns.commandCalls(SubscribeCommand).map(({ args }) => args[0].input)).toEqual([
    {
      TopicArn,
      Protocol: 'email',
      Endpoint: 'Joe@example.com',
      Attributes: { FilterPolicy: '{"topic":["summer","winter"]}', FilterPolicyScope: 'MessageBody' },
    },
  ]);
  expect(counted()).toEqual(['ip#192.0.2.1', address]);
  expect(failed).not.toHaveBeenCalled();
});

test('gives the same answer, after the same calls, whether SNS knows the address or not', async () => {
  const answers = [await subscribe()];
  const called = calls();
  for (const known of ['subscribed', 'subscribed to other topics']) {
    table.resetHistory();
    sns.resetHistory();
    if (known === 'subscribed') sns.on(SubscribeCommand).resolves({ SubscriptionArn: `${TopicArn}:1` });
    else sns.on(SubscribeCommand).rejects(different);
    answers.push(await subscribe());
    expect(calls()).toEqual(called);
  }
  expect(answers).toEqual([answers[0], answers[0], answers[0]]);
  expect(JSON.stringify([told.mock.calls, warned.mock.calls])).not.toMatch(/joe@/i);
});

test("reports the number of filter policies in CloudWatch's embedded metric format", async () => {
  await subscribe();
  await subscribe();
  const lines = written.mock.calls.map(([line]) => JSON.parse(String(line)));
  expect(lines).toEqual(
    [1, 2].map(() => ({
      _aws: {
        Timestamp: expect.any(Number),
        CloudWatchMetrics: [
          {
            Namespace: 'Blog',
            Dimensions: [['TopicArn']],
            Metrics: [{ Name: 'FilterPolicies', Unit: 'Count' }],
          },
        ],
      },
      level: 'INFO',
      message: 'The filter policies of the topic are counted.',
      correlation_id: 'request',
      TopicArn,
      FilterPolicies: 5,
    })),
  );
});

test('continues if they cannot be counted', async () => {
  sns.on(GetTopicAttributesCommand).rejects(new Error('unreachable'));
  expect(await subscribe()).toMatchObject(accepted);
  expect(failed).toHaveBeenCalledTimes(1);
});

describe('an invalid request', () => {
  test.each([
    [{}, { '/email': 'is required', '/topics': 'is required' }],
    [
      { email: 1, topics: 'summer' },
      { '/email': 'must be a string', '/topics': 'must be a list of topics' },
    ],
    [
      { email: 'joe', topics: [] },
      { '/email': 'must be an e-mail address', '/topics': 'must name a topic' },
    ],
    [
      {
        email: `${'j'.repeat(243)}@example.com`,
        topics: Array.from({ length: 11 }, (_, index) => `t${index}`),
      },
      { '/email': 'must be at most 254 characters', '/topics': 'must name at most 10 topics' },
    ],
    [
      { email: 'joe@example.com, mary@example.com', topics: ['summer', ' ', 'a\nb'] },
      {
        '/email': 'must be an e-mail address',
        '/topics/1': 'must not be empty',
        '/topics/2': 'must not contain control characters',
      },
    ],
  ])('is refused before it counts against a limit: %j', async (body, messages) => {
    const { statusCode, body: problem } = await subscribe(body);
    expect(statusCode).toBe(400);
    const errors: { path: string; message: string }[] = problem.errors;
    expect(Object.fromEntries(errors.map(({ path, message }) => [path, message]))).toEqual(messages);
    expect(errors).toHaveLength(Object.keys(messages).length);
    expect(calls()).toEqual([]);
  });
});

describe('a limit that is reached', () => {
  test.each([
    ['ip#', 'The limit is 5 requests to subscribe an hour for your IP address.'],
    ['address#', 'The limit is one request to subscribe an hour for this e-mail address.'],
  ])('of %s leads to a 429 with Retry-After', async (limit, detail) => {
    useUp(limit);
    const { statusCode, headers, body } = await subscribe();
    expect([statusCode, body.detail]).toEqual([429, detail]);
    expect(Number(headers['Retry-After'])).toBeGreaterThan(98);
    expect(Number(headers['Retry-After'])).toBeLessThan(102);
    expect(sns.calls()).toEqual([]);
  });

  test('of the IP address does not use the limit of the e-mail address', async () => {
    useUp('ip#');
    await subscribe();
    expect(counted()).toEqual(['ip#192.0.2.1']);
  });

  test('that cannot be read leads to a 503', async () => {
    table.on(PutCommand).rejects(new Error('unreachable'));
    const { statusCode, headers } = await subscribe();
    expect([statusCode, headers['Retry-After']]).toEqual([503, '1']);
    expect(failed).toHaveBeenCalledTimes(1);
    expect(sns.calls()).toEqual([]);
  });
});

describe('if SNS does not accept the address', () => {
  /** Returns the limits that were given back. */
  const givenBack = () => table.commandCalls(DeleteCommand).map(({ args }) => args[0].input.Key);

  test.each([
    [
      'since its quota is used up',
      new FilterPolicyLimitExceededException({ ...metadata, message: 'limit exceeded' }),
      { statusCode: 503, headers: { 'Retry-After': '3600' } },
    ],
    [
      'since it cannot be reached',
      new Error('unreachable'),
      { statusCode: 503, headers: { 'Retry-After': '1' } },
    ],
    [
      'since it refuses another parameter',
      new InvalidParameterException({ ...metadata, message: 'Invalid parameter: FilterPolicy: too complex' }),
      { statusCode: 503, headers: { 'Retry-After': '1' } },
    ],
    [
      'since the address is not valid',
      new InvalidParameterException({ ...metadata, message: 'Invalid parameter: Email address' }),
      { statusCode: 400, body: { errors: [{ path: '/email', message: expect.any(String) }] } },
    ],
  ])('the use is given back, %s', async (_, error, answer) => {
    sns.on(SubscribeCommand).rejects(error);
    expect(await subscribe()).toMatchObject(answer);
    expect(givenBack()).toEqual([{ limit: address }]);
    expect(failed.mock.calls.length + warned.mock.calls.length).toBe(1);
  });

  test('the answer is the same if the use cannot be given back', async () => {
    sns.on(SubscribeCommand).rejects(new Error('unreachable'));
    table.on(DeleteCommand).rejects(new Error('unreachable'));
    expect(await subscribe()).toMatchObject({ statusCode: 503 });
    expect(warned).toHaveBeenCalledTimes(1);
  });

  test('SNS is not called without room for a policy, since its answer would reveal subscribers', async () => {
    topicHas(150, 50);
    expect(await subscribe()).toMatchObject({ statusCode: 503, headers: { 'Retry-After': '3600' } });
    expect(sns.commandCalls(SubscribeCommand)).toEqual([]);
    expect(givenBack()).toEqual([{ limit: address }]);
  });
});

test('returns 500 for an event that API Gateway never sends', async () => {
  expect(await handler({})).toMatchObject({ statusCode: 500 });
  expect(failed).toHaveBeenCalledTimes(1);
});
