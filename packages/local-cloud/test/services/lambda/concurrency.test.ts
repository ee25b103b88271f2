import { Concurrency } from '../../../src/services/lambda/concurrency.ts';

const refusal = expect.objectContaining({
  code: 'TooManyRequestsException',
  message: 'Rate Exceeded.',
  status: 429,
  reason: 'ConcurrentInvocationLimitExceeded',
});

it('throttles beyond its limit until an invocation ends, with success or failure', async () => {
  const concurrency = new Concurrency(2, 'ConcurrentInvocationLimitExceeded');
  let succeed = (_answer: string): void => {};
  let fail = (_error: Error): void => {};
  const first = concurrency.run(() => new Promise<string>((resolve) => (succeed = resolve)));
  const second = concurrency.run(() => new Promise<string>((_, reject) => (fail = reject)));
  const refused = jest.fn();
  await expect(concurrency.run(refused)).rejects.toEqual(refusal);
  expect(refused).not.toHaveBeenCalled();

  succeed('done');
  expect(await first).toBe('done');
  expect(await concurrency.run(async () => 'after the first')).toBe('after the first');

  fail(new Error('broken'));
  await expect(second).rejects.toThrow('broken');
  expect(await Promise.all([1, 2].map((one) => concurrency.run(async () => one)))).toEqual([1, 2]);
});

it('throttles every invocation with a limit of 0', async () => {
  const nothing = new Concurrency(0, 'ConcurrentInvocationLimitExceeded');
  await expect(nothing.run(async () => 1)).rejects.toEqual(refusal);
});
