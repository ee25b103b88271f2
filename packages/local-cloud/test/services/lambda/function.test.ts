import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { Fault } from '../../../src/core/faults.ts';
import type { ExecutionEnvironmentSettings } from '../../../src/services/lambda/execution-environment.ts';
import { type FunctionServices, LambdaFunction } from '../../../src/services/lambda/function.ts';
import type { Invoker } from '../../../src/services/lambda/invocation.ts';
import { eventually } from '../../fixtures/eventually.ts';
import { temporaryFolder } from '../../fixtures/temporary-folder.ts';
import { functionServices } from './function-services.ts';

const parent = temporaryFolder();

/** Creates a version of the code. Its handler returns the version and the number of invocations of its environment. */
function code(version: string): string {
  const folder = join(parent, version);
  mkdirSync(folder, { recursive: true });
  writeFileSync(
    join(folder, 'count.mjs'),
    `import { existsSync, writeFileSync } from 'node:fs';
    const environment = Math.random();
    let invocations = 0;
    export async function handler({ until, exit, hang, write, context, trace }, { awsRequestId }) {
      if (trace) return process.env._X_AMZN_TRACE_ID;
      if (context) return awsRequestId;
      const count = ++invocations;
      console.log('started');
      if (write) writeFileSync(write, '');
      if (exit) process.exit(1);
      if (hang) await new Promise(() => {});
      while (until && !existsSync(until)) await new Promise((resolve) => setTimeout(resolve, 5));
      return { version: '${version}', environment, count, overlapped: count !== invocations };
    }`,
  );
  return folder;
}

const old = code('old');
const invoker: Invoker = { name: 'POST /counts', cause: { trace: '0'.repeat(24) } };
let target: LambdaFunction;
let services: FunctionServices;
/** The lines of the handlers of `target`. Late lines of an earlier function go elsewhere. */
let printed: string[];
let gate: string;
let gates = 0;
beforeEach(() => {
  gate = join(parent, `gate-${gates++}`);
  target = newFunction();
});
afterEach(async () => {
  await target.close();
  expect(services.running.size).toBe(0);
});

function newFunction(settings: Partial<ExecutionEnvironmentSettings> = {}, limit?: number): LambdaFunction {
  const lines: string[] = [];
  printed = lines;
  services = functionServices(undefined, limit);
  return new LambdaFunction(
    old,
    {
      functionName: 'Stack-Count',
      arn: 'arn:aws:lambda:eu-west-1:123456789012:function:Stack-Count',
      version: '$LATEST',
      functionArn: 'arn:aws:lambda:eu-west-1:123456789012:function:Stack-Count',
      handler: 'count.handler',
      label: 'count',
      environment: {},
      timeoutMs: 10_000,
      memoryMb: 128,
      ...settings,
    },
    services,
    (line) => lines.push(line),
  );
}

const openGate = () => writeFileSync(gate, '');

/** Returns the handler's answer, or the type of its error. */
async function invoke(event: object = {}): Promise<Record<string, unknown>> {
  const result = await target.invoke(JSON.stringify(event), invoker);
  return result.ok ? JSON.parse(result.payload) : { errorType: result.errorType };
}

it('is labelled as in the source', () => {
  expect(target.label).toBe('count');
});

