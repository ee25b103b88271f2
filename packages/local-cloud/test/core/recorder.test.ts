import type { Kept } from '../../src/core/content-ring.ts';
import { parseHop } from '../../src/core/hop.ts';
import { type Passing, Recorder } from '../../src/core/recorder.ts';
import { AwsError } from '../../src/core/service.ts';
import type { Cause } from '../../src/core/trace.ts';
import { ManualClock } from '../fixtures/manual-clock.ts';

const call: Passing = { kind: 'call', hop: parseHop('a → b'), to: 'b', payload: '{"n":1}' };

let clock: ManualClock;
let recorder: Recorder;
beforeEach(() => {
  clock = new ManualClock();
  recorder = new Recorder(clock);
});

function stepsOf(trace: string) {
  return recorder.traces.trace(trace)?.steps ?? [];
}

/** Returns the payload, the result and the logs of each step of a trace. */
function contentsOf(trace: string) {
  const read = (kept: Kept | undefined) => kept && recorder.traces.read(kept);
  return stepsOf(trace).map(({ payload, result, logs }) => ({
    payload: read(payload),
    result: read(result),
    logs: logs?.map(read),
  }));
}

it('links each step with its cause, and records its start and end', async () => {
  const began = clock.now();
  const answer = await recorder.record(
    call,
    { trace: 'one' },
    async (own) => {
      expect(recorder.traces.trace('one')).toMatchObject({ running: 1, failed: 0 });
      recorder.note({ ...call, kind: 'event' }, own);
      clock.advance(5);
      return 'answer';
    },
    (result) => ({ result, createdId: 'post' }),
  );
  expect(answer).toBe('answer');
  const [first, second] = stepsOf('one');
  expect(first).toMatchObject({ startedAt: began, endedAt: began + 5 });
  expect(contentsOf('one')[0]).toEqual({ payload: '{"n":1}', result: 'answer' });
  expect(first?.cause).toBeUndefined();
  expect(second).toMatchObject({ kind: 'event', cause: first?.id, startedAt: began, endedAt: began });
  expect(recorder.traces.trace('one')).toMatchObject({ running: 0, createdId: 'post' });
});

it('records the failure of a step, and rethrows it', async () => {
  const failure = new AwsError('InternalFailure', 'broken', 500);
  const failing = recorder.record(call, { trace: 'one' }, async () => {
    throw failure;
  });
  await expect(failing).rejects.toBe(failure);
  expect(stepsOf('one')).toEqual([expect.objectContaining({ error: 'InternalFailure: broken' })]);
  await recorder.record(
    call,
    { trace: 'one' },
    async () => {},
    () => ({ error: 'no answer' }),
  );
  expect(recorder.traces.trace('one')).toMatchObject({ failed: 2, running: 0 });
  // A repetition of the first step of a trace has it as its cause.
  expect(stepsOf('one')[1]?.cause).toBe(stepsOf('one')[0]?.id);
});

it('finds the last attempt at a hop, for one cause and for a batch', async () => {
  const one = recorder.note(call, { trace: 'one' });
  const two = recorder.note(call, { trace: 'two' });
  const batch: Cause = {
    trace: 'one',
    members: new Map([
      ['1', one],
      ['2', two],
    ]),
  };
  const again = parseHop('again → b');
  for (const _attempt of [1, 2]) await recorder.record({ ...call, hop: again }, batch, async () => {});
  const after = recorder.after(batch, again);
  expect(after.members?.get('1')?.step).toBe(stepsOf('one').at(-1)?.id);
  expect(after.members?.get('2')?.step).toBe(stepsOf('two').at(-1)?.id);
  expect(recorder.after(one, again)).toEqual(after.members?.get('1'));
  expect(recorder.after(one, parseHop('a → never'))).toEqual(one);
});

describe('a batch', () => {
  const members = new Map<string, Cause>([
    ['key-1', { trace: 'one' }],
    ['key-2', { trace: 'two' }],
    ['key-3', { trace: 'two' }],
  ]);

  it('is one step in each trace of its members', async () => {
    await recorder.record({ ...call, kind: 'run' }, { trace: 'one', members }, async (own) => {
      expect(own.members?.get('key-1')).toEqual({ trace: 'one', step: stepsOf('one')[0]?.id });
      expect(own.members?.get('key-3')).toEqual({ trace: 'two', step: stepsOf('two')[0]?.id });
    });
    expect([stepsOf('one').length, stepsOf('two').length]).toEqual([1, 1]);
  });

  it('has one step per item if the items are passed one by one', () => {
    recorder.note({ ...call, payload: (key) => key }, { trace: 'one', members });
    expect(contentsOf('two').map(({ payload }) => payload)).toEqual(['key-2', 'key-3']);
  });

  it('has each log line at the members that it concerns', () => {
    const run = recorder.note({ ...call, kind: 'run' }, { trace: 'one', members });
    recorder.log(run, 'about key-2');
    recorder.log(run, 'about all');
    expect(contentsOf('one')[0]?.logs).toEqual(['about all']);
    expect(contentsOf('two')[0]?.logs).toEqual(['about key-2', 'about all']);
  });
});

