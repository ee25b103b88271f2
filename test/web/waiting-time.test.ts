import { waitingTime } from '../../web/waiting-time.ts';

it.each([
  [0, '1 second'],
  [1, '1 second'],
  [90, '90 seconds'],
  [91, '2 minutes'],
  [3540, '59 minutes'],
  [3600, '60 minutes'],
  [7200, '2 hours'],
])('says %d s as "%s"', (seconds, words) => {
  expect(waitingTime(seconds)).toBe(words);
});
