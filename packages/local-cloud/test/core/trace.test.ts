import { type Cause, causeOf, Tracer, tracesOf } from '../../src/core/trace.ts';

it('gives the n-th equal origin the same trace in every run, in any order of origins', () => {
  const run = (...origins: string[]) => {
    const tracer = new Tracer('seed');
    return origins.map((origin) => ({ origin, ...tracer.begin(origin) }));
  };
  const first = run('a', 'b', 'a', 'c');
  const second = run('c', 'a', 'a', 'b');
  const inOrder = (runs: typeof first) => runs.toSorted((x, y) => (x.origin < y.origin ? -1 : 1));
  expect(inOrder(second)).toEqual(inOrder(first));
  expect(new Set(first.map(({ trace }) => trace)).size).toBe(4);
  for (const { trace } of first) expect(trace).toMatch(/^[0-9a-f]{24}$/);
});

it('gives different seeds different traces', () => {
  expect(new Tracer('one').begin('a')).not.toEqual(new Tracer('two').begin('a'));
});

describe('the cause of a part of a batch', () => {
  const one = { trace: '1'.repeat(24) };
  const two = { trace: '2'.repeat(24) };
  const batch: Cause = {
    trace: one.trace,
    members: new Map([
      ['key-1', one],
      ['key-2', two],
    ]),
  };

  it.each<[string, string, Cause]>([
    ['one item', '{"id":"key-2"}', two],
    ['no item', '{"id":"key-3"}', batch],
    ['several items', '["key-2","key-1"]', batch],
  ])('is correct for a part that names %s', (_what, content, cause) => {
    expect(causeOf(batch, content)).toEqual(cause);
  });

  it('is the cause itself without a batch', () => {
    expect(causeOf(one, 'key-2')).toBe(one);
  });

  it('has the traces of its members', () => {
    expect(tracesOf(batch)).toEqual([one.trace, two.trace]);
    expect(tracesOf(two)).toEqual([two.trace]);
  });
});
