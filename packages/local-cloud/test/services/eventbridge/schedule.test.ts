import fc from 'fast-check';
import { compileSchedule } from '../../../src/services/eventbridge/schedule.ts';

/** A Saturday. */
const start = '2026-01-31T09:30:00.000Z';

/** Returns the first times at which a schedule is due after a start, to the minute. */
function due(expression: string, after = start, count = 3): (string | undefined)[] {
  const next = compileSchedule(expression);
  const times: (string | undefined)[] = [];
  for (let time = next(Date.parse(after)); times.length < count; time = next(time)) {
    times.push(time === undefined ? time : new Date(time).toISOString().replace(/:00\.000Z$/, ''));
    if (time === undefined) break;
  }
  return times;
}

test.each([
  ['rate(1 minute)', '2026-01-31T09:31'],
  ['rate(5 minutes)', '2026-01-31T09:35'],
  ['rate(1 hour)', '2026-01-31T10:30'],
  ['rate(2 days)', '2026-02-02T09:30'],
])('%s is due after its interval', (expression, expected) => {
  expect(due(expression)[0]).toBe(expected);
});

test.each<[string, string[]]>([
  ['cron(0 10 * * ? *)', ['2026-01-31T10:00', '2026-02-01T10:00', '2026-02-02T10:00']],
  ['cron(15 12 ? * * *)', ['2026-01-31T12:15', '2026-02-01T12:15', '2026-02-02T12:15']],
  ['cron(0 18 ? * MON-FRI *)', ['2026-02-02T18:00', '2026-02-03T18:00', '2026-02-04T18:00']],
  ['cron(0 18 ? * mon-sun *)', ['2026-01-31T18:00', '2026-02-01T18:00', '2026-02-02T18:00']],
  ['cron(0 8 1 * ? *)', ['2026-02-01T08:00', '2026-03-01T08:00', '2026-04-01T08:00']],
  ['cron(0/15 * * * ? *)', ['2026-01-31T09:45', '2026-01-31T10:00', '2026-01-31T10:15']],
  ['cron(1/10 * * * ? *)', ['2026-01-31T09:31', '2026-01-31T09:41', '2026-01-31T09:51']],
  ['cron(0/5 8-9 ? * 7 2026)', ['2026-01-31T09:35', '2026-01-31T09:40', '2026-01-31T09:45']],
  ['cron(0 23-1 * * ? *)', ['2026-01-31T23:00', '2026-02-01T00:00', '2026-02-01T01:00']],
  ['cron(5,50 0-20/10 1 JAN,jul ? *)', ['2026-07-01T00:05', '2026-07-01T00:50', '2026-07-01T10:05']],
  ['cron(0 0 31 * ? *)', ['2026-03-31T00:00', '2026-05-31T00:00', '2026-07-31T00:00']],
  ['cron(0 0 29 2 ? *)', ['2028-02-29T00:00', '2032-02-29T00:00', '2036-02-29T00:00']],
  ['cron(0 0 L * ? *)', ['2026-02-28T00:00', '2026-03-31T00:00', '2026-04-30T00:00']],
  ['cron(0 0 ? * L *)', ['2026-02-07T00:00', '2026-02-14T00:00', '2026-02-21T00:00']],
  ['cron(0 0 ? * 6L *)', ['2026-02-27T00:00', '2026-03-27T00:00', '2026-04-24T00:00']],
  ['cron(0 0 ? * TUE#2 *)', ['2026-02-10T00:00', '2026-03-10T00:00', '2026-04-14T00:00']],
  ['cron(0 0 ? * 1#5 *)', ['2026-03-29T00:00', '2026-05-31T00:00', '2026-08-30T00:00']],
  // The 1st is a Sunday in February and March 2026, the 15th in February, the 31st a Saturday in January and October.
  ['cron(0 0 1W * ? *)', ['2026-02-02T00:00', '2026-03-02T00:00', '2026-04-01T00:00']],
  ['cron(0 0 15W * ? *)', ['2026-02-16T00:00', '2026-03-16T00:00', '2026-04-15T00:00']],
  ['cron(0 10 31W * ? *)', ['2026-03-31T10:00', '2026-05-29T10:00', '2026-07-31T10:00']],
  ['cron(0 0 1 1 ? 2027-2028)', ['2027-01-01T00:00', '2028-01-01T00:00']],
])('%s is due at its times', (expression, expected) => {
  const times = due(expression);
  expect(times.slice(0, expected.length)).toEqual(expected);
  if (expected.length < times.length) expect(times.at(-1)).toBeUndefined();
});

