import { setImmediate } from 'node:timers/promises';
import { RecordedLog } from 'local-cloud/fixtures/recorded-log';
import { synthesizedAssembly } from '../../testing/assembly.ts';
import { VirtualCloud } from '../../testing/virtual-cloud.ts';

let cloud: VirtualCloud;
beforeAll(async () => {
  cloud = await VirtualCloud.start(await synthesizedAssembly(), new RecordedLog());
});
afterAll(() => cloud.stop());

it('lets work finish before the next jump, however many callers make the clock jump', async () => {
  const steps: string[] = [];
  const work = async () => {
    steps.push('begun');
    for (let turn = 0; turn < 5; turn++) await setImmediate();
    steps.push('done');
  };
  cloud.clock.schedule(() => void work(), 1000);
  cloud.clock.schedule(() => steps.push('next jump'), 2000);
  await Promise.all([cloud.pass(3000), cloud.pass(3000)]);
  expect(steps).toEqual(['begun', 'done', 'next jump']);
});
