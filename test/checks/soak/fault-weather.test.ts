import { seededChance } from 'local-cloud/chance';
import { Fault, Faults } from 'local-cloud/faults';
import { ManualClock } from 'local-cloud/fixtures/manual-clock';
import { parseHop } from 'local-cloud/hop';
import { terminalLog } from 'local-cloud/terminal';
import { Dice } from '../../../checks/soak/dice.ts';
import { faultyHops, randomFault, strikesIn } from '../../../checks/soak/fault-weather.ts';
import { smallStack } from '../small-stack.ts';

const hops = faultyHops(smallStack);

const faults = (seed: string) => {
  const dice = new Dice(seededChance(seed), 'faults');
  return Array.from({ length: 600 }, () => Fault.parse(randomFault(hops, dice)));
};

const kinds = Fault.def.options.map(({ shape }) => shape.fault.def.values[0]);

it('has faults of every kind within ten minutes', () => {
  expect(new Set(faults('one').map(({ fault }) => fault))).toEqual(new Set(kinds));
});

it('strikes each call at the hops of posts, of connections and of schedules', () => {
  expect(hops.map(({ hop }) => hop)).toEqual(
    expect.arrayContaining([
      'client → POST /posts',
      'POST /posts → create-post',
      'WebSocket $connect → connect',
      'connect → dynamodb:GetItem',
      'each-minute → relay-announcements',
      'relay-announcements → dynamodb:Scan',
      'created → index',
      'event queue of index → index',
      'index → dynamodb:GetItem',
    ]),
  );
});

it('spares the hops of readers only, and those of failures to a queue', () => {
  const names = hops.map(({ hop }) => hop).join();
  expect(names).not.toContain('get-post');
  expect(names).not.toContain('dead letter');
});

it('also lets targets and Comprehend refuse permanently', () => {
  const refusing = hops.filter(({ faults }) => faults.some(({ status }) => status !== undefined));
  expect(refusing.map(({ hop }) => hop).sort()).toEqual(
    [
      'created → Blog-dev-Topic1A2B',
      'created → enrich',
      'created → index',
      'each-minute → relay-announcements',
      'enrich → comprehend:DetectEntities',
      'updated → push',
    ].sort(),
  );
});

it('depends only on the seed', () => {
  expect(faults('one')).toEqual(faults('one'));
  expect(faults('two')).not.toEqual(faults('one'));
});

it('counts faults that strike, not faults that are switched on', async () => {
  let output = '';
  const write = jest.spyOn(process.stdout, 'write').mockImplementation((text) => {
    output += text;
    return true;
  });
  try {
    const log = terminalLog(false);
    const cloud = new Faults({ chance: seededChance('one'), clock: new ManualClock(0), log });
    cloud.add(Fault.parse({ service: 'sns', fault: 'duplicate' }));
    cloud.add(Fault.parse({ service: 'sns', fault: 'throttle' }));
    cloud.add(Fault.parse({ service: 'sqs', fault: 'drop' }));
    const pass = () =>
      cloud.strike({ hop: parseHop('a → b'), service: 'sns' }, undefined, { act: async () => {} });
    await expect(pass()).rejects.toThrow('Rate exceeded');
    await expect(pass()).rejects.toThrow('Rate exceeded');
    log.info('create-post', 'fault  crash at a → b');
  } finally {
    write.mockRestore();
  }
  const none = Object.fromEntries(kinds.map((kind) => [kind, 0]));
  expect(Object.fromEntries(strikesIn(output))).toEqual({ ...none, duplicate: 2, throttle: 2 });
});
