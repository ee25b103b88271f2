import { createHmac } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import {
  FilterPolicyLimitExceededException,
  GetTopicAttributesCommand,
  InvalidParameterException,
  SNSClient,
  SubscribeCommand,
} from '@aws-sdk/client-sns';
import { DeleteCommand, GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import { mockClient } from 'aws-sdk-client-mock';
import { logger } from '../../lambdas/runtime/logger.ts';
import { handler } from '../../lambdas/subscribe-by-mail.ts';
import {
  FILTER_POLICY_QUOTA,
  REQUEST_LIMITS_KEY_ARN,
  REQUEST_LIMITS_TABLE,
  TOPIC_ARN,
} from '../../lambdas/subscriptions/environment.ts';
import { measured } from './measured.ts';
import { mockTables } from './table-mock.ts';

// The time that every request takes, which no test waits for.
jest.mock('node:timers/promises', () => ({ setTimeout: jest.fn(async () => undefined) }));

const TopicArn = 'arn:aws:sns:us-east-1:123456789012:posts';
process.env[TOPIC_ARN] = TopicArn;
process.env[REQUEST_LIMITS_TABLE] = 'limits';
process.env[FILTER_POLICY_QUOTA] = '200';
process.env[REQUEST_LIMITS_KEY_ARN] = 'arn:aws:secretsmanager:us-east-1:123456789012:secret:key-AbCdEf';

const table = mockTables();
const sns = mockClient(SNSClient);
const secretsManager = mockClient(SecretsManagerClient);
const SecretString = 'k'.repeat(64);
const told = jest.spyOn(logger, 'info').mockImplementation();
const warned = jest.spyOn(logger, 'warn').mockImplementation();
const failed = jest.spyOn(logger, 'error').mockImplementation();

beforeEach(() => {
  table.reset();
  sns.reset();
  jest.mocked(setTimeout).mockClear();
  for (const log of [told, warned, failed]) log.mockClear();
  sns.on(SubscribeCommand).resolves({ SubscriptionArn: 'pending confirmation' });
  secretsManager.on(GetSecretValueCommand).resolves({ SecretString });
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
    requestContext: { requestId: 'request', identity: { sourceIp } },
  });
  return { ...answer, body: JSON.parse(answer.body) };
}

const accepted = { statusCode: 202, body: { status: 'pending confirmation' } };
const metadata = { $metadata: {} };
const key = (kind: string, text: string) =>
  `${kind}#${createHmac('sha256', SecretString).update(`${kind}#${text}`).digest('hex')}`;
const sourceIp = '192.0.2.1';
const ip = key('ip', sourceIp);
const reserve = key('reserve', sourceIp);
const address = key('address', 'joe@example.com');
const items = () => table.commandCalls(PutCommand).map(({ args }) => args[0].input.Item ?? {});
/** Returns the limits against which a use was counted. */
const counted = () => items().flatMap(({ limit, used }) => (used === undefined ? [] : [limit]));
/** Returns the filter policies with which SNS was called. */
const filters = () =>
  sns.commandCalls(SubscribeCommand).map(({ args }) => args[0].input.Attributes?.FilterPolicy);
const calls = () => [...table.calls(), ...sns.calls()];

/** Returns the limits that were given back. */
const givenBack = () => table.commandCalls(DeleteCommand).map(({ args }) => args[0].input.Key);

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

