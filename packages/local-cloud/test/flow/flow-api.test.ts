import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { resourceTypes } from '../../src/cloud/resource-types.ts';
import { parseHop } from '../../src/core/hop.ts';
import { type Passing, Recorder } from '../../src/core/recorder.ts';
import { TraceSummaries, type TraceSummary } from '../../src/core/steps.ts';
import { Tracer } from '../../src/core/trace.ts';
import { architectureGraph } from '../../src/flow/architecture.ts';
import { flowRoutes } from '../../src/flow/flow-api.ts';
import { SendTargets } from '../../src/flow/send-targets.ts';
import { Template } from '../../src/template/template.ts';
import { account, writeAssembly } from '../fixtures/assembly.ts';
import { ManualClock } from '../fixtures/manual-clock.ts';
import { temporaryFolder } from '../fixtures/temporary-folder.ts';

const folder = temporaryFolder();
const request: Passing = { kind: 'request', hop: parseHop('client → api'), to: 'api', payload: '{}' };

beforeEach(() => jest.useFakeTimers());
afterEach(() => jest.useRealTimers());

function open() {
  const template = new Template(writeAssembly(folder, { Resources: {} }), account, resourceTypes);
  const recorder = new Recorder(new ManualClock());
  const architecture = architectureGraph(template, { allowsRole: () => false }, account);
  const targets = new SendTargets(template, {
    architecture,
    eventBridge: { deliverTo: () => {} },
    journal: { written: async () => {} },
    lambda: { invokeAsynchronously: () => {} },
    recorder,
    tracer: new Tracer('test'),
  });
  const routes = flowRoutes({ architecture, recorder, targets });
  const asked = new IncomingMessage(new Socket());
  const response = new ServerResponse(asked);
  /** The summaries in each message. */
  const told: TraceSummary[][] = [];
  jest.spyOn(response, 'write').mockImplementation((chunk: unknown) => {
    const data = /^data: (.*)\n\n$/.exec(String(chunk))?.[1];
    if (data !== undefined) told.push(TraceSummaries.parse(JSON.parse(data)));
    return true;
  });
  const path = '/_local/flow/events';
  const listen = async () => routes[path]?.({ path, parameters: [], request: asked, response });
  const pass = (from: number, to: number) => {
    for (let n = from; n < to; n++) recorder.note(request, { trace: `${n}` });
  };
  return { listen, pass, recorder, response, told };
}

describe('the changes of traces', () => {
  it('are all sent, each trace once, however many there are', async () => {
    const { listen, pass, recorder, told } = open();
    await listen();
    pass(0, 700);
    recorder.note(request, { trace: '3' });
    jest.advanceTimersByTime(200);
    expect(told.map((summaries) => summaries.length)).toEqual([700]);
    expect(told[0]?.[3]).toMatchObject({ trace: '3', steps: 2 });
    pass(5, 6);
    jest.advanceTimersByTime(200);
    expect(told[1]?.map(({ trace }) => trace)).toEqual(['5']);
  });

  it('wait for a slow reader, except for traces that are no longer kept', async () => {
    const { listen, pass, recorder, response, told } = open();
    let stalled = true;
    Object.defineProperty(response, 'writableNeedDrain', { get: () => stalled });
    await listen();
    pass(0, 1_000);
    jest.advanceTimersByTime(1_000);
    pass(1_000, 3_000);
    jest.advanceTimersByTime(1_000);
    expect(told).toEqual([]);
    stalled = false;
    jest.advanceTimersByTime(200);
    const kept = recorder.traces.newest(2_000).map(({ trace }) => trace);
    expect(told.map((summaries) => summaries.map(({ trace }) => trace))).toEqual([kept.reverse()]);
  });

  it('are no longer collected for a reader who has left, even before the answer', async () => {
    const { listen, pass, response, recorder, told } = open();
    await listen();
    pass(0, 1);
    response.emit('close');
    jest.advanceTimersByTime(1_000);
    expect(told).toEqual([]);
    response.destroy();
    const onChange = jest.spyOn(recorder.traces, 'onChange');
    await listen();
    expect(onChange).not.toHaveBeenCalled();
  });
});
