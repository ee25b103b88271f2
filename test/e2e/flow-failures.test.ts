import { Fault } from 'local-cloud/faults';
import { RecordedLog } from 'local-cloud/fixtures/recorded-log';
import { hopName } from 'local-cloud/hop';
import { type Step, Trace, TraceSummaries } from 'local-cloud/steps';
import { synthesizedAssembly } from '../../testing/assembly.ts';
import { FlowClient } from '../../testing/flow-client.ts';
import { VirtualCloud } from '../../testing/virtual-cloud.ts';

const MINUTE = 60_000;

let cloud: VirtualCloud;
let flow: FlowClient;
beforeAll(async () => {
  const assembly = await synthesizedAssembly();
  cloud = await VirtualCloud.start(assembly, new RecordedLog());
  flow = await FlowClient.open(cloud);
}, 60_000);
afterAll(() => cloud.stop());

/** Has a post go its way for that long while a fault is on. Gives the steps at a hop, and the dead letters. */
async function goThrough(fault: object, ms: number, isHop: (hop: string) => boolean) {
  cloud.faults.add(Fault.parse(fault));
  const id = await flow.post();
  await cloud.pass(ms);
  cloud.faults.clear();
  const summary = (await flow.get('flow/traces', TraceSummaries)).find(({ createdId }) => createdId === id);
  const { steps } = await flow.get(`flow/traces/${summary?.trace}`, Trace);
  const attempts = steps.filter(({ hop }) => isHop(hopName(hop)));
  const letters = steps.filter(({ kind }) => kind === 'dead-letter');
  expect(summary).toMatchObject({ failed: attempts.length, deadLetters: letters.length, running: 0 });
  return { attempts, letters };
}

const seen = ({ attempt, outcome, faults }: Step) => ({ attempt, outcome, faults });

it('shows each run of a function that fails, and the message to its queue that the last has led to', async () => {
  const { attempts, letters } = await goThrough(
    { function: 'recognize-entities', fault: 'error' },
    4 * MINUTE,
    (hop) => hop === 'event queue of recognize-entities → recognize-entities',
  );
  expect(attempts.map(seen)).toEqual(
    [1, 2, 3].map((attempt) => ({ attempt, outcome: 'failed', faults: ['error'] })),
  );
  expect(new Set(attempts.map(({ cause }) => cause)).size).toBe(1);
  const [first, second] = attempts.map(({ startedAt }) => startedAt);
  expect((second ?? 0) - (first ?? 0)).toBeGreaterThanOrEqual(MINUTE);
  expect(letters.map(({ cause, to }) => [cause, flow.labelOf(to)])).toEqual([
    [attempts.at(-1)?.id, 'RecognizeEntitiesFailures'],
  ]);
}, 60_000);

it('shows each run with a batch of the stream that fails, and the message that the last has led to', async () => {
  const { attempts, letters } = await goThrough(
    { function: 'publish-post-updates', fault: 'error' },
    120 * MINUTE,
    (hop) => hop.endsWith(' → publish-post-updates'),
  );
  expect(attempts.length).toBeGreaterThan(50);
  expect(attempts.map(({ attempt }) => attempt)).toEqual(attempts.map((_, index) => index + 1));
  expect(letters.map(({ cause, to }) => [cause, flow.labelOf(to)])).toEqual([
    [attempts.at(-1)?.id, 'PostsStreamFailures'],
  ]);
}, 60_000);
