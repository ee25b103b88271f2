import fc from 'fast-check';
import { readSettings } from '../../bin/settings.ts';

const read = (context: Record<string, unknown>) => readSettings((name) => context[name]);

describe('readSettings', () => {
  it('has a default for each setting', () => {
    expect(read({})).toEqual({
      stage: 'dev',
      restRate: 20,
      restBurst: 40,
      postRate: 3,
      postBurst: 3,
      webSocketRate: 50,
      alarmEmail: undefined,
      monthlyBudget: undefined,
      page: true,
      waf: false,
      archiveDays: 30,
    });
  });

  it.each([
    [{ restRate: '5' }, { restRate: 5, restBurst: 40, postRate: 5, postBurst: 3 }],
    [{ restBurst: '9' }, { restRate: 20, restBurst: 9, postRate: 3, postBurst: 9 }],
    [
      { postRate: '1', postBurst: '2' },
      { restRate: 20, restBurst: 40, postRate: 1, postBurst: 2 },
    ],
    [
      { restRate: '50', postRate: '3' },
      { restRate: 50, restBurst: 40, postRate: 3, postBurst: 3 },
    ],
  ])('limits new posts by their own settings, and otherwise as every method: %j', (context, settings) => {
    expect(read(context)).toMatchObject(settings);
  });

  it('accepts numbers as strings, as -c passes them', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1 }), (rate) => {
        expect(read({ restRate: String(rate), restBurst: rate }).restRate).toBe(rate);
      }),
    );
  });

  it.each(['', '0', '-1', '1.5', 'many', 'NaN', 'Infinity'])('refuses %j as a rate', (webSocketRate) => {
    expect(() => read({ webSocketRate })).toThrow(
      `-c webSocketRate: must be a whole number above 0, not ${JSON.stringify(webSocketRate)}`,
    );
  });

  it.each(['0', '-1', '1.5', 'forever'])('refuses %j as a number of days', (archiveDays) => {
    expect(() => read({ archiveDays })).toThrow('-c archiveDays: must be a whole number above 0');
  });

  it('reads the address for alarms and the budget', () => {
    expect(read({ alarmEmail: 'you@example.com', monthlyBudget: '20' })).toMatchObject({
      alarmEmail: 'you@example.com',
      monthlyBudget: 20,
    });
  });

  it.each(['', 'you', 'you@', 'a b@example.com', 'you@example.com, me@example.com', 5])(
    'refuses %j as the address for alarms',
    (alarmEmail) => {
      expect(() => read({ alarmEmail })).toThrow(
        `-c alarmEmail: must be an e-mail address, not ${JSON.stringify(alarmEmail)}`,
      );
    },
  );

  it.each(['0', '-5', '1.5', 'much'])('refuses %j as the budget', (monthlyBudget) => {
    expect(() => read({ monthlyBudget })).toThrow('-c monthlyBudget: must be a whole number above 0');
  });

  it.each(['', 'Prod', '1st', 'a_b', 'a'.repeat(21), 5])('refuses %j as a stage', (stage) => {
    expect(() => read({ stage })).toThrow('-c stage: must be');
  });

  it.each([true, false])('reads %j as a setting that is on or off, also as a string', (page) => {
    expect([read({ page }).page, read({ page: String(page) }).page]).toEqual([page, page]);
  });

  it.each(['', 'no', '0', 0, 'False'])('refuses %j as a setting that is on or off', (page) => {
    expect(() => read({ page })).toThrow('-c page: must be true or false');
  });

  it('reports all errors in one line', () => {
    expect(() => read({ stage: '', restRate: 'x' })).toThrow(/^-c stage: [^\n]*; -c restRate: [^\n]*$/);
  });

  it('refuses an unknown setting, and accepts the context of the CDK', () => {
    const readGiven = (...given: string[]) => readSettings(() => undefined, given);
    expect(() => readGiven('restrate')).toThrow(
      '-c restrate: there is no such setting, only stage, restRate,',
    );
    expect(
      readGiven('@aws-cdk/core:flag', 'aws:cdk:version', 'availability-zones:account=1', 'stage'),
    ).toEqual(read({}));
  });
});