test('a day that never comes is never due', () => {
  expect(due('cron(0 0 30 2 ? *)')).toEqual([undefined]);
  expect(due('cron(0 0 1W 8 ? 2026)', '2026-08-01T00:00:00Z')[0]).toBe('2026-08-03T00:00');
  expect(due('cron(0 0 1 1 ? 2020)')).toEqual([undefined]);
});

test.each([
  '',
  'rate(1 minutes)',
  'rate(2 minute)',
  'rate(0 minutes)',
  'rate(1.5 hours)',
  'rate(1 week)',
  'at(2026-01-31T09:30:00)',
  'cron(0 10 * * ?)',
  'cron(0 10 * * * *)',
  'cron(0 10 ? * ? *)',
  'cron(0 10 * * MON *)',
  'cron(60 10 * * ? *)',
  'cron(0 24 * * ? *)',
  'cron(0 10 0 * ? *)',
  'cron(0 10 32W * ? *)',
  'cron(0 10 ? * 8 *)',
  'cron(0 10 ? * MON#6 *)',
  'cron(0 10 ? * 3#1,6#3 *)',
  'cron(0 10 LW * ? *)',
  'cron(0/0 10 * * ? *)',
  'cron(0 10 * FOO ? *)',
  'cron(0 10 * JA ? *)',
  'cron(0, 10 * * ? *)',
  'cron(0 10 * * ? 1969)',
])('refuses %j', (expression) => {
  expect(() => compileSchedule(expression)).toThrow(expect.objectContaining({ code: 'ValidationException' }));
});

test('a cron schedule is due at the first minute that all its fields allow', () => {
  const some = (minimum: number, maximum: number) =>
    fc.uniqueArray(fc.integer({ min: minimum, max: maximum }), { minLength: 1, maxLength: 4 });
  const after = fc.integer({ min: Date.UTC(2024, 0), max: Date.UTC(2028, 0) });
  fc.assert(
    fc.property(some(0, 59), some(0, 23), some(1, 7), after, (minutes, hours, weekdays, time) => {
      let expected = Math.floor(time / 60_000) * 60_000;
      const isDue = (date: Date) =>
        minutes.includes(date.getUTCMinutes()) &&
        hours.includes(date.getUTCHours()) &&
        weekdays.includes(date.getUTCDay() + 1);
      do expected += 60_000;
      while (!isDue(new Date(expected)));
      expect(compileSchedule(`cron(${minutes} ${hours} ? * ${weekdays} *)`)(time)).toBe(expected);
    }),
  );
});

test('a cron schedule with days of the month is due on these days in the months that have them', () => {
  const date = fc.record({
    year: fc.integer({ min: 2024, max: 2040 }),
    month: fc.integer({ min: 1, max: 12 }),
  });
  fc.assert(
    fc.property(date, fc.integer({ min: 1, max: 31 }), ({ year, month }, day) => {
      const time = compileSchedule(`cron(0 0 ${day} ${month} ? ${year})`)(Date.UTC(year, 0) - 1);
      const expected = new Date(Date.UTC(year, month - 1, day));
      expect(time).toBe(expected.getUTCMonth() === month - 1 ? expected.getTime() : undefined);
    }),
  );
});
