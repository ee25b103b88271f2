import { processesIn, treeOf } from '../../../checks/bench/process-tree.ts';

const lines = `
    1     0   2000 init
   10     1  59000 npm start --por
   11    10   1600 sh
   12    11 130000 node
   13    12  45000 esbuild
   20     1   9000 node
`;

it('returns a process and its descendants', () => {
  expect(treeOf(10, processesIn(lines))).toEqual([
    { pid: 10, parent: 1, kilobytes: 59_000, command: 'npm start --por' },
    { pid: 11, parent: 10, kilobytes: 1_600, command: 'sh' },
    { pid: 12, parent: 11, kilobytes: 130_000, command: 'node' },
    { pid: 13, parent: 12, kilobytes: 45_000, command: 'esbuild' },
  ]);
});

it('returns nothing for a process that has ended', () => {
  expect(treeOf(99, processesIn(lines))).toEqual([]);
});
