import type { Target } from './target.ts';

export interface Figure {
  name: string;
  unit: string;
  /** What the value must be. */
  target?: Target;
  /** What the value divided by that of another commit must be. */
  ratioTarget?: Target;
}

/** Ratios of the time to start differ by this much from run to run. */
const noSlower: Target = { most: 1.05 };

/** The figures of one run, in the order in which they are printed. */
export const figures = {
  readyCold: { name: 'ready, cold', unit: 's', target: { most: 3 }, ratioTarget: noSlower },
  readyAgain: { name: 'ready, nothing changed', unit: 's', target: { most: 1 }, ratioTarget: noSlower },
  stopped: { name: 'stopped after Ctrl-C', unit: 's', target: { most: 2 } },
  cpuCold: { name: 'CPU a post, first 300 posts', unit: 'ms' },
  cpuWarm: { name: 'CPU a post, warm', unit: 'ms', ratioTarget: { most: 0.5 } },
  overFloorCold: { name: 'CPU ÷ floor, first 300 posts', unit: '×' },
  overFloorWarm: { name: 'CPU ÷ floor, warm', unit: '×', target: { most: 1.6 } },
  firstPost: { name: 'POST, p50, first 100 posts', unit: 'ms', ratioTarget: { most: 0.6 } },
  firstPush: { name: 'POST to push, p50, first 100 posts', unit: 'ms', ratioTarget: { most: 0.6 } },
  warmPost: { name: 'POST, p50, warm', unit: 'ms', ratioTarget: { most: 0.5 } },
  warmPush: { name: 'POST to push, p50, warm', unit: 'ms', ratioTarget: { most: 0.5 } },
  rate: { name: 'posts until pushed, 16 clients', unit: 'posts/s', ratioTarget: { least: 2 } },
  memoryIdle: { name: 'memory, idle', unit: 'MB', target: { most: 220 } },
  memoryFirst: { name: 'memory after load 1', unit: 'MB' },
  memorySecond: { name: 'memory after load 2', unit: 'MB' },
  memoryThird: { name: 'memory after load 3', unit: 'MB' },
  memoryFourth: { name: 'memory after load 4', unit: 'MB' },
  memoryLast: { name: 'memory after load 5', unit: 'MB', target: { most: 450 } },
  memoryGrowth: { name: 'memory after load 5 ÷ after load 1', unit: '×', target: { most: 1.1 } },
} satisfies Record<string, Figure>;

/** The values of one run. Without `/proc`, those of CPU time are absent. */
export type Values = { [Name in keyof typeof figures]?: number | undefined };
