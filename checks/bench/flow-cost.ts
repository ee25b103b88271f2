import { type App, RunningApp } from './app.ts';
import { canMeasureCpu, cpuTimes, totalOf } from './cpu-time.ts';
import { sendPosts } from './sent-posts.ts';

const PAIRS = 16;
const WARM_UP_POSTS = 2_000;
const POSTS = 300;
const CLIENTS = 16;

/**
 * Measures the share of the CPU time of a post, in percent, that recording for the flow view takes.
 * A local cloud that records and one that does not take turns, so that other load on the machine
 * slows down both.
 * @returns the share of each pair, negative if recording took less; nothing without `/proc`
 */
export async function flowCosts(app: App): Promise<number[]> {
  if (!canMeasureCpu()) return [];
  const recording = await RunningApp.start(app);
  const other = await RunningApp.start(app, {}, ['--no-flow']);
  try {
    for (const cloud of [recording, other]) await sendPosts(cloud, WARM_UP_POSTS, CLIENTS);
    const shares: number[] = [];
    for (let pair = 0; pair < PAIRS; pair++) {
      const used = new Map<RunningApp, number>();
      // They take turns in going first.
      for (const cloud of pair % 2 === 0 ? [recording, other] : [other, recording]) {
        const before = totalOf(cpuTimes(cloud.pid));
        await sendPosts(cloud, POSTS, CLIENTS);
        used.set(cloud, totalOf(cpuTimes(cloud.pid)) - before);
      }
      shares.push(100 * ((used.get(recording) ?? 0) / (used.get(other) ?? 0) - 1));
    }
    return shares;
  } finally {
    await recording.stop();
    await other.stop();
  }
}
