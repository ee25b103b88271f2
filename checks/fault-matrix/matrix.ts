import { architectureOf } from 'local-cloud/architecture';
import { RecordedLog } from 'local-cloud/fixtures/recorded-log';
import { synthesizedAssembly } from '../../testing/assembly.ts';
import { unthrottled } from '../../testing/unthrottled.ts';
import { VirtualCloud } from '../../testing/virtual-cloud.ts';
import { StackGraph } from '../stack-graph.ts';
import type { Cell, PassedHop } from './cells.ts';
import { hopsOf } from './hops.ts';
import { Stage } from './stage.ts';
import type { CellResult } from './verdict.ts';

/**
 * Synthesizes the stack without its throttles: the clock stands still, so they would let nothing
 * pass.
 */
export function unthrottledAssembly(): Promise<string> {
  return synthesizedAssembly(unthrottled);
}

let rehearsal: Promise<PassedHop[]> | undefined;

/**
 * Returns the hops of the stack that posts pass when nothing goes wrong. All callers share one
 * rehearsal.
 */
export function matrixHops(): Promise<PassedHop[]> {
  rehearsal ??= rehearse();
  return rehearsal;
}

async function rehearse(): Promise<PassedHop[]> {
  const assembly = await unthrottledAssembly();
  const hops = hopsOf(new StackGraph(architectureOf(assembly)));
  return onStage('rehearsal', assembly, (stage) => stage.rehearse(hops));
}

/**
 * Returns a hop of the matrix.
 * @throws {Error} if the matrix has no such hop
 */
export async function hopNamed(name: string): Promise<PassedHop> {
  const hops = await matrixHops();
  const hop = hops.find((one) => one.name === name);
  if (!hop)
    throw new Error(`The matrix has no hop "${name}", only: ${hops.map((one) => one.name).join(', ')}.`);
  return hop;
}

/**
 * Plays cells one after the other. With the same seed and cells, the same faults affect the same
 * posts, except at the relay, whose order depends on the IDs of the posts.
 */
export function play(cells: Cell[], seed: string, assembly: string): Promise<CellResult[]> {
  return onStage(seed, assembly, async (stage) => {
    const results: CellResult[] = [];
    for (const cell of cells) results.push(await stage.play(cell));
    return results;
  });
}

async function onStage<T>(seed: string, assembly: string, act: (stage: Stage) => Promise<T>): Promise<T> {
  const log = new RecordedLog();
  const cloud = await VirtualCloud.start(assembly, log, { seed, comprehendRate: 1000 });
  try {
    return await act(await Stage.open(cloud, log));
  } finally {
    await cloud.stop();
  }
}
