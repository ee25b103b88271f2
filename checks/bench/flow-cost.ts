import { LocalCloud } from '../../testing/local-cloud.ts';
import { UNTHROTTLED } from '../../testing/unthrottled.ts';

const ROUNDS = 8;
const WARM_UP_POSTS = 2_000;
const POSTS = 1_000;

/**
 * Measures the share of the throughput, in percent, that recording for the flow view costs. A local
 * cloud that records and one that does not take turns, so that other load on the machine slows down
 * both.
 * @param load posts `posts` posts after `warmUp` others, and returns the milliseconds until the
 * last push
 * @returns the share of each round; negative if the cloud that records was faster
 */
export async function flowCosts(
  load: (url: string, warmUp: number, posts: number) => Promise<{ total: number }>,
): Promise<number[]> {
  const recording = await LocalCloud.start(UNTHROTTLED);
  const other = await LocalCloud.start([...UNTHROTTLED, '--no-flow']);
  try {
    for (const { url } of [recording, other]) await load(url, 0, WARM_UP_POSTS);
    const shares: number[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      const totals = new Map<LocalCloud, number>();
      // They take turns in going first.
      for (const cloud of round % 2 === 0 ? [recording, other] : [other, recording])
        totals.set(cloud, (await load(cloud.url, 0, POSTS)).total);
      shares.push(100 * (1 - (totals.get(other) ?? 0) / (totals.get(recording) ?? 0)));
    }
    return shares;
  } finally {
    await recording.stop();
    await other.stop();
  }
}
