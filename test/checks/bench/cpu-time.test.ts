import { cpuAPost, cpuTimeIn, totalOf } from '../../../checks/bench/cpu-time.ts';

it.each([
  ['a plain name', '4711 (node) S 1 1 1 0 -1 4194304 126 0 0 0 93 12 4 5 20 0 1 0 105793 2998272', 1050],
  ['a name with a space and a parenthesis', '4711 (npm start) R) R 1 1 1 0 -1 4 1 0 0 0 7 0 0 0 20 0', 70],
])('sums user and system time after %s', (_, stat, expected) => {
  expect(cpuTimeIn(stat)).toBe(expected);
});

it('refuses a line without times', () => {
  expect(() => cpuTimeIn('4711 (node) S 1')).toThrow('has no CPU times');
});

it('divides the time between two measurements by the posts, also of threads that are new or have ended', () => {
  const from = new Map([
    ['main', 100],
    ['ended', 50],
  ]);
  const to = new Map([
    ['main', 700],
    ['create-post', 200],
    ['ended threads', 50],
  ]);
  const times = cpuAPost(from, to, 100);
  expect(Object.fromEntries(times)).toEqual({ main: 6, 'create-post': 2, ended: -0.5, 'ended threads': 0.5 });
  expect(totalOf(times)).toBe(8);
});
