import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Command, InvalidArgumentError } from 'commander';
import * as z from 'zod/mini';
import { LocalCloud } from '../../testing/local-cloud.ts';
import { UNTHROTTLED } from '../../testing/unthrottled.ts';
import { measureFanOut } from './fan-out.ts';
import { flowCosts } from './flow-cost.ts';
import { measureHandlers, ratio } from './handlers.ts';
import { residentMegabytes } from './memory.ts';
import { measureSilentClients } from './silent-clients.ts';
import { median, percentile } from './statistics.ts';
import { printTable } from './table.ts';

const RUNS = 5;
const LOAD_CLIENTS = 16;
const LOAD_POSTS = 3_000;
/** V8 optimizes the code of the SDK after some thousand calls. */
const WARM_UP_POSTS = 2_000;
const LATENCY_POSTS = 300;
/** The WebSocket connections of the fan-out. With more listeners, each connection is a listener. */
const CONNECTIONS = 10_000;

const SILENT_CLIENTS = 20;

const Load = z.object({ post: z.array(z.number()), push: z.array(z.number()), total: z.number() });

interface Figure {
  name: string;
  unit: string;
  values: number[];
  target: string;
}

const command = new Command('npm run bench --')
  .description(
    'Measures the start, the throughput, the latency and the memory of the local cloud, the fan-out of a ' +
      'change to many listeners, the harm by clients that never read, and the size and the import time of the ' +
      'handlers.',
  )
  .option('--listeners <number>', 'the number of clients that listen to the post', parsedListeners, 1_000)
  .showSuggestionAfterError(false);
const { listeners } = z.object({ listeners: z.number() }).parse(command.parse().opts());

const folder = await mkdtemp(join(tmpdir(), 'bench-'));
const figures = new Map<string, Figure>();
const loopRates: number[] = [];

function parsedListeners(text: string): number {
  const { success, data } = z.coerce.number().check(z.int(), z.gte(10)).safeParse(text);
  if (!success) throw new InvalidArgumentError('It must be a whole number from 10 on.');
  return data;
}

function record(name: string, value: number, unit: string, target = ''): void {
  const figure = figures.get(name) ?? { name, unit, values: [], target };
  figure.values.push(value);
  figures.set(name, figure);
}

try {
  console.log(`Node.js ${process.version}, ${cpus().length} × ${cpus()[0]?.model}, ${RUNS} runs.`);
  console.log(`The stack with ${UNTHROTTLED.join(' ')}.\n`);
  for (let run = 0; run < RUNS; run++) {
    loopRates.push(cpuLoopRate());
    await rm('.local/assemblies', { recursive: true, force: true });
    await measureStart('ready, cold', '≤ 3');
    await measureStart('ready, nothing changed', '≤ 1');
    await measureFlow();
    process.stderr.write(`run ${run + 1} of ${RUNS} done\n`);
  }
  for (const share of await flowCosts((url, ...posts) => load(url, LOAD_CLIENTS, ...posts)))
    record('throughput lost by recording the flow', share, '%', '≤ 5');
  printTable([
    ['figure', 'median', 'lowest – highest', 'unit', 'target'],
    ...[...figures.values()].map(({ name, values, unit, target }) => [
      name,
      format(median(values)),
      `${format(Math.min(...values))} – ${format(Math.max(...values))}`,
      unit,
      target,
    ]),
    [
      'fixed CPU loop',
      format(median(loopRates)),
      `${format(Math.min(...loopRates))} – ${format(Math.max(...loopRates))}`,
      'rounds/s',
      '',
    ],
  ]);

  const connections = Math.max(CONNECTIONS, listeners);
  const fanOut = await measureFanOut(connections, listeners);
  const calls = [...new Set(fanOut.flatMap((row) => [...row.calls.keys()]))];
  console.log(
    `One post changes. There are ${connections} WebSocket connections, whose clients are all in one process:`,
  );
  printTable([
    ['listeners', 'gone', 'change to last push, ms', ...calls, 'received once', 'dead items left', 'target'],
    ...fanOut.map((row) => [
      String(row.listeners),
      String(row.gone),
      format(row.time),
      ...calls.map((call) => String(row.calls.get(call) ?? 0)),
      String(row.toldOnce),
      String(row.deadItems),
      `${row.listeners - row.gone} received once, 0 left`,
    ]),
  ]);

  const silentClients = [await measureSilentClients(0), await measureSilentClients(SILENT_CLIENTS)];
  console.log('200 posts of 90 KB are pushed to one client that reads, and to others that never do:');
  printTable([
    [
      'clients that never read',
      'POST to push, p50, ms',
      'repeated',
      'dead letters',
      'memory, MB: peak',
      'after',
      'target',
    ],
    ...silentClients.map(({ silent, push, repeated, deadLetters, peak, after }) => [
      ...[silent, Math.round(push), repeated, deadLetters, Math.round(peak), Math.round(after)].map(String),
      silent === 0 ? '' : '≤ 2 × the first row, 0, 0, ≤ 100 more after',
    ]),
  ]);

  const { handlers, commonJs } = await measureHandlers(folder, 2 * RUNS + 1);
  printTable([
    ['handler', 'KB', 'import, ms', 'floor, KB', 'floor, ms', 'ratio', 'target'],
    ...handlers.map(({ handler, floor }) => [
      handler.name,
      format(handler.kilobytes),
      format(median(handler.importTimes)),
      format(floor.kilobytes),
      format(median(floor.importTimes)),
      ratio(handler, floor).toFixed(2),
      '≤ 1.3',
    ]),
  ]);
  const createPost = handlers.find(({ handler }) => handler.name === 'create-post');
  printTable([
    ['for information', 'KB', 'import, ms', 'import time of create-post / this', 'target'],
    [
      commonJs.name,
      format(commonJs.kilobytes),
      format(median(commonJs.importTimes)),
      createPost ? ratio(createPost.handler, commonJs).toFixed(2) : '',
      '≤ 0.33',
    ],
  ]);
} finally {
  await rm(folder, { recursive: true, force: true });
}

