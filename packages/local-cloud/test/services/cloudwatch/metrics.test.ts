import fc from 'fast-check';
import { Metrics } from '../../../src/services/cloudwatch/metrics.ts';
import { ManualClock } from '../../fixtures/manual-clock.ts';
import { RecordedLog } from '../../fixtures/recorded-log.ts';

const clock = new ManualClock();
const log = new RecordedLog();

/** Returns a line in the embedded metric format. */
const line = (members: object = {}, directive: object = {}, metadata: object = {}) =>
  JSON.stringify({
    _aws: {
      Timestamp: clock.now(),
      CloudWatchMetrics: [
        {
          Namespace: 'Shop',
          Dimensions: [['stage']],
          Metrics: [{ Name: 'Time', Unit: 'Milliseconds' }],
          ...directive,
        },
      ],
      ...metadata,
    },
    stage: 'dev',
    Time: 20,
    ...members,
  });

/** Returns the metrics after these lines. */
function metricsAfter(...lines: string[]) {
  const metrics = new Metrics({ clock, log });
  for (const each of lines) metrics.read(each);
  return metrics.list;
}

const time = { namespace: 'Shop', name: 'Time', unit: 'Milliseconds', dimensions: { stage: 'dev' } };

it('sums up the values of a metric', () => {
  const lines = Array.from({ length: 100 }, (_, n) => line({ Time: n + 1 }));
  expect(metricsAfter(...lines.reverse())).toEqual([
    {
      ...time,
      count: 100,
      sum: 5050,
      minimum: 1,
      average: 50.5,
      maximum: 100,
      p50: 50,
      p90: 90,
      p99: 99,
    },
  ]);
});

it('reads the totals of all values, and the percentiles of the newest 10,000', () => {
  const values = (value: number) => line({ Time: Array(100).fill(value) });
  const lines = [...Array(5).fill(values(9)), ...Array(100).fill(values(1))];
  expect(metricsAfter(...lines)).toMatchObject([{ count: 10_500, sum: 14_500, maximum: 9, p50: 1, p99: 1 }]);
});

it.each([
  ['a list of values', line({ Time: [1, 2.5] }), [{ ...time, count: 2, sum: 3.5 }]],
  ['no unit', line({}, { Metrics: [{ Name: 'Time' }] }), [{ ...time, unit: 'None' }]],
  ['no dimensions', line({}, { Dimensions: [[]] }), [{ ...time, dimensions: {} }]],
  [
    'two sets of dimensions',
    line({ page: '/' }, { Dimensions: [['stage'], ['stage', 'page']] }),
    [time, { ...time, dimensions: { stage: 'dev', page: '/' } }],
  ],
  [
    'two metrics, one of high resolution',
    line(
      { Size: 1 },
      { Metrics: [{ Name: 'Time' }, { Name: 'Size', Unit: 'Bytes/Second', StorageResolution: 1 }] },
    ),
    [
      { name: 'Time', unit: 'None' },
      { name: 'Size', unit: 'Bytes/Second' },
    ],
  ],
  [
    'two directives',
    line(
      {},
      {},
      {
        CloudWatchMetrics: ['A', 'B'].map((Namespace) => ({
          Namespace,
          Dimensions: [[]],
          Metrics: [{ Name: 'Time' }],
        })),
      },
    ),
    [{ namespace: 'A' }, { namespace: 'B' }],
  ],
  ['a time two weeks ago', line({}, {}, { Timestamp: clock.now() - 14 * 24 * 3_600_000 }), [time]],
])('reads a line with %s', (_, given, expected) => {
  expect(metricsAfter(given)).toMatchObject(expected);
});

it('does not mind the order of the dimensions', () => {
  const [one, other] = [
    ['a', 'b'],
    ['b', 'a'],
  ].map((keys) => line({ a: '1', b: '2' }, { Dimensions: [keys] }));
  expect(metricsAfter(one ?? '', other ?? '')).toMatchObject([{ count: 2 }]);
});

it.each([
  ['no JSON', '"_aws" is not JSON'],
  ['text around the JSON', `INFO ${line()}`],
  ['no metadata', '{"Time":20}'],
  ['metadata inside of another member', JSON.stringify({ message: JSON.parse(line()) })],
  ['no time', line({}, {}, { Timestamp: undefined })],
  ['a time that is too old', line({}, {}, { Timestamp: clock.now() - 14 * 24 * 3_600_000 - 1 })],
  ['a time in the future', line({}, {}, { Timestamp: clock.now() + 2 * 3_600_000 + 1 })],
  ['no namespace', line({}, { Namespace: '' })],
  ['dimensions that are not sets', line({}, { Dimensions: ['stage'] })],
  ['no set of dimensions', line({}, { Dimensions: [] })],
  ['31 dimensions', line({}, { Dimensions: [Array(31).fill('stage')] })],
  ['an unknown unit', line({}, { Metrics: [{ Name: 'Time', Unit: 'Hours' }] })],
  ['101 metrics', line({}, { Metrics: Array(101).fill({ Name: 'Time' }) })],
  ['a metric that is not a member', line({}, { Metrics: [{ Name: 'Size' }] })],
  ['an inherited member', line({}, { Metrics: [{ Name: 'toString' }] })],
  ['a value that is text', line({ Time: '20' })],
  ['101 values', line({ Time: Array(101).fill(1) })],
  ['no values', line({ Time: [] })],
  ['a dimension that is not a member', line({ stage: undefined })],
  ['a dimension that is a number', line({ stage: 1 })],
])('ignores a line with %s', (_, given) => {
  expect(metricsAfter(given)).toEqual([]);
});

it('ignores whatever else a function writes', () => {
  const members = fc.record({
    _aws: fc.oneof(
      fc.jsonValue(),
      fc.record({
        Timestamp: fc.constant(clock.now()),
        CloudWatchMetrics: fc.oneof(fc.jsonValue(), fc.array(fc.jsonValue())),
      }),
    ),
  });
  fc.assert(fc.property(members, (document) => expect(metricsAfter(JSON.stringify(document))).toEqual([])));
});

it('limits the number of metrics, and says so once', () => {
  const lines = Array.from({ length: 1_002 }, (_, n) => line({ stage: `${n}` }));
  expect(metricsAfter(...lines, line({ stage: '0' }))).toHaveLength(1_000);
  expect(log.warnings).toEqual([expect.stringContaining('1000 metrics')]);
});
