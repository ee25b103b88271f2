import { type CpuTimes, cpuAPost } from './cpu-time.ts';

/** The posts after the start that the figures call the first ones. */
const FIRST_POSTS = 100;
/** The posts after the start whose CPU time is called cold, with the first posts. */
const COLD_POSTS = 300;
/** The clients that post at the same time. */
const CLIENTS = 16;
const LOADS = 5;
/** V8 optimizes the code of the SDK after some thousand calls, so the first loads are not warm. */
const WARM_UP_LOADS = 2;
const LOAD_POSTS = 600;

/** Takes posts. */
export interface Loadable<Times> {
  /** Sends posts, as many at once as there are clients. */
  load: (posts: number, clients: number) => Promise<Times>;
  /** Returns the CPU time so far; absent where it cannot be measured. */
  cpu?: (() => CpuTimes) | undefined;
}

/** The CPU time of a post, by thread, in milliseconds. */
export interface CpuOfAPost {
  cold: CpuTimes;
  warm: CpuTimes;
}

export interface LoadFigures<Times> {
  /** The times of the first posts, which one client sends one after the other. */
  first: Times;
  /** The times of the same number of posts at the end. */
  last: Times;
  cpu: CpuOfAPost | undefined;
  /** The times of the loads that are warm. */
  warm: Times[];
}

/** Sends all posts of a run to a process that has just started. */
export async function runLoads<Times>(
  target: Loadable<Times>,
  afterLoad: (load: number) => void = () => {},
): Promise<LoadFigures<Times>> {
  const load = (posts: number, clients: number) => target.load(posts, clients);
  const cpu = () => target.cpu?.() ?? new Map<string, number>();
  const started = cpu();
  const first = await load(FIRST_POSTS, 1);
  await load(COLD_POSTS - FIRST_POSTS, CLIENTS);
  const cold = cpuAPost(started, cpu(), COLD_POSTS);
  const warm: Times[] = [];
  let warmedUp = cpu();
  for (let number = 1; number <= LOADS; number++) {
    const times = await load(LOAD_POSTS, CLIENTS);
    afterLoad(number);
    if (number === WARM_UP_LOADS) warmedUp = cpu();
    if (number > WARM_UP_LOADS) warm.push(times);
  }
  const ended = cpu();
  const last = await load(FIRST_POSTS, 1);
  return {
    first,
    last,
    warm,
    cpu: target.cpu && { cold, warm: cpuAPost(warmedUp, ended, warm.length * LOAD_POSTS) },
  };
}
