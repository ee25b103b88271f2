import { patience, Steps, tableOf } from '../../operations/smoke-steps.ts';

let now: number;
let steps: Steps;
let interruption: AbortController;
beforeEach(() => {
  now = 0;
  interruption = new AbortController();
  steps = new Steps(
    () => now,
    async (ms) => {
      now += ms;
    },
    interruption.signal,
  );
});

it('runs the steps up to the first that fails, and then only those that clean up', async () => {
  const later = jest.fn();
  await steps.run('first', async () => {
    now += 12;
  });
  await steps.run('second', () => Promise.reject(new Error('It is\nbroken.')));
  await steps.run('third', later);
  await steps.waitFor('fourth', 'wonder', later);
  await steps.run('clean up', async () => {}, { cleansUp: true });
  expect(later).not.toHaveBeenCalled();
  expect(steps.results).toEqual([
    { name: 'first', ms: 12 },
    { name: 'second', ms: 0, error: 'It is broken.' },
    { name: 'clean up', ms: 0 },
  ]);
});

it('names the cause of an error, as fetch itself does not', async () => {
  const cause = new Error('connect ECONNREFUSED 127.0.0.1:1');
  await steps.run('post', () => Promise.reject(new TypeError('fetch failed', { cause })));
  const error = 'fetch failed: connect ECONNREFUSED 127.0.0.1:1';
  expect(steps.results).toEqual([{ name: 'post', ms: 0, error }]);
});

it('waits until it sees what it waits for, or gives up', async () => {
  let looks = 0;
  await steps.waitFor('push', 'push', () => ++looks === 3);
  await steps.waitFor('mail', 'e-mail', () => false);
  expect(looks).toBe(3);
  const [push, mail] = steps.results;
  expect(push).toEqual({ name: 'push', ms: 200 });
  expect(mail).toMatchObject({ error: 'There is no e-mail after 90 s.' });
  expect(mail?.ms).toBeGreaterThan(patience);
});

it('cleans up after an interruption, also of a step that waits', async () => {
  const cleanUp = jest.fn();
  await steps.waitFor('push', 'push', () => {
    interruption.abort();
    return false;
  });
  await steps.run('clean up', cleanUp, { cleansUp: true });
  expect(steps.results).toMatchObject([{ name: 'push', error: 'It was interrupted.' }, { name: 'clean up' }]);
  expect(cleanUp).toHaveBeenCalled();
});

it('runs no step after an interruption', async () => {
  const step = jest.fn();
  interruption.abort();
  await steps.run('post', step);
  expect(steps.results).toMatchObject([{ name: 'post', error: 'It was interrupted.' }]);
  expect(step).not.toHaveBeenCalled();
});

it('prints a table', () => {
  const results = [
    { name: 'post', ms: 12.4 },
    { name: 'read the post', ms: 3456, error: 'GET returned 500.' },
  ];
  expect(tableOf(results)).toBe(
    'post               12 ms  ok\nread the post    3456 ms  FAILED: GET returned 500.',
  );
});
