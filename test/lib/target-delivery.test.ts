import { allProperties, resources, textOf } from './stage-template.ts';

const rules = Object.entries(resources('AWS::Events::Rule'));
/** Each target, with the maximum age of its events in seconds: for a scheduled one, until it is due again. */
const targets = rules.flatMap(([rule, { Properties }]) =>
  Properties.Targets.map(({ Arn, ...target }: { Arn: unknown }) => ({
    rule,
    name: textOf(Arn),
    target,
    seconds: Properties.ScheduleExpression ? 60 : 86_400,
  })),
);

it.each(targets)('$name has retries for $seconds s, and no role', ({ target, seconds }) => {
  expect(target.RetryPolicy).toEqual({ MaximumRetryAttempts: 185, MaximumEventAgeInSeconds: seconds });
  expect(target).not.toHaveProperty('RoleArn');
});

it('each rule may invoke the functions among its targets, and no others', () => {
  const invoked = targets
    .filter(({ name }) => name.endsWith('Live>'))
    .map(({ rule, name }) => `<${rule}.Arn> ${name}`);
  const permitted = allProperties('AWS::Lambda::Permission')
    .filter(({ Principal }) => Principal === 'events.amazonaws.com')
    .map(({ SourceArn, FunctionName }) => `${textOf(SourceArn)} ${textOf(FunctionName)}`);
  expect(permitted.sort()).toEqual(invoked.sort());
});
