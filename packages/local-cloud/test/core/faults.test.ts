import { setImmediate } from 'node:timers/promises';
import fc from 'fast-check';
import { seededChance } from '../../src/core/chance.ts';
import { ConnectionDropped, Fault, Faults } from '../../src/core/faults.ts';
import { hopName, parseHop } from '../../src/core/hop.ts';
import { AwsError } from '../../src/core/service.ts';
import { ManualClock } from '../fixtures/manual-clock.ts';
import { RecordedLog } from '../fixtures/recorded-log.ts';

const point = {
  hop: parseHop('create-post → dynamodb:PutItem'),
  service: 'dynamodb',
  operation: 'PutItem',
  function: 'create-post',
};

function faultsWith(...faults: object[]) {
  const clock = new ManualClock();
  const log = new RecordedLog();
  const switched = new Faults({ chance: seededChance('seed'), clock, log });
  for (const fault of faults) switched.add(Fault.parse(fault));
  return { faults: switched, clock, log };
}

/** Records in order the passages performed and the crashes of the worker. */
function recording() {
  const done: string[] = [];
  const passage = {
    async act() {
      done.push('act');
      return 'result';
    },
    crash: () => void done.push('crash'),
  };
  return { done, passage };
}

it('performs a passage without a fault', async () => {
  const { done, passage } = recording();
  const { faults } = faultsWith({ service: 'dynamodb', operation: 'GetItem', fault: 'throttle' });
  await expect(faults.strike(point, undefined, passage)).resolves.toBe('result');
  expect(done).toEqual(['act']);
});

it.each([
  [{ fault: 'error' }, new AwsError('InternalFailure', 'A fault was injected.', 500), []],
  [
    { fault: 'error', code: 'ResourceNotFoundException', message: 'No table.', status: 400 },
    new AwsError('ResourceNotFoundException', 'No table.', 400),
    [],
  ],
  [{ fault: 'error', when: 'after' }, new AwsError('InternalFailure', 'A fault was injected.', 500), ['act']],
  [{ fault: 'throttle' }, new AwsError('ThrottlingException', 'Rate exceeded', 400), []],
  [{ fault: 'drop' }, expect.any(ConnectionDropped), []],
  [{ fault: 'drop', when: 'after' }, expect.any(ConnectionDropped), ['act']],
  [{ fault: 'crash' }, expect.any(ConnectionDropped), ['crash']],
  [{ fault: 'crash', when: 'during' }, expect.any(ConnectionDropped), ['crash', 'act']],
  [{ fault: 'crash', when: 'after' }, expect.any(ConnectionDropped), ['act', 'crash']],
])('%j', async (fault, error, expected) => {
  const { done, passage } = recording();
  const { faults, log } = faultsWith({ ...fault, hop: hopName(point.hop) });
  await expect(faults.strike(point, undefined, passage)).rejects.toEqual(error);
  expect(done).toEqual(expected);
  expect(log.warnings).toEqual([`fault: ${fault.fault} at ${hopName(point.hop)}`]);
});

it.each([
  ['sns', 'ThrottledException', 429],
  ['execute-api', 'LimitExceededException', 429],
  ['comprehend', 'ThrottlingException', 400],
])('throttles as %s does', async (service, code, status) => {
  const { faults } = faultsWith({ service, fault: 'throttle' });
  const passing = faults.strike({ hop: parseHop('a → b'), service }, undefined, recording().passage);
  await expect(passing).rejects.toMatchObject({ code, status });
});

it('performs a duplicated passage twice', async () => {
  const { done, passage } = recording();
  const { faults } = faultsWith({ hop: hopName(point.hop), fault: 'duplicate' });
  await faults.strike(point, undefined, passage);
  expect(done).toEqual(['act', 'act']);
});

it('delays on the clock', async () => {
  const { done, passage } = recording();
  const { faults, clock } = faultsWith({ hop: hopName(point.hop), fault: 'delay', ms: 5_000 });
  const passing = faults.strike(point, undefined, passage);
  clock.advance(4_999);
  await setImmediate();
  expect(done).toEqual([]);
  clock.advance(1);
  await passing;
  expect(done).toEqual(['act']);
});

it('lets the second passage overtake the first, or releases the first after 10 seconds', async () => {
  const { faults, clock } = faultsWith({ hop: hopName(point.hop), fault: 'reorder', times: 1 });
  const order: string[] = [];
  const send = (trace: string) =>
    faults.strike(point, { trace }, { act: async () => void order.push(trace) });
  await Promise.all(['first', 'second'].map(send));
  await Promise.all(['third', 'fourth'].map(send));
  expect(order).toEqual(['second', 'first', 'fourth', 'third']);
  const alone = send('fifth');
  await setImmediate();
  clock.advance(9_999);
  await setImmediate();
  expect(order).toHaveLength(4);
  clock.advance(1);
  await alone;
  expect(order.at(-1)).toBe('fifth');
});

it('holds the next passage after the last one was released without a second', async () => {
  const { faults, clock } = faultsWith({ hop: hopName(point.hop), fault: 'reorder' });
  const order: string[] = [];
  const send = (trace: string) =>
    faults.strike(point, { trace }, { act: async () => void order.push(trace) });
  const alone = send('alone');
  await setImmediate();
  clock.advance(10_000);
  await alone;
  await Promise.all(['first', 'first again', 'second'].map((trace) => send(trace.split(' ')[0] ?? '')));
  expect(order).toEqual(['alone', 'first', 'second', 'first']);
});

