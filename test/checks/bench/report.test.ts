import { comparisonRows, figureRows, threadRows } from '../../../checks/bench/report.ts';
import { missMark, targetText } from '../../../checks/bench/target.ts';

it.each([
  [{ most: 1.6 }, 1.6, ''],
  [{ most: 1.6 }, 1.61, 'MISSED'],
  [{ most: 1.6 }, Number.NaN, 'MISSED'],
  [{ least: 2 }, 2, ''],
  [{ least: 2 }, 1.99, 'MISSED'],
  [undefined, 7, ''],
])('marks with the target %j the value %d as "%s"', (target, value, mark) => {
  expect(missMark(target, value)).toBe(mark);
});

it('prints a target with its unit', () => {
  expect(targetText({ most: 0.5 }, '×')).toBe('≤ 0.5 ×');
  expect(targetText({ least: 2 }, '×')).toBe('≥ 2 ×');
  expect(targetText(undefined, '×')).toBe('');
});

it('prints the median, the range and a missed target of each figure that was measured', () => {
  const runs = [{ memoryLast: 500 }, { memoryLast: 440 }, { memoryLast: 460, overFloorWarm: 1.5 }];
  expect(figureRows(runs).slice(1)).toEqual([
    ['CPU ÷ floor, warm', '1.50', '1.50 – 1.50', '×', '≤ 1.6 ×', ''],
    ['memory after load 5', '460', '440 – 500', 'MB', '≤ 450 MB', 'MISSED'],
  ]);
});

it('compares with another app by the median of the ratios of the pairs', () => {
  const pairs = [
    { here: { cpuWarm: 4, rate: 300 }, there: { cpuWarm: 10, rate: 100 } },
    { here: { cpuWarm: 6, rate: 100 }, there: { cpuWarm: 20, rate: 80 } },
    { here: { cpuWarm: 30, rate: 90 }, there: { cpuWarm: 50, rate: 60 } },
  ];
  expect(comparisonRows('v1', pairs)).toEqual([
    ['figure', 'here', 'v1', 'unit', 'ratio', 'lowest – highest', 'target', ''],
    ['CPU a post, warm', '6.00', '20.0', 'ms', '0.40', '0.30 – 0.60', '≤ 0.5 × the other', ''],
    [
      'posts until pushed, 16 clients',
      '100',
      '80.0',
      'posts/s',
      '1.50',
      '1.25 – 3.00',
      '≥ 2 × the other',
      'MISSED',
    ],
  ]);
});

it('compares a figure that only this app has without a ratio', () => {
  const [, row] = comparisonRows('v1', [{ here: { overFloorWarm: 2 }, there: {} }]);
  expect(row).toEqual(['CPU ÷ floor, warm', '2.00', '', '×', '', '', '≤ 1.6 ×', 'MISSED']);
});

it('prints the CPU time of each thread beside the floor', () => {
  const times = (main: number, other: number) => ({
    cold: new Map([['main', 2 * main]]),
    warm: new Map([
      ['main', main],
      ['create-post', other],
    ]),
  });
  const threads = new Map([['create-post', 2]]);
  expect(threadRows([{ cpu: times(3, 1), floor: times(2, 0.5), threads }]).slice(1)).toEqual([
    ['main', '', '6.00', '3.00', '4.00', '2.00'],
    ['create-post', '2', '0.00', '1.00', '0.00', '0.50'],
    ['all', '', '6.00', '4.00', '4.00', '2.50'],
  ]);
});