describe('the record', () => {
  it('keeps the newest traces', () => {
    for (let n = 0; n < 1_300; n++) recorder.note(call, { trace: `${n}` });
    expect(recorder.traces.newest(2_000)).toHaveLength(1_200);
    expect(recorder.traces.newest(1)[0]?.trace).toBe('1299');
    expect(recorder.traces.trace('99')).toBeUndefined();
    expect(recorder.traces.trace('100')?.steps).toHaveLength(1);
  });

  it('keeps the first steps of a very long trace', () => {
    const first = recorder.note(call, { trace: 'one' });
    for (let n = 0; n < 6_000; n++) recorder.note(call, first);
    expect(recorder.traces.trace('one')).toMatchObject({ leftOut: 1_001, steps: { length: 5_000 } });
  });

  it('attributes nothing of an omitted step to other steps', () => {
    const first = recorder.note(call, { trace: 'one' });
    for (let n = 0; n < 5_000; n++) recorder.note(call, first);
    const leftOut = recorder.note(call, first);
    recorder.struck(leftOut, ['delay']);
    recorder.log(leftOut, 'line');
    recorder.log(recorder.note(call, leftOut), 'line');
    expect(stepsOf('one').filter(({ faults, logs }) => faults ?? logs)).toEqual([]);
    for (let n = 0; n < 1_200; n++) recorder.note(call, { trace: `${n}` });
    recorder.note(call, leftOut);
    expect(recorder.traces.trace('one')).toBeUndefined();
  });

  it('keeps a bounded number of log lines, dropping those of the oldest traces', () => {
    const write = (trace: string, lines: number) => {
      const cause = recorder.note(call, { trace });
      for (let n = 0; n < lines; n++) recorder.log(cause, '');
    };
    for (let n = 0; n < 160; n++) write(`${n}`, 250);
    const kept = recorder.traces.newest(200).map(({ lines, linesDropped, steps }) => {
      expect(steps[0]?.logs?.length ?? 0).toBe(lines);
      return { lines, linesDropped };
    });
    expect(kept.slice(0, 150)).toEqual(Array(150).fill({ lines: 200, linesDropped: false }));
    expect(kept.slice(150)).toEqual(Array(10).fill({ lines: 0, linesDropped: true }));
    // Lines of dropped traces do not count.
    for (let n = 0; n < 1_200; n++) recorder.note(call, { trace: `empty ${n}` });
    for (let n = 0; n < 150; n++) write(`later ${n}`, 200);
    expect(recorder.traces.newest(150).some(({ linesDropped }) => linesDropped)).toBe(false);
  });

  it('adds nothing to a dropped trace', () => {
    const first = recorder.note(call, { trace: 'old' });
    for (let n = 0; n < 1_200; n++) recorder.note(call, { trace: `${n}` });
    expect(recorder.note(call, first)).toEqual(first);
    expect(recorder.traces.trace('old')).toBeUndefined();
  });

  it('keeps the last tick of a schedule, and those that led to an event or failed', async () => {
    const tick = { ...call, kind: 'event', hop: parseHop('schedule → rule') } as const;
    recorder.note(tick, { trace: 'uneventful' });
    recorder.note({ ...call, kind: 'event' }, recorder.note(tick, { trace: 'eventful' }));
    const failed = recorder.note(tick, { trace: 'failed' });
    await recorder.record(
      call,
      failed,
      async () => {},
      () => ({ error: 'broken' }),
    );
    recorder.note(tick, { trace: 'last' });
    expect(recorder.traces.newest(9).map(({ trace }) => trace)).toEqual(['last', 'failed', 'eventful']);
  });
});

it('reports every change while a listener is registered', () => {
  const told: string[] = [];
  const stop = recorder.traces.onChange(({ trace }) => told.push(trace));
  const cause = recorder.note(call, { trace: 'one' });
  recorder.struck(cause, ['delay']);
  stop();
  recorder.log(cause, 'line');
  expect(new Set(told)).toEqual(new Set(['one']));
  expect(told).toHaveLength(3);
  expect(stepsOf('one')[0]).toMatchObject({ faults: ['delay'] });
  expect(contentsOf('one')[0]?.logs).toEqual(['line']);
});

it('records nothing if it is off, and performs every passage', async () => {
  const off = new Recorder(clock, false);
  expect(await off.record(call, { trace: 'one' }, async (own) => own)).toEqual({ trace: 'one' });
  expect(off.note(call, { trace: 'one' })).toEqual({ trace: 'one' });
  expect(off.traces.newest(1)).toEqual([]);
});