it('performs a late passage after its caller has stopped waiting', async () => {
  const { faults, clock, log } = faultsWith({ hop: hopName(point.hop), fault: 'late', ms: 5_000 });
  const { done, passage } = recording();
  await expect(faults.strike(point, undefined, passage)).rejects.toThrow(ConnectionDropped);
  const failing = { act: () => Promise.reject(new Error('no')) };
  await expect(faults.strike(point, undefined, failing)).rejects.toThrow(ConnectionDropped);
  expect(done).toEqual([]);
  clock.advance(5_000);
  await setImmediate();
  expect(done).toEqual(['act']);
  expect(log.warnings.at(-1)).toContain('failed after the caller stopped waiting: Error: no');
});

it('distinguishes concurrent passages of one trace', async () => {
  const struck = async (parts: string[]) => {
    const { faults } = faultsWith({ hop: hopName(point.hop), fault: 'error', probability: 0.5 });
    const strikes: string[] = [];
    for (const part of parts)
      await faults
        .strike({ ...point, part }, { trace: 'one' }, recording().passage)
        .catch(() => strikes.push(part));
    return strikes.sort();
  };
  const parts = Array.from({ length: 20 }, (_, index) => String(index));
  const expected = await struck(parts);
  expect(expected.length).toBeGreaterThan(4);
  expect(expected.length).toBeLessThan(16);
  expect(await struck(parts.toReversed())).toEqual(expected);
});

it('strikes up to `times` for each trace', async () => {
  const { done, passage } = recording();
  const { faults } = faultsWith({ hop: hopName(point.hop), fault: 'error', times: 2 });
  for (const trace of ['a', 'b', 'a', 'b'])
    await expect(faults.strike(point, { trace }, passage)).rejects.toThrow();
  await faults.strike(point, { trace: 'a' }, passage);
  await faults.strike(point, { trace: 'b' }, passage);
  expect(done).toEqual(['act', 'act']);
});

it('strikes the same passages of the same traces in any order', async () => {
  const struck = async (traces: string[]) => {
    const { faults } = faultsWith({ service: 'dynamodb', fault: 'error', probability: 0.5 });
    const counts = new Map<string, number>();
    const strikes = new Set<string>();
    for (const trace of traces) {
      const count = (counts.get(trace) ?? 0) + 1;
      counts.set(trace, count);
      await faults
        .strike(point, { trace }, recording().passage)
        .catch(() => strikes.add(`${trace} ${count}`));
    }
    return strikes;
  };
  const traces = Array.from({ length: 40 }, (_, index) => `trace ${index % 8}`);
  const expected = await struck(traces);
  expect(expected.size).toBeGreaterThan(8);
  expect(expected.size).toBeLessThan(32);
  await fc.assert(
    fc.asyncProperty(fc.shuffledSubarray(traces, { minLength: traces.length }), async (shuffled) => {
      expect(await struck(shuffled)).toEqual(expected);
    }),
    { numRuns: 20 },
  );
});

it('strikes a batch if it strikes one of its members', async () => {
  const { faults } = faultsWith({ hop: hopName(point.hop), fault: 'error', times: 1 });
  const one = { trace: 'one' };
  const batch = {
    trace: 'one',
    members: new Map([
      ['1', one],
      ['2', { trace: 'two' }],
    ]),
  };
  await expect(faults.strike(point, one, recording().passage)).rejects.toThrow();
  await expect(faults.strike(point, batch, recording().passage)).rejects.toThrow();
  await expect(faults.strike(point, batch, recording().passage)).resolves.toBe('result');
});

it("matches a function's name with its runs, and with its calls only if a service is given", async () => {
  const run = { hop: parseHop('POST /posts → create-post'), function: 'create-post' };
  const { faults } = faultsWith({ function: 'create-post', fault: 'throttle' });
  await expect(faults.strike(point, undefined, recording().passage)).resolves.toBe('result');
  await expect(faults.strike(run, undefined, recording().passage)).rejects.toThrow();
  faults.clear();
  faults.add(Fault.parse({ function: 'create-post', service: 'dynamodb', fault: 'throttle' }));
  await expect(faults.strike(point, undefined, recording().passage)).rejects.toThrow();
  await expect(faults.strike(run, undefined, recording().passage)).resolves.toBe('result');
});

it('releases held passages when all faults are switched off', async () => {
  const { faults } = faultsWith({ hop: hopName(point.hop), fault: 'reorder' });
  const held = faults.strike(point, undefined, recording().passage);
  faults.clear();
  await expect(held).resolves.toBe('result');
  expect(faults.list).toEqual([]);
});

it('switches off one fault by its number, and keeps the others', async () => {
  const { faults } = faultsWith(
    { service: 'dynamodb', fault: 'throttle' },
    { service: 'sns', fault: 'drop' },
  );
  const [throttle, drop] = faults.list;
  expect(faults.remove(throttle?.id ?? -1)).toBe(true);
  expect(faults.remove(throttle?.id ?? -1)).toBe(false);
  expect(faults.list).toEqual([drop]);
  await expect(faults.strike(point, undefined, recording().passage)).resolves.toBe('result');
});

it('releases held passages when the fault that holds them is switched off', async () => {
  const { faults } = faultsWith({ hop: hopName(point.hop), fault: 'reorder' });
  const held = faults.strike(point, undefined, recording().passage);
  for (const { id } of faults.list) faults.remove(id);
  await expect(held).resolves.toBe('result');
});

it.each([
  { fault: 'error' },
  { service: 'dynamodb', fault: 'explode' },
  { service: 'dynamdb', fault: 'error' },
  { service: 'dynamodb', fault: 'delay' },
  { service: 'dynamodb', fault: 'error', times: 0 },
  { service: 'dynamodb', fault: 'error', probability: 2 },
  { service: 'dynamodb', fault: 'error', unknown: 1 },
])('refuses %j as a fault', (fault) => {
  expect(Fault.safeParse(fault).success).toBe(false);
});