// Before all other tests, after which the function has the secret.
describe('the secret of the limits', () => {
  test.each([
    ['is absent', new Error("Secrets Manager can't find the specified secret.")],
    ['has no text', {}],
    ['is too short to be a key', { SecretString: 'short' }],
  ])('leads to a 503 and a log line if it %s', async (_, answer) => {
    if (answer instanceof Error) secretsManager.on(GetSecretValueCommand).rejects(answer);
    else secretsManager.on(GetSecretValueCommand).resolves(answer);
    expect(await subscribe()).toMatchObject({ statusCode: 503, headers: { 'Retry-After': '1' } });
    expect(failed).toHaveBeenCalledTimes(1);
    expect(calls()).toEqual([]);
  });

  test('is then read again, and once', async () => {
    secretsManager.resetHistory();
    for (let count = 0; count < 3; count++) expect(await subscribe()).toMatchObject(accepted);
    expect(secretsManager.commandCalls(GetSecretValueCommand).map(({ args }) => args[0].input)).toEqual([
      { SecretId: process.env[REQUEST_LIMITS_KEY_ARN] },
    ]);
  });

  test('keys the hashes that the table stores in place of addresses', async () => {
    await subscribe();
    const stored = JSON.stringify(table.commandCalls(PutCommand).map(({ args }) => args[0].input));
    expect(stored).not.toMatch(/joe|example|192\.0\.2/i);
    expect(items().map(({ limit }) => limit)).toEqual([ip, address, key('filter', 'Joe@example.com')]);
  });
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
  expect(counted()).toEqual([ip, address]);
  expect(failed).not.toHaveBeenCalled();
});

test('gives the same answer, in the same time, whether the address is known, over its limit, or neither', async () => {
  const answers = [await subscribe()];
  sns.on(SubscribeCommand).resolves({ SubscriptionArn: `${TopicArn}:1` });
  answers.push(await subscribe());
  sns.on(SubscribeCommand).rejects(different);
  answers.push(await subscribe());
  useUp('address#');
  answers.push(await subscribe());
  expect(answers).toEqual(Array(4).fill(answers[0]));
  expect(answers[0]).toMatchObject(accepted);
  expect(jest.mocked(setTimeout).mock.calls).toEqual(Array(4).fill([150]));
  expect(JSON.stringify([told.mock.calls, warned.mock.calls])).not.toMatch(/joe@/i);
});

describe('an address that has a subscription to other topics', () => {
  const summer = '{"topic":["summer"]}';
  const winter = '{"topic":["winter"]}';
  beforeEach(() => {
    sns.on(SubscribeCommand).callsFake(({ Attributes }) => {
      if (Attributes.FilterPolicy !== winter) throw different;
      return { SubscriptionArn: 'pending confirmation' };
    });
  });
  const now = () => Math.floor(Date.now() / 1000);

  test('is sent the link to these again, so that its owner learns of them', async () => {
    await subscribe({ email: 'Joe@example.com', topics: ['winter'] });
    const Item = items().find(({ limit }) => limit === key('filter', 'Joe@example.com'));
    expect(Item).toMatchObject({ filterPolicy: winter });
    expect(Item?.expiresAt - now()).toBeGreaterThanOrEqual(48 * 3600 - 1);
    table.on(GetCommand, { Key: { limit: Item?.limit } }).resolves({ Item });
    sns.resetHistory();
    expect(await subscribe()).toMatchObject(accepted);
    expect(filters()).toEqual([summer, winter]);
    expect(failed).not.toHaveBeenCalled();
  });

  test.each([
    ['that were requested over 48 hours ago', { filterPolicy: winter, expiresAt: 1 }],
    ['that nobody requested here', undefined],
  ])('%s is sent nothing', async (_, Item) => {
    table.on(GetCommand).resolves({ Item });
    expect(await subscribe()).toMatchObject(accepted);
    expect(filters()).toEqual([summer]);
  });

  test('gets the same answer if these cannot be read or requested again', async () => {
    table.on(GetCommand).rejects(new Error('unreachable'));
    expect(await subscribe()).toMatchObject(accepted);
    expect(failed).toHaveBeenCalledTimes(1);
    table.on(GetCommand).resolves({ Item: { filterPolicy: winter, expiresAt: now() + 100 } });
    sns.on(SubscribeCommand).callsFake(({ Attributes }) => {
      throw Attributes.FilterPolicy === winter ? new Error('unreachable') : different;
    });
    expect(await subscribe()).toMatchObject(accepted);
    expect(items().some(({ filterPolicy }) => filterPolicy)).toBe(false);
  });
});

test('accepts a request whose topics cannot be stored', async () => {
  table.on(PutCommand).callsFake(({ Item }) => {
    if (Item.filterPolicy) throw new Error('unreachable');
  });
  expect(await subscribe()).toMatchObject(accepted);
  expect(warned).toHaveBeenCalledTimes(1);
});

