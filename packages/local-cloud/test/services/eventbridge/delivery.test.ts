import { setImmediate } from 'node:timers/promises';
import { seededChance } from '../../../src/core/chance.ts';
import type { DeadLetter } from '../../../src/core/dead-letter.ts';
import { ConnectionDropped, Fault, Faults } from '../../../src/core/faults.ts';
import { Recorder } from '../../../src/core/recorder.ts';
import { AwsError } from '../../../src/core/service.ts';
import { deliver, type Event } from '../../../src/services/eventbridge/delivery.ts';
import type { Target } from '../../../src/services/eventbridge/event-resources.ts';
import { ManualClock } from '../../fixtures/manual-clock.ts';
import { RecordedLog } from '../../fixtures/recorded-log.ts';

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

const cause = { trace: '0123456789abcdef01234567' };

/** Runs a delivery to its end; `invoke` may fail. Times are seconds after the first attempt. */
async function run(
  invoke: (attempt: number) => void,
  changes: Partial<Target> = {},
  services: { render?: () => string; fault?: object; authorizeService?: () => void } = {},
) {
  const clock = new ManualClock();
  const chance = seededChance('test');
  const log = new RecordedLog();
  const faults = new Faults({ clock, chance, log });
  if (services.fault) faults.add(Fault.parse(services.fault));
  const begin = clock.now();
  const times: number[] = [];
  const deadLetters: DeadLetter[] = [];
  let done = false;
  const render = services.render ?? (() => '"payload"');
  const progress = { acceptedAt: begin, waitsUntil: begin, retries: 0 };
  const delivered = { event, target: { ...target, ...changes }, render, context, progress, keep: () => {} };
  const delivery = deliver(delivered, cause, {
    clock,
    chance,
    faults,
    recorder: new Recorder(clock, false),
    log,
    invoke: async (...call) => {
      const rule = { name: 'creation', arn: 'arn:rule' };
      expect(call).toEqual([target.Arn, '"payload"', rule, cause]);
      times.push((clock.now() - begin) / 1000);
      invoke(times.length);
    },
    sendDeadLetter: async (letter) => {
      deadLetters.push(letter);
    },
    authorizeService: services.authorizeService ?? (() => {}),
    labelOf: () => 'enrich-label',
  }).then(() => (done = true));
  while (!done) {
    clock.jump();
    await setImmediate();
  }
  await delivery;
  return { times, deadLetters, warnings: log.warnings };
}

const failing = (error: Error) => () => {
  throw error;
};
const unavailable = failing(new AwsError('ServiceUnavailable', 'later', 503));

it('delivers the event once if it is accepted', async () => {
  expect(await run(() => {})).toEqual({ times: [0], deadLetters: [], warnings: [] });
});

it('retries with growing pauses until the event is accepted', async () => {
  const { times, deadLetters } = await run((attempt) => {
    if (attempt < 5) unavailable();
  });
  expect(deadLetters).toEqual([]);
  expect(times).toHaveLength(5);
  const pauses = times.slice(1).map((time, index) => time - (times[index] ?? 0));
  for (const [index, pause] of pauses.entries()) {
    expect(pause).toBeGreaterThanOrEqual(2 ** index / 2);
    expect(pause).toBeLessThanOrEqual(2 ** index);
  }
});

it('stops after 24 hours or 185 retries by default', async () => {
  const { times, deadLetters } = await run(unavailable);
  expect(times).toHaveLength(186);
  expect(times.at(-1)).toBeGreaterThan(15 * 3600);
  expect(times.at(-1)).toBeLessThanOrEqual(24 * 3600);
  expect(deadLetters[0]?.attributes).toMatchObject({
    RETRY_ATTEMPTS: '185',
    EXHAUSTED_RETRY_CONDITION: 'MaximumRetryAttempts',
  });
});

const retries = (MaximumRetryAttempts: number, MaximumEventAgeInSeconds = 86_400) => ({
  RetryPolicy: { MaximumEventAgeInSeconds, MaximumRetryAttempts },
});

it.each([
  ['its attempts', retries(2), 2, 'MaximumRetryAttempts'],
  ['no retries', retries(0), 0, 'MaximumRetryAttempts'],
  ['its age', retries(185, 3), 2, 'MaximumEventAgeInSeconds'],
])('dead-letters the event with the reason after %s', async (_name, changes, count, condition) => {
  const { times, deadLetters } = await run(unavailable, changes);
  expect(times).toHaveLength(count + 1);
  const [{ queueArn: queue, body, attributes } = {}] = deadLetters;
  expect(queue).toBe('arn:aws:sqs:eu-west-1:123456789012:dead');
  expect(JSON.parse(body ?? '')).toEqual(event);
  expect(attributes).toEqual({
    RULE_ARN: 'arn:rule',
    TARGET_ARN: target.Arn,
    ERROR_CODE: 'ERROR_FROM_TARGET',
    ERROR_MESSAGE: 'later',
    RETRY_ATTEMPTS: String(count),
    EXHAUSTED_RETRY_CONDITION: condition,
  });
});

