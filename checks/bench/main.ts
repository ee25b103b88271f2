import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import * as z from 'zod/mini';
import { type App, appIn } from './app.ts';
import { checkOut } from './checkout.ts';
import { canMeasureCpu } from './cpu-time.ts';
import { reportFanOut, reportFlowCost, reportHandlers, reportSilentClients } from './full.ts';
import { comparisonRows, figureRows, type Pair, threadRows } from './report.ts';
import { measureApp, measureWithFloor } from './run.ts';
import { printTable } from './table.ts';
import { ThreadNames } from './thread-names.ts';

const Options = z.object({
  against: z.optional(z.string()),
  full: z.boolean(),
  listeners: z.optional(z.number()),
});

const command = new Command('npm run bench --')
  .description(
    'Measures the start, the CPU time, the latency, the throughput and the memory of the local cloud, and ' +
      'compares its CPU time with the floor: the same calls to a server that answers at once.',
  )
  .option('--against <commit>', 'measures this commit too, in turns, and prints the ratios')
  .option(
    '--full',
    'measures five times instead of three, and also the cost of recording the flow, the fan-out of a change ' +
      'to many listeners, the harm by clients that never read, and the import of the handlers',
    false,
  )
  .option(
    '--listeners <number>',
    'with --full: the listeners of the fan-out, 1000 if absent',
    parsedListeners,
  )
  .showSuggestionAfterError(false);

function parsedListeners(text: string): number {
  const { success, data } = z.coerce.number().check(z.int(), z.gte(10)).safeParse(text);
  if (!success) throw new InvalidArgumentError('It must be a whole number from 10 on.');
  return data;
}

const { against, full, listeners } = Options.parse(command.parse().opts());
if (listeners !== undefined && !full) command.error('--listeners has no effect without --full.');
const here = await appIn('.');
const there = against === undefined ? undefined : await appIn(checkOut(against));
const folder = await mkdtemp(join(tmpdir(), 'bench-'));
try {
  console.log(`Node.js ${process.version}, ${cpus().length} × ${cpus()[0]?.model}.`);
  console.log(`The stack with ${here.unthrottled.join(' ')}.`);
  if (!canMeasureCpu()) console.log('CPU time is not measured: this system has no /proc.');
  await reportRuns(full ? 5 : 3, there);
  if (full) {
    await reportFlowCost(here);
    await reportFanOut(listeners ?? 1_000);
    await reportSilentClients();
    await reportHandlers(folder);
  }
} finally {
  await rm(folder, { recursive: true, force: true });
}

/** Measures this app, and another in turns with it, and prints the figures. */
async function reportRuns(count: number, other: App | undefined): Promise<void> {
  const threads = join(folder, 'threads');
  await mkdir(threads);
  const names = new ThreadNames(threads);
  const runs: Awaited<ReturnType<typeof measureWithFloor>>[] = [];
  const pairs: Pair[] = [];
  for (let run = 0; run < count; run++) {
    // They take turns in going first.
    const first = other && run % 2 === 1 ? await measureApp(other, names) : undefined;
    const measured = await measureWithFloor(here, names, folder);
    runs.push(measured);
    if (other)
      pairs.push({ here: measured.values, there: (first ?? (await measureApp(other, names))).values });
    process.stderr.write(`run ${run + 1} of ${count} done\n`);
  }
  console.log();
  printTable(other ? comparisonRows(against ?? '', pairs) : figureRows(runs.map(({ values }) => values)));
  if (canMeasureCpu()) printTable(threadRows(runs));
}
