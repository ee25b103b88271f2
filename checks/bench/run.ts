import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type App, RunningApp } from './app.ts';
import { type Call, callsOfAPost } from './calls-of-a-post.ts';
import { canMeasureCpu, cpuTimes, totalOf } from './cpu-time.ts';
import type { Values } from './figures.ts';
import { Floor } from './floor.ts';
import { type CpuOfAPost, type LoadFigures, runLoads } from './loads.ts';
import { residentMegabytes } from './memory.ts';
import { sendPosts, type Times } from './sent-posts.ts';
import { median } from './statistics.ts';
import type { ThreadNames } from './thread-names.ts';

/** One run of an app. Without `/proc`, CPU times are absent. */
export interface Run {
  values: Values;
  cpu: CpuOfAPost | undefined;
  /** The number of threads by name. */
  threads: ReadonlyMap<string, number>;
}

/**
 * Starts an app twice, first without the output of an earlier synthesis, and loads it.
 * @param inspect reads more from the running app after the loads
 */
export async function measureApp(
  app: App,
  names: ThreadNames,
  inspect: (url: string) => Promise<void> = async () => {},
): Promise<Run> {
  await rm(join(app.folder, '.local', 'assemblies'), { recursive: true, force: true });
  const cold = await RunningApp.start(app, names.environment);
  const stopped = await cold.stop();
  const running = await RunningApp.start(app, names.environment);
  try {
    const { pid, readyAfter } = running;
    const memoryIdle = residentMegabytes(pid);
    const memory: number[] = [];
    const loads = await runLoads(
      {
        load: (posts, clients) => sendPosts(running, posts, clients),
        cpu: canMeasureCpu() ? () => cpuTimes(pid, names.of(pid)) : undefined,
      },
      () => memory.push(residentMegabytes(pid)),
    );
    await inspect(running.url);
    return {
      values: {
        readyCold: cold.readyAfter / 1000,
        readyAgain: readyAfter / 1000,
        stopped: stopped / 1000,
        memoryIdle,
        ...valuesOf(loads),
        ...memoryValues(memory),
      },
      cpu: loads.cpu,
      threads: names.count(pid),
    };
  } finally {
    await running.stop();
  }
}

/**
 * Measures an app, and then the floor with the same calls and as many threads.
 * @param folder for the bundles of the floor
 */
export async function measureWithFloor(
  app: App,
  names: ThreadNames,
  folder: string,
): Promise<Run & { floor: CpuOfAPost | undefined }> {
  let calls: ReadonlyMap<string, Call[]> = new Map();
  const run = await measureApp(app, names, async (url) => {
    calls = await callsOfAPost(url);
  });
  if (!run.cpu) return { ...run, floor: undefined };
  const functions = [...calls].map(([name, calls]) => ({
    name,
    calls,
    environments: run.threads.get(name) ?? 1,
  }));
  const floor = await Floor.start(folder, functions, names);
  try {
    const { cpu } = await runLoads(floor);
    if (!cpu) return { ...run, floor: undefined };
    const overFloorCold = totalOf(run.cpu.cold) / totalOf(cpu.cold);
    const overFloorWarm = totalOf(run.cpu.warm) / totalOf(cpu.warm);
    return { ...run, values: { ...run.values, overFloorCold, overFloorWarm }, floor: cpu };
  } finally {
    await floor.stop();
  }
}

function valuesOf({ first, last, warm, cpu }: LoadFigures<Times>): Values {
  const posts = warm.reduce((sum, { post }) => sum + post.length, 0);
  const seconds = warm.reduce((sum, { total }) => sum + total, 0) / 1000;
  return {
    ...(cpu && { cpuCold: totalOf(cpu.cold), cpuWarm: totalOf(cpu.warm) }),
    firstPost: median(first.post),
    firstPush: median(first.push),
    warmPost: median(last.post),
    warmPush: median(last.push),
    rate: posts / seconds,
  };
}

function memoryValues(memory: number[]): Values {
  const [memoryFirst, memorySecond, memoryThird, memoryFourth, memoryLast] = [0, 1, 2, 3, 4].map(
    (load) => memory[load] ?? Number.NaN,
  );
  const memoryGrowth = (memoryLast ?? Number.NaN) / (memoryFirst ?? Number.NaN);
  return { memoryFirst, memorySecond, memoryThird, memoryFourth, memoryLast, memoryGrowth };
}
