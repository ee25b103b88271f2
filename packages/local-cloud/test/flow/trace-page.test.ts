import { parseHop } from '../../src/core/hop.ts';
import { type Passing, Recorder } from '../../src/core/recorder.ts';
import { TraceQuery } from '../../src/core/steps.ts';
import { tracePage } from '../../src/flow/trace-page.ts';
import { ManualClock } from '../fixtures/manual-clock.ts';

const example = { name: 'order', method: 'POST', path: '/orders', bodies: [] };

const clock = new ManualClock();
let recorder: Recorder;
beforeEach(() => {
  recorder = new Recorder(clock);
});

const begin = (request: string, title = ''): Passing => ({
  kind: 'request',
  hop: parseHop(`client → ${request}`),
  to: 'api',
  payload: JSON.stringify({ title }),
});

/** Records a trace of one step, which fails if there is an error. */
async function pass(trace: string, passing: Passing, { ms = 1, error = '', createdId = '' } = {}) {
  await recorder.record(
    passing,
    { trace },
    async () => clock.advance(ms),
    () => ({ ...(error && { error }), ...(createdId && { createdId }) }),
  );
}

/** Returns a page, with the IDs of its traces. */
function asked(query: Partial<TraceQuery>) {
  const page = tracePage(TraceQuery.parse(query), recorder.traces, example);
  return { ...page, traces: page.traces.map(({ trace }) => trace) };
}

it('returns the traces page by page, newest first, while new ones begin', async () => {
  for (const trace of ['1', '2', '3', '4', '5']) await pass(trace, begin('POST /orders'));
  const first = asked({ limit: 2 });
  expect(first).toMatchObject({ traces: ['5', '4'], total: 5 });
  await pass('6', begin('POST /orders'));
  const second = asked({ limit: 2, cursor: first.next });
  expect(second).toMatchObject({ traces: ['3', '2'], total: 6 });
  expect(asked({ limit: 2, cursor: second.next })).toMatchObject({ traces: ['1'], next: undefined });
  expect(asked({ limit: 6 }).next).toBeUndefined();
});

it('finds the traces whose title, IDs or errors contain every word', async () => {
  await pass('one', begin('POST /orders', 'Tea from Assam'));
  await pass('two', begin('POST /orders', 'Coffee'), { error: 'AccessDenied: no Entry', createdId: 'id-2' });
  expect(asked({ text: ' assam tea ' }).traces).toEqual(['one']);
  expect(asked({ text: 'no entry' }).traces).toEqual(['two']);
  expect(asked({ text: 'ID-2' }).traces).toEqual(['two']);
  expect(asked({ text: 'TWO' }).traces).toEqual(['two']);
  expect(asked({ text: 'tea entry' })).toMatchObject({ traces: [], total: 0 });
});

it('finds the traces that begin with the example, or all traces without an example', async () => {
  await pass('order', begin('POST /orders'));
  await pass('read', begin('GET /orders'));
  await pass('detail', begin('POST /orders/{id}'));
  await pass('sent', { ...begin('POST /orders'), hop: parseHop('operator → POST /orders') });
  expect(asked({ kind: 'example' })).toMatchObject({ traces: ['order'], total: 1 });
  expect(asked({}).total).toBe(4);
  expect(tracePage(TraceQuery.parse({ kind: 'example' }), recorder.traces, undefined).total).toBe(4);
});

it('finds and counts the traces in a state', async () => {
  await pass('failed', begin('POST /orders'), { error: 'broken' });
  await pass('done', begin('POST /orders'));
  recorder.note({ ...begin('POST /orders'), kind: 'dead-letter' }, { trace: 'dead' });
  expect(asked({ state: 'failed' })).toMatchObject({ traces: ['failed'], total: 1 });
  expect(asked({ state: 'dead-letters' }).traces).toEqual(['dead']);
  expect(asked({ state: 'failed', text: 'POST' }).states).toEqual({ failed: 1, slow: 0, 'dead-letters': 1 });
  expect(asked({ text: 'nowhere' }).states).toEqual({ failed: 0, slow: 0, 'dead-letters': 0 });
});

it('finds the slow traces: longer than 95 % of those that begin alike', async () => {
  for (let n = 1; n <= 40; n++) await pass(`${n}`, begin('POST /orders'), { ms: n });
  for (let n = 1; n <= 19; n++) await pass(`few ${n}`, begin('GET /orders'), { ms: n * 1_000 });
  expect(asked({ state: 'slow' }).traces).toEqual(['40', '39']);
  for (let n = 1; n <= 40; n++) await pass(`same ${n}`, begin('GET /same'), { ms: 5 });
  expect(asked({ state: 'slow' }).traces).toEqual(['40', '39']);
});