it('reuses an environment', async () => {
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

it('runs invocations that wait in the one environment while they end in time', async () => {
  const results = await Promise.all(Array.from({ length: 20 }, () => invoke()));
  expect(results.map(({ count }) => count)).toEqual(Array.from({ length: 20 }, (_, index) => index + 1));
});

it('starts a new environment after one has ended', async () => {
  const { environment } = await invoke();
  expect(await invoke({ exit: true })).toEqual({ errorType: 'Runtime.ExitError' });
  const next = await invoke();
  expect(next).toMatchObject({ count: 1 });
  expect(next.environment).not.toBe(environment);
});

it('starts new environments after timeouts, also for waiting invocations', async () => {
  target = newFunction({ timeoutMs: 1_500 });
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
  it('applies to every later invocation, while those in progress end with the old code', async () => {
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

  it('makes invocations wait for the code, and only the last deployment counts', async () => {
    let finish = (_folder: string): void => {};
    target.deploy(new Promise((resolve) => (finish = resolve)));
    const waiting = invoke();
    target.deploy(Promise.resolve(code('newest')));
    finish(code('new'));
    expect(await waiting).toMatchObject({ version: 'newest' });
  });

  it('that fails leaves the present code, also for invocations that wait for it', async () => {
    const underWay = [invoke({ until: gate }), invoke({ until: gate })];
    await eventually(() => expect(printed).toEqual(Array(2).fill('started')));
    const waiting = [invoke(), invoke(), invoke()];
    await setImmediate();
    target.deploy(Promise.reject(new Error('does not compile')));
    expect(await invoke()).toMatchObject({ version: 'old' });
    openGate();
    for (const { version } of await Promise.all([...underWay, ...waiting])) expect(version).toBe('old');
    target.deploy(Promise.resolve(code('new')));
    target.deploy(Promise.reject(new Error('does not compile')));
    target.deploy(Promise.reject(new Error('still does not')));
    expect(await invoke()).toMatchObject({ version: 'new' });
  });
});

it('starts nothing after it is closed', async () => {
  const underWay = [invoke({ hang: true }), invoke({ hang: true })];
  await eventually(() => expect(printed).toEqual(Array(2).fill('started')));
  const waiting = invoke();
  await setImmediate();
  await target.close();
  expect(await Promise.all(underWay)).toEqual(Array(2).fill({ errorType: 'Runtime.ExitError' }));
  expect(await waiting).toEqual({ errorType: 'Runtime.ExitError' });
  expect(printed).toEqual(Array(2).fill('started'));
});

it('also ends environments with outdated code when it is closed', async () => {
  const underWay = invoke({ hang: true });
  await eventually(() => expect(printed).toEqual(['started']));
  target.deploy(Promise.resolve(code('new')));
  await target.close();
  expect(await underWay).toEqual({ errorType: 'Runtime.ExitError' });
});

it('throttles beyond its concurrency, counting synchronous invocations that wait for an environment', async () => {
  target = newFunction({}, 3);
  const underWay = Array.from({ length: 3 }, () => invoke({ until: gate }));
  await expect(invoke()).rejects.toMatchObject({ code: 'TooManyRequestsException', status: 429 });
  openGate();
  await Promise.all(underWay);
  expect(await invoke()).toMatchObject({ version: 'old' });
});

it('does not count events that wait in a queue', async () => {
  target = newFunction({}, 2);
  const queued = { ...invoker, queued: true };
  const underWay = Array.from({ length: 5 }, () => target.invoke(JSON.stringify({ until: gate }), queued));
  openGate();
  for (const { ok } of await Promise.all(underWay)) expect(ok).toBe(true);
});

describe('an invocation', () => {
  it('is identified by the trace header of its handler while it runs', async () => {
    const invocation = invoke({ until: gate });
    await eventually(() => expect(printed).toEqual(['started']));
    const [running] = services.running.values();
    expect(running).toMatchObject({ cause: invoker.cause });
    openGate();
    await invocation;
    expect(services.running.size).toBe(0);
    const result = await target.invoke('{"trace":true}', invoker);
    expect(result).toEqual({
      ok: true,
      payload: expect.stringMatching(/^"Root=1-[0-9a-f]{8}-0{24};Parent=[0-9a-f]{16};Sampled=1"$/),
    });
  });

  it('has the request id of its event, or a new one', async () => {
    const context = '{"context":true}';
    expect(await target.invoke(context, invoker, 'id-1')).toEqual({ ok: true, payload: '"id-1"' });
    const ids = await Promise.all([1, 2].map(() => target.invoke(context, invoker)));
    expect(new Set(ids.map((result) => result.ok && result.payload)).size).toBe(2);
  });

  it('that crashes because of a fault at one of its calls ends its environment', async () => {
    const invocation = invoke({ hang: true });
    await eventually(() => expect(services.running.size).toBe(1));
    for (const running of services.running.values()) running.crash();
    expect(await invocation).toEqual({ errorType: 'Runtime.ExitError' });
    expect(await invoke()).toMatchObject({ count: 1 });
  });
});

describe('a fault at its runs', () => {
  const switchOn = (fault: object) =>
    services.faults.add(Fault.parse({ function: 'count', times: 1, ...fault }));

  it('becomes an error of the function, with any name', async () => {
    switchOn({ fault: 'error', code: 'NoSuchThing', message: 'injected' });
    expect(await target.invoke('{}', invoker)).toEqual({
      ok: false,
      errorType: 'NoSuchThing',
      errorMessage: 'injected',
      trace: [],
    });
    expect(printed).toEqual([]);
    expect(await invoke()).toMatchObject({ count: 1 });
  });

  it.each([
    ['a throttle', { fault: 'throttle' }, { code: 'TooManyRequestsException', status: 429 }],
    [
      'an error of Lambda',
      { fault: 'error', code: 'ServiceException' },
      { code: 'ServiceException', status: 500 },
    ],
  ])('becomes %s, which the invoker receives', async (_name, fault, refusal) => {
    switchOn(fault);
    await expect(invoke()).rejects.toMatchObject(refusal);
    expect(printed).toEqual([]);
    expect(await invoke()).toMatchObject({ count: 1 });
  });

  it.each([
    ['before', false],
    ['after', true],
  ])('crashes it %s, and the next one runs in a new environment', async (when, ran) => {
    const { environment } = await invoke();
    switchOn({ fault: 'crash', when });
    expect(await invoke({ write: gate })).toEqual({ errorType: 'Runtime.ExitError' });
    expect(existsSync(gate)).toBe(ran);
    const next = await invoke();
    expect(next).toMatchObject({ count: 1 });
    expect(next.environment).not.toBe(environment);
  });

  it('crashes it with its first call', async () => {
    switchOn({ fault: 'crash', when: 'during' });
    const invocation = invoke({ hang: true });
    await eventually(() => expect(printed).toEqual(['started']));
    const [running] = services.running.values();
    expect(running?.crashesAtCall).toBe(true);
    // The AWS port does this at that call.
    running?.crash();
    expect(await invocation).toEqual({ errorType: 'Runtime.ExitError' });
  });

  it('runs it twice', async () => {
    switchOn({ fault: 'duplicate' });
    expect(await invoke()).toMatchObject({ count: 2 });
  });

  it('applies at the hop from its invoker', async () => {
    services.faults.add(Fault.parse({ hop: 'POST /counts → count', fault: 'throttle' }));
    await expect(invoke()).rejects.toMatchObject({ code: 'TooManyRequestsException' });
    expect(await target.invoke('{}', { ...invoker, name: 'another' })).toMatchObject({ ok: true });
  });
});
