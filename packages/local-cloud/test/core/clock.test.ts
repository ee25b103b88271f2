import { machineClock, sleep } from '../../src/core/clock.ts';

afterEach(() => {
  jest.useRealTimers();
});

it.each([1, 60])('divides AWS delays by a factor of %d', async (speed) => {
  jest.useFakeTimers();
  const clock = machineClock(speed);
  const begin = clock.now();
  let done = false;
  const slept = sleep(clock, 60_000).then(() => {
    done = true;
  });
  await jest.advanceTimersByTimeAsync(60_000 / speed - 1);
  expect(done).toBe(false);
  await jest.advanceTimersByTimeAsync(1);
  await slept;
  expect(clock.now() - begin).toBe(60_000);
});

it('cancels a task', () => {
  jest.useFakeTimers();
  const task = jest.fn();
  machineClock(1).schedule(task, 10)();
  jest.advanceTimersByTime(20);
  expect(task).not.toHaveBeenCalled();
});
