import { parseHop } from '../../src/core/hop.ts';
import { type Passing, Recorder } from '../../src/core/recorder.ts';
import { summaryOf, traceDocument } from '../../src/flow/trace-document.ts';
import { ManualClock } from '../fixtures/manual-clock.ts';

/** Names every node like the step does, in capitals. */
const architecture = { nodeId: (place: string) => place.toUpperCase() };

const request: Passing = {
  kind: 'request',
  hop: parseHop('client → POST /posts'),
  to: 'api',
  payload: '{"title":"One"}',
};
const call: Passing = { kind: 'call', hop: parseHop('f → s:Call'), to: 'table' };

const clock = new ManualClock();

/** Returns the document and the summary of the only recorded trace. */
async function told(write: (recorder: Recorder) => unknown) {
  const recorder = new Recorder(clock);
  await write(recorder);
  const [trace] = recorder.traces.newest(1);
  if (!trace) throw new Error('Nothing is recorded.');
  return {
    ...traceDocument(trace, recorder.traces, architecture),
    summary: summaryOf(trace, recorder.traces),
  };
}

it('summarizes a trace by its first step', async () => {
  const { summary } = await told(async (recorder) => {
    await recorder.record(
      request,
      { trace: 'one' },
      async (own) => recorder.note({ ...call, kind: 'dead-letter' }, own),
      () => ({ error: 'broken', createdId: 'post' }),
    );
    void recorder.record(call, { trace: 'one' }, () => new Promise(() => {}));
  });
  const counts = { steps: 3, running: 1, failed: 1, deadLetters: 1, unwanted: 0 };
  const title = 'POST /posts: One';
  expect(summary).toEqual({
    trace: 'one',
    title,
    startedAt: clock.now(),
    createdId: 'post',
    ...counts,
  });
});

it('connects the nodes, starting at the client', async () => {
  const { steps } = await told((recorder) => {
    const own = recorder.note(request, { trace: 'one' });
    recorder.note({ ...call, to: 'bus' }, recorder.note({ ...call, kind: 'run', to: 'function' }, own));
  });
  const ends = steps.map(({ from, to }) => [from, to]);
  expect(ends).toEqual([
    ['client', 'API'],
    ['API', 'FUNCTION'],
    ['FUNCTION', 'BUS'],
  ]);
});

it('starts at its own node if no client began it', async () => {
  const { steps } = await told((recorder) =>
    recorder.note({ ...call, kind: 'event', to: 'rule' }, { trace: 'one' }),
  );
  expect(steps[0]).toMatchObject({ from: 'RULE', to: 'RULE' });
});

it('counts the failed attempts at a hop of one cause, unless the step has a count', async () => {
  const { steps } = await told(async (recorder) => {
    const own = recorder.note(request, { trace: 'one' });
    const fail = async (passing: Passing) => {
      await recorder.record(
        passing,
        own,
        async () => {},
        () => ({ error: 'broken' }),
      );
    };
    await fail(call);
    await fail(call);
    await fail({ ...call, part: 'other' });
    recorder.note(call, recorder.note(call, own));
    recorder.note(call, own);
    await fail({ ...call, attempt: 7 });
    recorder.note(call, own);
  });
  const attempts = steps.map(({ attempt }) => attempt);
  expect(attempts).toEqual([1, 1, 2, 1, 3, 1, 1, 7, 8]);
});

it('contains JSON as JSON, other text as text, and the beginning of very long text', async () => {
  const long = JSON.stringify('x'.repeat(300_000));
  const { steps } = await told(async (recorder) => {
    const own = recorder.note(request, { trace: 'one' });
    recorder.note({ ...call, payload: 'not JSON' }, own);
    recorder.note({ ...call, payload: '{"n":1}', why: (payload) => JSON.stringify(payload) }, own);
    recorder.note({ ...call, payload: long }, own);
    await recorder.record(
      call,
      own,
      async () => {},
      () => ({ result: '[1]' }),
    );
  });
  expect(steps.map(({ payload }) => payload)).toEqual([
    { title: 'One' },
    'not JSON',
    { n: 1 },
    long.slice(0, 256 * 1024),
    undefined,
  ]);
  expect(steps.map(({ truncated }) => truncated)).toEqual([undefined, undefined, undefined, true, undefined]);
  expect(steps[2]?.why).toBe('{"n":1}');
  expect(steps[4]).toMatchObject({ result: [1], outcome: 'ok' });
});

it('reports dropped log lines', async () => {
  const { contentsDropped, steps } = await told((recorder) => {
    const own = recorder.note(request, { trace: 'one' });
    for (let run = 0; run < 151; run++) {
      const cause = recorder.note({ ...call, kind: 'run' }, own);
      for (let line = 0; line < 200; line++) recorder.log(cause, 'line');
    }
  });
  expect(contentsDropped).toBe(true);
  expect(steps.filter(({ logs }) => logs).length).toBeLessThan(151);
});

it('reports dropped contents, of which the oldest go first', async () => {
  const { contentsDropped, steps } = await told((recorder) => {
    const own = recorder.note(request, { trace: 'one' });
    for (let n = 0; n < 40; n++)
      recorder.note({ ...call, payload: 'x'.repeat(250_000), why: () => 'because' }, own);
  });
  expect(contentsDropped).toBe(true);
  const kept = steps.map(({ payload }) => payload !== undefined);
  expect(kept.lastIndexOf(false)).toBeLessThan(kept.indexOf(true));
  expect(kept.filter(Boolean).length).toBeGreaterThan(25);
  expect(steps.map(({ why }) => why === 'because')).toEqual(kept);
});
