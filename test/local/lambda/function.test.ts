import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { realClock } from '../../../local/clock.ts';
import { LambdaFunction } from '../../../local/lambda/function.ts';
import { eventually } from '../../e2e/eventually.ts';
import { temporaryFolder } from '../temporary-folder.ts';

const parent = temporaryFolder();

/** A version of the code. Its handler answers with the version and its environment's own number of invocations. */
function code(version: string): string {
  const folder = join(parent, version);
  mkdirSync(folder, { recursive: true });
  writeFileSync(
    join(folder, 'count.mjs'),
    `import { existsSync } from 'node:fs';
    const environment = Math.random();
    let invocations = 0;
    export async function handler({ until, exit, hang }) {
      const count = ++invocations;
      console.log('started');
      if (exit) process.exit(1);
      if (hang) await new Promise(() => {});
      while (until && !existsSync(until)) await new Promise((resolve) => setTimeout(resolve, 5));
      return { version: '${version}', environment, count, overlapped: count !== invocations };
    }`,
  );
  return folder;
}

const old = code('old');
let target: LambdaFunction;
/** What the handlers of `target` have printed; lines of an earlier one may still come, and go elsewhere. */
let printed: string[];
let gate: string;
let gates = 0;
beforeEach(() => {
  gate = join(parent, `gate-${gates++}`);
  target = newFunction(10_000);
});
afterEach(() => target.close());

function newFunction(timeoutMs: number): LambdaFunction {
  const settings = {
    functionName: 'Stack-Count',
    functionArn: 'arn:aws:lambda:eu-west-1:123456789012:function:Stack-Count',
    handler: 'count.handler',
    environment: {},
    timeoutMs,
    memoryMb: 128,
  };
  const lines: string[] = [];
  printed = lines;
  return new LambdaFunction(old, settings, realClock, (line) => lines.push(line));
}

const openGate = () => writeFileSync(gate, '');

/** The handler's answer, or the type of its error. */
async function invoke(event: object = {}): Promise<Record<string, unknown>> {
  const result = await target.invoke(JSON.stringify(event));
  return result.ok ? JSON.parse(result.payload) : { errorType: result.errorType };
}

it('is called as in the source', () => {
  expect(target.label).toBe('count');
});

it('uses an environment again', async () => {
  const first = await invoke();
  expect(await invoke()).toEqual({ ...first, count: 2 });
});

it('runs one invocation at a time in each of at most two environments', async () => {
  const answers = Array.from({ length: 7 }, () => invoke({ until: gate }));
  await eventually(() => expect(printed).toEqual(Array(2).fill('started')));
  openGate();
  const results = await Promise.all(answers);
  expect(new Set(results.map(({ environment }) => environment)).size).toBe(2);
  expect(results.map(({ overlapped }) => overlapped)).toEqual(Array(7).fill(false));
});

it('takes a new environment after one that ended', async () => {
  const { environment } = await invoke();
  expect(await invoke({ exit: true })).toEqual({ errorType: 'Runtime.ExitError' });
  const next = await invoke();
  expect(next).toMatchObject({ count: 1 });
  expect(next.environment).not.toBe(environment);
});

it('takes new environments after timeouts, for those who wait too', async () => {
  target = newFunction(1_500);
  const results = await Promise.all([
    invoke({ hang: true }),
    invoke({ hang: true }),
    invoke(),
    invoke(),
    invoke(),
  ]);
  expect(results.map(({ errorType, version }) => errorType ?? version)).toEqual([
    'Sandbox.Timedout',
    'Sandbox.Timedout',
    'old',
    'old',
    'old',
  ]);
});

describe('a deployment', () => {
  it('is run by every later invocation, while those under way end as they began', async () => {
    await invoke();
    const underWay = [invoke({ until: gate }), invoke({ until: gate })];
    const waiting = [invoke({ until: gate }), invoke({ until: gate })];
    await eventually(() => expect(printed).toEqual(Array(3).fill('started')));
    target.deploy(Promise.resolve(code('new')));
    expect(await invoke()).toMatchObject({ version: 'new', count: 1 });
    openGate();
    expect((await Promise.all(underWay)).map(({ version }) => version)).toEqual(['old', 'old']);
    expect((await Promise.all(waiting)).map(({ version }) => version)).toEqual(['new', 'new']);
    for (const next of [invoke(), invoke(), invoke()]) expect(await next).toMatchObject({ version: 'new' });
  });

  it('makes invocations wait for the code, and only the last one counts', async () => {
    let finish = (_folder: string): void => {};
    target.deploy(new Promise((resolve) => (finish = resolve)));
    const waiting = invoke();
    target.deploy(Promise.resolve(code('newest')));
    finish(code('new'));
    expect(await waiting).toMatchObject({ version: 'newest' });
  });

  it('that fails makes invocations fail until the next, those that wait for an environment too', async () => {
    const underWay = [invoke({ until: gate }), invoke({ until: gate })];
    await eventually(() => expect(printed).toEqual(Array(2).fill('started')));
    const waiting = [invoke(), invoke(), invoke()];
    await setImmediate();
    target.deploy(Promise.reject(new Error('does not compile')));
    expect(await target.invoke('{}')).toEqual({
      ok: false,
      errorType: 'Runtime.BuildError',
      errorMessage: 'Error: does not compile',
      trace: [],
    });
    openGate();
    expect((await Promise.all(underWay)).map(({ version }) => version)).toEqual(['old', 'old']);
    expect(await Promise.all(waiting)).toEqual(Array(3).fill({ errorType: 'Runtime.BuildError' }));
    target.deploy(Promise.resolve(code('new')));
    expect(await invoke()).toMatchObject({ version: 'new' });
  });
});

it('starts nothing once it is closed', async () => {
  const underWay = [invoke({ hang: true }), invoke({ hang: true })];
  await eventually(() => expect(printed).toEqual(Array(2).fill('started')));
  const waiting = invoke();
  await setImmediate();
  await target.close();
  expect(await Promise.all(underWay)).toEqual(Array(2).fill({ errorType: 'Runtime.ExitError' }));
  expect(await waiting).toEqual({ errorType: 'Runtime.BuildError' });
  expect(printed).toEqual(Array(2).fill('started'));
});
