import { parseHop } from '../../src/core/hop.ts';
import { type Passing, Recorder } from '../../src/core/recorder.ts';
import { WINDOW_MS } from '../../src/core/traffic.ts';
import { ManualClock } from '../fixtures/manual-clock.ts';

const call: Passing = { kind: 'call', hop: parseHop('f → s:Call'), to: 'table' };

let clock: ManualClock;
let recorder: Recorder;
beforeEach(() => {
  clock = new ManualClock();
  recorder = new Recorder(clock);
});

const pass = (trace: string, ms: number, error?: string, passing = call) =>
  recorder.record(
    passing,
    { trace },
    async () => clock.advance(ms),
    () => ({ error }),
  );

/** Returns the figures of each hop and place, together with them. */
function seen() {
  const { traffic } = recorder;
  return traffic.recent.map((passes) => ({
    from: passes.from,
    to: passes.to,
    ...traffic.figures([passes]),
  }));
}

it('counts the passes of each hop in the last five minutes', async () => {
  for (let n = 1; n <= 10; n++) await pass(`${n}`, n, n === 10 ? 'broken' : undefined);
  void recorder.record(call, { trace: 'running' }, () => new Promise(() => {}));
  expect(seen()).toMatchObject([{ to: 'table', running: 1, passed: 10, failed: 1, p50: 5, p99: 10 }]);
  clock.advance(WINDOW_MS / 2);
  await pass('later', 7);
  expect(seen()).toMatchObject([{ passed: 11 }]);
  clock.advance(WINDOW_MS / 2);
  expect(seen()).toMatchObject([{ running: 1, passed: 1, failed: 0, p50: 7 }]);
  clock.advance(24 * 60 * 60 * 1000);
  expect(seen()).toMatchObject([{ running: 1, passed: 0, p50: undefined }]);
  await pass('a day later', 3);
  expect(seen()).toMatchObject([{ passed: 1, p99: 3 }]);
});

it('counts each item of a batch, but no event that did not match', async () => {
  const members = new Map([
    ['one', { trace: 'one' }],
    ['two', { trace: 'two' }],
  ]);
  recorder.note(call, { trace: 'one', members });
  recorder.note({ ...call, kind: 'unmatched', hop: parseHop('bus → rule') }, { trace: 'one' });
  expect(seen()).toMatchObject([{ passed: 2 }]);
});

it('distinguishes what leads to a queue, but not the clients of an API', () => {
  const dead: Passing = { kind: 'dead-letter', hop: parseHop('dead letter → queue'), to: 'queue' };
  for (const to of ['f', 'g']) recorder.note(dead, recorder.note({ ...call, to }, { trace: to }));
  const post = { ...call, hop: parseHop('f → execute-api:PostToConnection') };
  for (const id of ['1', '2']) recorder.note({ ...post, to: `api/@connections/${id}` }, { trace: id });
  expect(seen()).toMatchObject([
    { to: 'f', passed: 1 },
    { to: 'g', passed: 1 },
    { from: 'f', to: 'queue', passed: 1 },
    { from: 'g', to: 'queue', passed: 1 },
    { to: 'api', passed: 2 },
  ]);
});

it('counts a bounded number of hops, and others when these are idle', async () => {
  for (let n = 0; n < 600; n++) recorder.note({ ...call, to: `table ${n}` }, { trace: `${n}` });
  expect(seen()).toHaveLength(500);
  clock.advance(WINDOW_MS);
  await pass('late', 1);
  expect(seen()).toEqual([expect.objectContaining({ to: 'table', passed: 1 })]);
});

it('counts nothing if the flow is not recorded', async () => {
  recorder = new Recorder(clock, false);
  await pass('one', 1);
  expect(seen()).toEqual([]);
});
