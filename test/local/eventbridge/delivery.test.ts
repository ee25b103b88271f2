import { setImmediate } from 'node:timers/promises';
import { seededChance } from '../../../local/chance.ts';
import { type DeliveryServices, deliver, type Event } from '../../../local/eventbridge/delivery.ts';
import type { Target } from '../../../local/eventbridge/event-resources.ts';
import { AwsError } from '../../../local/service.ts';
import { ManualClock } from '../manual-clock.ts';
import { RecordedLog } from '../recorded-log.ts';

const target: Target = {
  Id: 'Target0',
  Arn: 'arn:aws:lambda:eu-west-1:123456789012:function:enrich',
  DeadLetterConfig: { Arn: 'arn:aws:sqs:eu-west-1:123456789012:dead' },
  RetryPolicy: { MaximumEventAgeInSeconds: 86_400, MaximumRetryAttempts: 185 },
};
const event: Event = {
  version: '0',
  id: 'event-1',
  'detail-type': 'BlogPostCreated',
  source: 'blog',
  account: '123456789012',
  time: '2026-01-31T09:30:00Z',
  region: 'eu-west-1',
  resources: [],
  detail: {},
};
const context = { ruleArn: 'arn:rule', ruleName: 'creation', ingestionTime: '2026-01-31T09:30:00.000Z' };

/** Delivers to the end; `invoke` fails as often as it likes. Times are seconds after the first attempt. */
async function run(
  invoke: (attempt: number) => void,
  changes: Partial<Target> = {},
  render: () => string = () => '"payload"',
) {
  const clock = new ManualClock();
  const begin = clock.now();
  const times: number[] = [];
  const deadLetters: Parameters<DeliveryServices['sendDeadLetter']>[] = [];
  let done = false;
  const delivery = deliver(event, { ...target, ...changes }, render, context, {
    clock,
    chance: seededChance('test'),
    log: new RecordedLog(),
    invoke: async (arn, payload) => {
      expect([arn, payload]).toEqual([target.Arn, '"payload"']);
      times.push((clock.now() - begin) / 1000);
      invoke(times.length);
    },
    sendDeadLetter: async (...letter) => {
      deadLetters.push(letter);
    },
  }).then(() => (done = true));
  for (let tick = 0; !done && tick < 20_000; tick++) {
    await setImmediate();
    // Small steps while the delays are small.
    if (clock.pending > 0) clock.advance(tick < 200 ? 100 : 10_000);
  }
  await delivery;
  return { times, deadLetters };
}

const failing = (error: Error) => () => {
  throw error;
};
const unavailable = failing(new AwsError('ServiceUnavailable', 'later', 503));

it('hands the event over once if it is taken', async () => {
  expect(await run(() => {})).toEqual({ times: [0], deadLetters: [] });
});

it('tries again, with ever longer pauses, until it is taken', async () => {
  const { times, deadLetters } = await run((attempt) => {
    if (attempt < 5) unavailable();
  });
  expect(deadLetters).toEqual([]);
  expect(times).toHaveLength(5);
  const pauses = times.slice(1).map((time, index) => time - (times[index] ?? 0));
  for (const [index, pause] of pauses.entries()) {
    expect(pause).toBeGreaterThanOrEqual(2 ** index / 2);
    expect(pause).toBeLessThanOrEqual(2 ** index + 0.1);
  }
});

it('gives up after 24 hours or 185 retries by default', async () => {
  const { times, deadLetters } = await run(unavailable);
  expect(times.length).toBeGreaterThan(180);
  expect(times.length).toBeLessThanOrEqual(186);
  expect(times.at(-1)).toBeLessThanOrEqual(86_400);
  expect(deadLetters).toHaveLength(1);
});

const retries = (MaximumRetryAttempts: number, MaximumEventAgeInSeconds = 86_400) => ({
  RetryPolicy: { MaximumEventAgeInSeconds, MaximumRetryAttempts },
});

it.each([
  ['its attempts', retries(2), 2, 'MaximumRetryAttempts'],
  ['no retries', retries(0), 0, 'MaximumRetryAttempts'],
  ['its age', retries(185, 3), 2, 'MaximumEventAgeInSeconds'],
])('dead-letters the event, with what happened, after %s', async (_name, changes, count, condition) => {
  const { times, deadLetters } = await run(unavailable, changes);
  expect(times).toHaveLength(count + 1);
  const [[queue, body, attributes] = []] = deadLetters;
  expect(queue).toBe('arn:aws:sqs:eu-west-1:123456789012:dead');
  expect(JSON.parse(body ?? '')).toEqual(event);
  expect(attributes).toEqual({
    RULE_ARN: 'arn:rule',
    TARGET_ARN: target.Arn,
    ERROR_CODE: 'ServiceUnavailable',
    ERROR_MESSAGE: 'later',
    RETRY_ATTEMPTS: String(count),
    EXHAUSTED_RETRY_CONDITION: condition,
  });
});

it.each([
  ['has no permission', new AwsError('AccessDeniedException', 'no', 403), 1],
  ['is not there', new AwsError('ResourceNotFoundException', 'no', 404), 1],
  ['is throttled', new AwsError('ThrottlingException', 'slow', 400), 3],
  ['fails in an unknown way', new Error('what?'), 3],
])('where the target %s', async (_name, error, attempts) => {
  const { times, deadLetters } = await run(failing(error), retries(2));
  expect(times).toHaveLength(attempts);
  expect(deadLetters[0]?.[2]).toHaveProperty('RETRY_ATTEMPTS', String(attempts - 1));
  expect('EXHAUSTED_RETRY_CONDITION' in (deadLetters[0]?.[2] ?? {})).toBe(attempts > 1);
});

it('does not invoke the target, nor try again, with an input that cannot be made', async () => {
  const { times, deadLetters } = await run(
    () => {},
    {},
    () => {
      throw new AwsError('INVALID_JSON', 'not JSON');
    },
  );
  expect(times).toEqual([]);
  expect(deadLetters[0]?.[2]).toMatchObject({ ERROR_CODE: 'INVALID_JSON', RETRY_ATTEMPTS: '0' });
});

it('drops the event without a dead-letter queue', async () => {
  const { deadLetters } = await run(unavailable, { ...retries(0), DeadLetterConfig: undefined });
  expect(deadLetters).toEqual([]);
});
