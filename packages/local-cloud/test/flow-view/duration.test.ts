import { durationText } from '../../flow-view/duration.ts';

it.each([
  [0, '0 ms'],
  [0.42, '0.4 ms'],
  [12.3, '12 ms'],
  [999.4, '999 ms'],
  [999.6, '1 s'],
  [1_234, '1.23 s'],
  [45_678, '45.7 s'],
  [59_960, '1 min'],
  [65_000, '1 min 5 s'],
  [3_599_600, '1 h'],
  [7_380_000, '2 h 3 min'],
  [86_400_000, '24 h'],
])('formats %d ms as %s', (ms, text) => {
  expect(durationText(ms)).toBe(text);
});