/** Measures the time from the command to the printed URLs, with new data. */
async function measureStart(name: string, target: string): Promise<void> {
  const start = performance.now();
  const cloud = await LocalCloud.start(UNTHROTTLED);
  record(name, (performance.now() - start) / 1000, 's', target);
  const stop = performance.now();
  await cloud.stop();
  record('stopped after Ctrl-C', (performance.now() - stop) / 1000, 's', '≤ 2');
}

async function measureFlow(): Promise<void> {
  const cloud = await LocalCloud.start(UNTHROTTLED);
  record('memory, idle', residentMegabytes(cloud.pid), 'MB', '≤ 220');
  const many = await load(cloud.url, LOAD_CLIENTS, WARM_UP_POSTS, LOAD_POSTS);
  record(`throughput, ${LOAD_CLIENTS} clients`, LOAD_POSTS / (many.total / 1000), 'posts/s', '≥ 150');
  record('memory, after load', residentMegabytes(cloud.pid), 'MB', '≤ 600');
  const one = await load(cloud.url, 1, 0, LATENCY_POSTS);
  record('POST, p50', percentile(one.post, 0.5), 'ms', '≤ 6');
  record('POST, p99', percentile(one.post, 0.99), 'ms');
  record('POST to push, p50', percentile(one.push, 0.5), 'ms', '≤ 16');
  record('POST to push, p99', percentile(one.push, 0.99), 'ms');
  await cloud.stop();
}

async function load(
  url: string,
  clients: number,
  warmUp: number,
  posts: number,
): Promise<z.infer<typeof Load>> {
  const args = ['--import', 'tsx/esm', 'checks/bench/load.ts', url, ...[clients, warmUp, posts].map(String)];
  const { stdout } = await promisify(execFile)(process.execPath, args, {
    maxBuffer: 2 ** 26,
    timeout: 300_000,
  });
  return Load.parse(JSON.parse(stdout));
}

/**
 * Returns the number of rounds a second of a fixed computation, which makes figures of different
 * machines comparable.
 */
function cpuLoopRate(): number {
  const start = performance.now();
  let rounds = 0;
  let value = 1;
  while (performance.now() - start < 200) {
    for (let step = 0; step < 100_000; step++) value = (value * 1_103_515_245 + 12_345) % 2_147_483_648;
    rounds++;
  }
  return value >= 0 ? rounds * 5 : 0;
}

function format(value: number): string {
  return value >= 100 ? value.toFixed(0) : value.toFixed(1);
}