it.each<[string, Error, number, string]>([
  ['has no permission', new AwsError('AccessDeniedException', 'no', 403), 1, 'NO_PERMISSIONS'],
  ['has no permission on a topic', new AwsError('AuthorizationError', 'no', 403), 1, 'NO_PERMISSIONS'],
  ['does not exist', new AwsError('ResourceNotFoundException', 'no', 404), 1, 'NO_RESOURCE'],
  ['is a topic that does not exist', new AwsError('NotFound', 'no', 404), 1, 'NO_RESOURCE'],
  ['refuses the input', new AwsError('InvalidParameter', 'no', 400), 1, 'INVALID_PARAMETER'],
  ['is throttled', new AwsError('ThrottlingException', 'slow', 400), 3, 'THROTTLING'],
  ['is a throttled topic', new AwsError('ThrottledException', 'slow', 429), 3, 'THROTTLING'],
  ['is a throttled function', new AwsError('TooManyRequestsException', 'slow', 429), 3, 'THROTTLING'],
  ['has failed', new AwsError('InternalError', 'broken', 500), 3, 'ERROR_FROM_TARGET'],
  ['does not answer', new ConnectionDropped('gone'), 3, 'CONNECTION_FAILURE'],
  ['fails in an unknown way', new Error('what?'), 3, 'INTERNAL_ERROR'],
])('dead-letters with the right code if the target %s', async (_name, error, attempts, ERROR_CODE) => {
  const { times, deadLetters } = await run(failing(error), retries(2));
  expect(times).toHaveLength(attempts);
  expect(deadLetters[0]?.attributes).toEqual({
    RULE_ARN: 'arn:rule',
    TARGET_ARN: target.Arn,
    ERROR_CODE,
    ERROR_MESSAGE: error.message,
    RETRY_ATTEMPTS: String(attempts - 1),
    ...(attempts > 1 && { EXHAUSTED_RETRY_CONDITION: 'MaximumRetryAttempts' }),
  });
});

it('neither invokes the target nor retries if the input cannot be rendered', async () => {
  const render = () => {
    throw new AwsError('INVALID_JSON', 'not JSON');
  };
  const { times, deadLetters } = await run(() => {}, {}, { render });
  expect(times).toEqual([]);
  expect(deadLetters[0]?.attributes).toMatchObject({ ERROR_CODE: 'INVALID_JSON', RETRY_ATTEMPTS: '0' });
});

it('drops the event without a dead-letter queue', async () => {
  const { deadLetters } = await run(unavailable, { ...retries(0), DeadLetterConfig: undefined });
  expect(deadLetters).toEqual([]);
});

it('authorizes the dead letter by the policy of its queue only', async () => {
  const asked: unknown[] = [];
  const authorizeService = (...question: string[]) => void asked.push(question);
  const { deadLetters } = await run(unavailable, retries(0), { authorizeService });
  expect(asked).toEqual([]);
  deadLetters[0]?.authorize();
  expect(asked).toEqual([
    ['events.amazonaws.com', 'sqs:SendMessage', 'arn:aws:sqs:eu-west-1:123456789012:dead', 'arn:rule'],
  ]);
});

describe('recovers from a fault at the hop', () => {
  const hop = 'creation → enrich-label';

  it.each([
    ['an error before the target is invoked', { fault: 'error', times: 2 }, 1, 2],
    ['an error after the target is invoked', { fault: 'error', when: 'after', times: 1 }, 2, 1],
    ['a throttle', { fault: 'throttle', service: 'lambda', operation: 'Invoke', times: 3 }, 1, 3],
    ['a lost answer', { fault: 'drop', when: 'after', times: 1 }, 2, 1],
    ['a duplicate', { fault: 'duplicate', times: 1 }, 2, 0],
  ])('%s', async (_name, fault, handedOver, retried) => {
    const { times, deadLetters, warnings } = await run(() => {}, {}, { fault: { hop, ...fault } });
    expect(times).toHaveLength(handedOver);
    expect(deadLetters).toEqual([]);
    expect(warnings.filter((line) => line.startsWith(`${hop}: failed`))).toHaveLength(retried);
  });
});
