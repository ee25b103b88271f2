import { Fault } from 'local-cloud/faults';
import { eventually } from 'local-cloud/fixtures/eventually';
import { RecordedLog } from 'local-cloud/fixtures/recorded-log';
import { hopName } from 'local-cloud/hop';
import { type Step, Trace, TracePage } from 'local-cloud/steps';
import * as z from 'zod/mini';
import { examplePost } from '../../contracts/examples.ts';
import { synthesizedAssembly } from '../../testing/assembly.ts';
import { LocalCloud } from '../../testing/local-cloud.ts';
import { VirtualCloud } from '../../testing/virtual-cloud.ts';
import { FlowClient } from './flow-client.ts';

const MINUTE = 60_000;

describe('faults on demand', () => {
  let cloud: LocalCloud;
  beforeAll(async () => {
    cloud = await LocalCloud.start(['--speed', '60']);
  });
  afterEach(() => fetch(`${cloud.url}/_local/faults`, { method: 'DELETE' }));
  afterAll(() => cloud.stop());

  async function switchOn(fault: object): Promise<Response> {
    return fetch(`${cloud.url}/_local/faults`, { method: 'POST', body: JSON.stringify(fault) });
  }

  it('are listed until they are cleared, and refused if they are invalid', async () => {
    expect((await switchOn({ service: 'sns', fault: 'throttle' })).status).toBe(201);
    for (const wrong of [
      { service: 'sns', fault: 'sabotage' },
      { function: 'nope', fault: 'error' },
      { operation: 'Publsh', fault: 'error' },
      { function: 'get-post', service: 'sns', fault: 'error' },
      { hop: 'create-post → dynamodb:Scan', fault: 'error' },
    ]) {
      const refusal = await switchOn(wrong);
      expect(refusal.status).toBe(400);
      expect(await refusal.text()).toContain('errors');
    }
    for (const { hop, faults } of (await cloud.architecture()).edges)
      if (faults)
        expect(await switchOn({ hop: hopName(hop), fault: 'delay', ms: 0 })).toMatchObject({ status: 201 });
    await fetch(`${cloud.url}/_local/faults`, { method: 'DELETE' });
    await switchOn({ service: 'sns', fault: 'throttle' });
    const list = async () => (await fetch(`${cloud.url}/_local/faults`)).json();
    const [throttle] = z.array(z.object({ id: z.number() })).parse(await list());
    expect(await list()).toEqual([{ id: throttle?.id, service: 'sns', fault: 'throttle', probability: 1 }]);
    await switchOn({ service: 'sns', fault: 'drop' });
    const switchOff = () => fetch(`${cloud.url}/_local/faults/${throttle?.id}`, { method: 'DELETE' });
    expect((await switchOff()).status).toBe(200);
    expect((await switchOff()).status).toBe(404);
    expect(await list()).toMatchObject([{ service: 'sns', fault: 'drop' }]);
    await fetch(`${cloud.url}/_local/faults`, { method: 'DELETE' });
    expect(await list()).toEqual([]);
  });

  it('can fail a save: the author receives a 503, and nothing is stored', async () => {
    await switchOn({ service: 'dynamodb', operation: 'PutItem', fault: 'error' });
    const answer = await cloud.post(examplePost);
    expect(answer.status).toBe(503);
    expect(await cloud.dynamoDb('Scan', { TableName: cloud.outputs.PostsTableName })).toContain('"Count":0');
  });

  it('can crash a function after its save: the author receives a 502, and the post is stored', async () => {
    await switchOn({
      function: 'create-post',
      service: 'dynamodb',
      operation: 'PutItem',
      fault: 'crash',
      when: 'after',
    });
    expect((await cloud.post(examplePost)).status).toBe(502);
    expect(await cloud.dynamoDb('Scan', { TableName: cloud.outputs.PostsTableName })).toContain('"Count":1');
    await fetch(`${cloud.url}/_local/faults`, { method: 'DELETE' });
    expect((await cloud.post(examplePost)).status).toBe(201);
  });

  it('can drop calls: the SDK retries, and the author receives a 201', async () => {
    await switchOn({ service: 'dynamodb', operation: 'PutItem', fault: 'drop', times: 2 });
    expect((await cloud.post(examplePost)).status).toBe(201);
  });

  it('can deliver an event twice: the post is pushed once', async () => {
    const { messages } = await cloud.connect('?topic=twice');
    await switchOn({ hop: 'event queue of recognize-entities → recognize-entities', fault: 'duplicate' });
    await cloud.post({ ...examplePost, topic: 'twice' });
    await eventually(() => expect(cloud.output).toContain('enriched already'));
    await eventually(() => expect(messages).toHaveLength(1));
    await cloud.post({ ...examplePost, topic: 'twice', title: 'Next' });
    await eventually(() => expect(messages).toHaveLength(2));
    expect(messages).toMatchObject([{ post: { title: 'Title' } }, { post: { title: 'Next' } }]);
  });

  it('can fail a function twice: Lambda retries it, 60 times sooner than in AWS', async () => {
    const { messages } = await cloud.connect('?topic=late');
    await switchOn({ function: 'recognize-entities', fault: 'error', times: 2 });
    await cloud.post({ ...examplePost, topic: 'late' });
    await eventually(() => expect(messages).toHaveLength(1));
  });
});

describe('the flow', () => {
  let cloud: VirtualCloud;
  let flow: FlowClient;
  beforeAll(async () => {
    const assembly = await synthesizedAssembly();
    cloud = await VirtualCloud.start(assembly, new RecordedLog());
    flow = await FlowClient.open(cloud);
  });
  afterAll(() => cloud.stop());

  /**
   * Creates a post under a fault and lets `ms` milliseconds pass. Returns the steps of the post at
   * a hop, and its dead letters.
   */
  async function goThrough(fault: object, ms: number, isHop: (hop: string) => boolean) {
    cloud.faults.add(Fault.parse(fault));
    const id = await flow.post();
    await cloud.pass(ms);
    cloud.faults.clear();
    const [summary] = (await flow.get(`flow/traces?text=${id}&kind=example`, TracePage)).traces;
    const { steps } = await flow.get(`flow/traces/${summary?.trace}`, Trace);
    const attempts = steps.filter(({ hop }) => isHop(hopName(hop)));
    const letters = steps.filter(({ kind }) => kind === 'dead-letter');
    expect(summary).toMatchObject({ failed: attempts.length, deadLetters: letters.length, running: 0 });
    return { attempts, letters };
  }

  const seen = ({ attempt, outcome, faults }: Step) => ({ attempt, outcome, faults });

  it('shows each failed run of a function, and the dead letter that the last run caused', async () => {
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
  });

  it('shows each failed run for a batch of the stream, and the dead letter that the last run caused', async () => {
    const { attempts, letters } = await goThrough(
      { function: 'publish-post-updates', fault: 'error' },
      240 * MINUTE,
      (hop) => hop.endsWith(' → publish-post-updates'),
    );
    // The new post, and then its enrichment.
    const causes = [...new Set(attempts.map(({ cause }) => cause))];
    const batches = causes.map((cause) => attempts.filter((attempt) => attempt.cause === cause));
    expect(batches).toHaveLength(2);
    for (const runs of batches) {
      expect(runs.length).toBeGreaterThan(50);
      expect(runs.map(({ attempt }) => attempt)).toEqual(runs.map((_, index) => index + 1));
    }
    expect(letters.map(({ cause, to }) => [cause, flow.labelOf(to)])).toEqual(
      batches.map((runs) => [runs.at(-1)?.id, 'PostsStreamFailures']),
    );
  });
});
