import { RequestFailed } from '../../web/api.ts';
import { ReadRetry } from '../../web/read-retry.ts';

const unreachable = new RequestFailed('The server cannot be reached.');
let retry: ReadRetry;
const again = jest.fn();

beforeEach(() => {
  jest.useFakeTimers({ now: 0 });
  again.mockClear();
  retry = new ReadRetry(() => 1);
});

afterEach(() => jest.useRealTimers());

it('retries after growing delays, of 30 seconds at most, and starts anew after a success', () => {
  const delays = Array.from({ length: 8 }, () => retry.fail(unreachable, again).retryAt);
  expect(delays).toEqual([1, 2, 4, 8, 16, 30, 30, 30].map((seconds) => seconds * 1000));
  retry.succeed();
  expect(retry.fail(unreachable, again).retryAt).toBe(1000);
});

it('spreads the retries of many clients', () => {
  expect(new ReadRetry(() => 0).fail(unreachable, again).retryAt).toBe(500);
});

it('retries a throttled read after the time that the server names', () => {
  const throttled = new RequestFailed('Too many requests.', { status: 429, retryAfter: 20 });
  expect(retry.fail(throttled, again)).toEqual({
    reason: 'too many requests arrive at the moment',
    retryAt: 21_000,
  });
  jest.advanceTimersByTime(19_999);
  retry.now();
  jest.advanceTimersByTime(1_000);
  expect(again).not.toHaveBeenCalled();
  jest.advanceTimersByTime(1);
  expect(again).toHaveBeenCalledTimes(1);
});

it.each([400, 404, 200])('does not retry what fails again, such as the status %s', (status) => {
  const failure = retry.fail(
    new RequestFailed('The response of the server is not valid.', { status }),
    again,
  );
  expect(failure).toEqual({ reason: 'the response of the server is not valid' });
  expect(jest.getTimerCount()).toBe(0);
});

it('retries once, at once on request', () => {
  retry.fail(new RequestFailed('The posts could not be read.', { status: 503 }), again);
  retry.now();
  retry.now();
  jest.advanceTimersByTime(60_000);
  expect(again).toHaveBeenCalledTimes(1);
});

it('plans nothing while another read is in progress, or after the end', () => {
  retry.fail(unreachable, again);
  retry.begin();
  retry.end();
  expect(retry.fail(unreachable, again)).toEqual({ reason: 'the server cannot be reached' });
  expect(jest.getTimerCount()).toBe(0);
});