describe('half of the room for pending subscriptions', () => {
  test.each([
    [0, 99, 202, []],
    [0, 100, 202, [reserve]],
    [0, 179, 202, [reserve]],
    [0, 180, 503, []],
    [0, 200, 503, []],
    [150, 24, 202, []],
    [150, 25, 202, [reserve]],
    [150, 45, 503, []],
    [199, 0, 202, []],
    [200, 0, 503, []],
    [210, 3, 503, []],
  ])('with %i confirmed and %i pending: %i', async (confirmed, pending, status, limits) => {
    topicHas(confirmed, pending);
    expect((await subscribe()).statusCode).toBe(status);
    expect(counted()).toEqual(status === 202 ? [ip, ...limits, address] : [ip]);
  });

  test('is a reserve, of which an IP address takes one place in 48 hours', async () => {
    topicHas(0, 100);
    await subscribe();
    const { expiresAt } = items().find(({ limit }) => limit === reserve) ?? {};
    expect(expiresAt - Date.now() / 1000).toBeGreaterThan(48 * 3600 - 2);
    useUp('reserve#');
    sns.resetHistory();
    expect(await subscribe()).toMatchObject({ statusCode: 503, headers: { 'Retry-After': '3600' } });
    expect(sns.commandCalls(SubscribeCommand)).toEqual([]);
  });

  test('is given back if SNS fails', async () => {
    topicHas(0, 100);
    sns.on(SubscribeCommand).rejects(new Error('unreachable'));
    expect(await subscribe()).toMatchObject({ statusCode: 503 });
    expect(givenBack()).toEqual([{ limit: address }, { limit: reserve }]);
  });
});

test('measures the number of filter policies', async () => {
  await subscribe();
  await subscribe();
  expect(measured()).toEqual({ FilterPolicies: [5, 5] });
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
  test('of the IP address leads to a 429 with Retry-After', async () => {
    useUp('ip#');
    const { statusCode, headers, body } = await subscribe();
    const detail = 'The limit is 5 requests to subscribe an hour for your IP address.';
    expect([statusCode, body.detail]).toEqual([429, detail]);
    expect(Number(headers['Retry-After'])).toBeGreaterThan(98);
    expect(Number(headers['Retry-After'])).toBeLessThan(102);
    expect(sns.calls()).toEqual([]);
  });

  test('of the IP address does not use the limit of the e-mail address', async () => {
    useUp('ip#');
    await subscribe();
    expect(counted()).toEqual([ip]);
  });

  test('of the e-mail address keeps SNS from sending another e-mail', async () => {
    useUp(address);
    expect(await subscribe()).toMatchObject(accepted);
    expect(sns.commandCalls(SubscribeCommand)).toEqual([]);
  });

  test.each(['Joe@Example.com', 'joe+news@example.com', 'JOE+a+b@example.com', 'joe+@example.com'])(
    'of the e-mail address also counts %s',
    async (email) => {
      await subscribe({ email, topics: ['summer'] });
      expect(counted()).toEqual([ip, address]);
      expect(sns.commandCalls(SubscribeCommand)[0]?.args[0].input.Endpoint).toBe(email);
    },
  );

  test.each(['j.oe@example.com', 'joe@mail.example.com', '+joe@example.com', 'joe-news@example.com'])(
    'of the e-mail address does not count %s',
    async (email) => {
      await subscribe({ email, topics: ['summer'] });
      expect(counted()).toEqual([ip, key('address', email)]);
    },
  );

  test('that cannot be read leads to a 503', async () => {
    table.on(PutCommand).rejects(new Error('unreachable'));
    const { statusCode, headers } = await subscribe();
    expect([statusCode, headers['Retry-After']]).toEqual([503, '1']);
    expect(failed).toHaveBeenCalledTimes(1);
    expect(sns.calls()).toEqual([]);
  });
});

describe('if SNS does not accept the address', () => {
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
  });
});

test('returns 500 for an event that API Gateway never sends', async () => {
  expect(await handler({})).toMatchObject({ statusCode: 500 });
  expect(failed).toHaveBeenCalledTimes(1);
});
