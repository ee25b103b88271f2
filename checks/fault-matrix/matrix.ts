import { RecordedLog } from 'local-cloud/fixtures/recorded-log';
import { synthesizedAssembly } from '../../testing/assembly.ts';
import { VirtualCloud } from '../../testing/virtual-cloud.ts';
import type { Cell } from './hops.ts';
import { Stage } from './stage.ts';
import type { CellResult } from './verdict.ts';

/** The stack without the throttles that a clock which stands still would never let through. */
export function unthrottledAssembly(): Promise<string> {
  const context = { restRate: '1000', restBurst: '1000', webSocketRate: '1000' };
  return synthesizedAssembly(context);
}

/**
 * Plays cells one after the other, the faults of all from one seed. The same seed and cells have the same faults
 * strike the same posts; but at the relay, which comes to the posts by their ids.
 */
export async function play(cells: Cell[], seed: string, assembly: string): Promise<CellResult[]> {
  const log = new RecordedLog();
  const cloud = await VirtualCloud.start(assembly, log, { seed, comprehendRate: 1000 });
  try {
    const stage = await Stage.open(cloud, log);
    const results: CellResult[] = [];
    for (const cell of cells) results.push(await stage.play(cell));
    return results;
  } finally {
    await cloud.stop();
  }
}
