import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { Changes } from '../../src/core/changes.ts';
import { parseHop } from '../../src/core/hop.ts';
import { type Passing, Recorder } from '../../src/core/recorder.ts';
import { ChangedTraces } from '../../src/core/steps.ts';
import { sendChanges } from '../../src/flow/change-notices.ts';
import { ManualClock } from '../fixtures/manual-clock.ts';

const request: Passing = { kind: 'request', hop: parseHop('client → api'), to: 'api', payload: '{}' };

beforeEach(() => jest.useFakeTimers());
afterEach(() => jest.useRealTimers());

function open() {
  const clock = new ManualClock();
  const recorder = new Recorder(clock);
  const queues = [new Changes(), new Changes()];
  const metrics = new Changes();
  const sources = {
    connections: [],
    'dead-letters': queues,
    emails: [],
    faults: [],
    metrics: [metrics],
  };
  const response = new ServerResponse(new IncomingMessage(new Socket()));
  /** The name and the data of each event. */
  const told: [name: string, data: unknown][] = [];
  jest.spyOn(response, 'write').mockImplementation((chunk: unknown) => {
    const [, name, data] = /^event: (.*)\ndata: (.*)\n\n$/.exec(String(chunk)) ?? [];
    if (name !== undefined && data !== undefined) told.push([name, JSON.parse(data)]);
    return true;
  });
  const listen = () => sendChanges(recorder, sources, response);
  const pass = (from: number, to: number) => {
    for (let n = from; n < to; n++) recorder.note(request, { trace: `${n}` });
  };
  /** The IDs in each event about traces. */
  const changedTraces = () =>
    told.filter(([name]) => name === 'traces').map(([, data]) => ChangedTraces.parse(data).traces);
  return { changedTraces, clock, listen, metrics, pass, queues, recorder, response, told };
}

describe('the changes of traces', () => {
  it('are all sent, each trace once, however many there are', () => {
    const { changedTraces, listen, pass, recorder } = open();
    listen();
    pass(0, 700);
    recorder.note(request, { trace: '3' });
    jest.advanceTimersByTime(200);
    expect(changedTraces()).toEqual([Array.from({ length: 700 }, (_, index) => `${index}`)]);
    pass(5, 6);
    jest.advanceTimersByTime(200);
    expect(changedTraces()[1]).toEqual(['5']);
  });

  it('wait for a slow reader, except for traces that are no longer kept', () => {
    const { changedTraces, listen, pass, recorder, response } = open();
    let stalled = true;
    Object.defineProperty(response, 'writableNeedDrain', { get: () => stalled });
    listen();
    pass(0, 1_000);
    jest.advanceTimersByTime(1_000);
    pass(1_000, 5_000);
    jest.advanceTimersByTime(1_000);
    expect(changedTraces()).toEqual([]);
    stalled = false;
    jest.advanceTimersByTime(200);
    const kept = recorder.traces.newest(2_000).map(({ trace }) => trace);
    expect(changedTraces()).toEqual([kept.reverse()]);
  });

  it('are no longer collected for a reader who has left, even before the response', () => {
    const { listen, metrics, pass, response, recorder, told } = open();
    listen();
    pass(0, 1);
    response.emit('close');
    pass(1, 2);
    metrics.report();
    jest.advanceTimersByTime(1_000);
    expect(told).toEqual([]);
    response.destroy();
    const onChange = jest.spyOn(recorder.traces, 'onChange');
    listen();
    expect(onChange).not.toHaveBeenCalled();
  });
});

describe('the changes of other resources', () => {
  it('are one event for each topic', () => {
    const { listen, metrics, queues, told } = open();
    listen();
    metrics.report();
    for (const queue of queues) queue.report();
    jest.advanceTimersByTime(200);
    metrics.report();
    jest.advanceTimersByTime(800);
    expect(told).toEqual([
      ['dead-letters', {}],
      ['metrics', {}],
    ]);
    metrics.report();
    jest.advanceTimersByTime(1_000);
    expect(told).toHaveLength(3);
  });
});

describe('the traffic', () => {
  it('is told once a second while it changes, and until the last figures have expired', () => {
    const { clock, listen, pass, told } = open();
    const pastSeconds = (seconds: number) => {
      for (let second = 0; second < seconds; second++) {
        clock.advance(1_000);
        jest.advanceTimersByTime(1_000);
      }
      return told.splice(0).filter(([name]) => name === 'traffic').length;
    };
    listen();
    for (let n = 0; n < 3; n++) pass(n, n + 1);
    expect(pastSeconds(1)).toBe(1);
    const inFiveMinutes = pastSeconds(5 * 60);
    expect(inFiveMinutes).toBeGreaterThan(15);
    expect(inFiveMinutes).toBeLessThan(25);
    pastSeconds(60);
    expect(pastSeconds(60)).toBe(0);
  });
});
