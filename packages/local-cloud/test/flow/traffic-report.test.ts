import { parseHop } from '../../src/core/hop.ts';
import { type Passing, Recorder } from '../../src/core/recorder.ts';
import { TrafficReport } from '../../src/core/steps.ts';
import { trafficReport } from '../../src/flow/traffic-report.ts';
import { ManualClock } from '../fixtures/manual-clock.ts';

const architecture = { nodeId: (place: string) => place.replace(/\/index.*/, '').toUpperCase() };
const query: Passing = { kind: 'call', hop: parseHop('f → dynamodb:Query'), to: 'table' };

it('counts the passes of a hop to the places of one node together', () => {
  const recorder = new Recorder(new ManualClock());
  recorder.note(query, { trace: 'one' });
  recorder.note({ ...query, to: 'table/index/byName' }, { trace: 'one' });
  recorder.note({ ...query, to: 'other' }, { trace: 'one' });
  const dead: Passing = { kind: 'dead-letter', hop: parseHop('dead letter → queue'), to: 'queue' };
  recorder.note(dead, recorder.note({ ...query, to: 'other' }, { trace: 'two' }));
  const report = TrafficReport.parse(trafficReport(recorder.traffic, architecture));
  expect(report).toMatchObject({
    window: 300_000,
    hops: [
      { hop: query.hop, to: 'TABLE', passed: 2, failed: 0, running: 0, p50: 0, p99: 0 },
      { hop: query.hop, to: 'OTHER', passed: 2 },
      { hop: dead.hop, from: 'OTHER', to: 'QUEUE', passed: 1 },
    ],
  });
});
