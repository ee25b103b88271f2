import { seededChance } from '../../src/core/chance.ts';
import { Fault, Faults } from '../../src/core/faults.ts';
import { callHop } from '../../src/core/hop.ts';
import { pass } from '../../src/core/passage.ts';
import { Recorder } from '../../src/core/recorder.ts';
import { ManualClock } from '../fixtures/manual-clock.ts';
import { RecordedLog } from '../fixtures/recorded-log.ts';

const point = { hop: callHop('dynamodb', 'PutItem', 'create-post'), service: 'dynamodb' };
const step = { kind: 'call', to: 'table' } as const;

function open(isRecording = true) {
  const clock = new ManualClock();
  const faults = new Faults({ chance: seededChance('test'), clock, log: new RecordedLog() });
  return { faults, recorder: new Recorder(clock, isRecording) };
}

it('records a passage as the cause of everything that follows', async () => {
  const services = open();
  const own = await pass(services, point, { trace: 'one' }, { step, act: async (own) => own });
  const [recorded] = services.recorder.traces.trace('one')?.steps ?? [];
  expect(recorded).toMatchObject({ ...step, hop: point.hop, error: undefined, faults: undefined });
  expect(own).toEqual({ trace: 'one', step: recorded?.id });
});

it('records the faults that strike a passage, and its failure', async () => {
  const services = open();
  services.faults.add(Fault.parse({ service: 'dynamodb', fault: 'throttle' }));
  const act = jest.fn();
  await expect(pass(services, point, { trace: 'one' }, { step, act })).rejects.toThrow('Rate exceeded');
  expect(act).not.toHaveBeenCalled();
  expect(services.recorder.traces.trace('one')?.steps).toMatchObject([
    { faults: ['throttle'], error: 'ThrottlingException: Rate exceeded' },
  ]);
});

it('passes on its own cause if nothing is recorded', async () => {
  const cause = { trace: 'one' };
  expect(await pass(open(false), point, cause, { step, act: async (own) => own })).toBe(cause);
});

it('injects faults even without a cause to record', async () => {
  const services = open();
  services.faults.add(Fault.parse({ service: 'dynamodb', fault: 'duplicate' }));
  const act = jest.fn(async (own: unknown) => own);
  expect(await pass(services, point, undefined, { step, act })).toBeUndefined();
  expect(act).toHaveBeenCalledTimes(2);
  expect(services.recorder.traces.newest(1)).toEqual([]);
});

it('records a cause that does not affect the faults', async () => {
  const services = open();
  services.faults.add(Fault.parse({ service: 'dynamodb', fault: 'duplicate', times: 1 }));
  const act = jest.fn(async () => {});
  for (const trace of ['one', 'two'])
    await pass(services, point, undefined, { step: { ...step, cause: { trace } }, act });
  expect(act).toHaveBeenCalledTimes(3);
  expect(services.recorder.traces.newest(2).map(({ steps }) => steps[0]?.faults)).toEqual([
    undefined,
    ['duplicate'],
  ]);
});
