import { memoryTrend } from '../../../checks/soak/memory-trend.ts';

it('treats memory as flat while the last quarter is at most a tenth above the second', () => {
  const quarters = (...values: number[]) => values.flatMap((value) => [value, value, 999]);
  expect(memoryTrend(quarters(100, 200, 300, 220))).toEqual({ quarters: [100, 200, 300, 220], flat: true });
  expect(memoryTrend(quarters(100, 200, 200, 221))).toMatchObject({ flat: false });
  expect(memoryTrend(quarters(100, 200, 200, 100))).toMatchObject({ flat: true });
  expect(memoryTrend([])).toMatchObject({ flat: false });
});
