import type { App } from './app.ts';
import { measureFanOut } from './fan-out.ts';
import { flowCosts } from './flow-cost.ts';
import { measureHandlers, ratio } from './handlers.ts';
import { format, spread } from './report.ts';
import { measureSilentClients } from './silent-clients.ts';
import { median } from './statistics.ts';
import { printTable } from './table.ts';
import { missMark, type Target, targetText } from './target.ts';

/** The WebSocket connections of the fan-out. With more listeners, each connection is a listener. */
const CONNECTIONS = 10_000;
const SILENT_CLIENTS = 20;
const IMPORTS = 11;
const FLOW_TARGET: Target = { most: 5 };
const IMPORT_TARGET: Target = { most: 1.15 };
const COMMON_JS_TARGET: Target = { most: 0.33 };

/** Measures and prints the share of the CPU time that recording the flow takes. */
export async function reportFlowCost(app: App): Promise<void> {
  const shares = await flowCosts(app);
  if (shares.length === 0) return;
  printTable([
    ['figure', 'median', 'lowest – highest', 'unit', 'target', ''],
    [
      `CPU of recording the flow, ${shares.length} pairs`,
      format(median(shares)),
      spread(shares),
      '%',
      targetText(FLOW_TARGET, ''),
      missMark(FLOW_TARGET, median(shares)),
    ],
  ]);
}

/** Measures and prints how a change of a post reaches many listeners. */
export async function reportFanOut(listeners: number): Promise<void> {
  const connections = Math.max(CONNECTIONS, listeners);
  const fanOut = await measureFanOut(connections, listeners);
  const calls = [...new Set(fanOut.flatMap((row) => [...row.calls.keys()]))];
  console.log(
    `One post changes. There are ${connections} WebSocket connections, whose clients are all in one process:`,
  );
  printTable([
    [
      'listeners',
      'gone',
      'change to last push, ms',
      ...calls,
      'received once',
      'dead items left',
      'target',
      '',
    ],
    ...fanOut.map((row) => {
      const living = row.listeners - row.gone;
      return [
        String(row.listeners),
        String(row.gone),
        format(row.time),
        ...calls.map((call) => String(row.calls.get(call) ?? 0)),
        String(row.toldOnce),
        String(row.deadItems),
        `${living} received once, 0 left`,
        missMark({ least: living }, row.toldOnce) || missMark({ most: 0 }, row.deadItems),
      ];
    }),
  ]);
}

/** Measures and prints the harm by clients that never read. */
export async function reportSilentClients(): Promise<void> {
  const alone = await measureSilentClients(0);
  const others = await measureSilentClients(SILENT_CLIENTS);
  console.log('200 posts of 90 KB are pushed to one client that reads, and to others that never do:');
  const row = ({ silent, push, repeated, deadLetters, peak, after }: typeof alone): string[] =>
    [silent, push, repeated, deadLetters, peak, after].map((value) => String(Math.round(value)));
  const missed =
    missMark({ most: 2 * alone.push }, others.push) ||
    missMark({ most: 0 }, others.repeated + others.deadLetters) ||
    missMark({ most: alone.after + 100 }, others.after);
  printTable([
    [
      'clients that never read',
      'POST to push, p50, ms',
      'repeated',
      'dead letters',
      'memory, MB: peak',
      'after',
      'target',
      '',
    ],
    [...row(alone), '', ''],
    [...row(others), '≤ 2 × the first row, 0, 0, ≤ 100 more after', missed],
  ]);
}

/**
 * Measures and prints the size of the handlers and the time of their import.
 * @param folder for the bundles
 */
export async function reportHandlers(folder: string): Promise<void> {
  const { handlers, commonJs } = await measureHandlers(folder, IMPORTS);
  printTable([
    ['handler', 'KB', 'import, CPU ms', 'floor, KB', 'floor, CPU ms', 'ratio', 'target', ''],
    ...handlers.map(({ handler, floor }) => [
      handler.name,
      format(handler.kilobytes),
      format(median(handler.importTimes)),
      format(floor.kilobytes),
      format(median(floor.importTimes)),
      ratio(handler, floor).toFixed(2),
      targetText(IMPORT_TARGET, ''),
      missMark(IMPORT_TARGET, ratio(handler, floor)),
    ]),
  ]);
  const createPost = handlers.find(({ handler }) => handler.name === 'create-post');
  if (!createPost) return;
  const share = ratio(createPost.handler, commonJs);
  printTable([
    ['for information', 'KB', 'import, CPU ms', 'import of create-post ÷ this', 'target', ''],
    [
      commonJs.name,
      format(commonJs.kilobytes),
      format(median(commonJs.importTimes)),
      share.toFixed(2),
      targetText(COMMON_JS_TARGET, ''),
      missMark(COMMON_JS_TARGET, share),
    ],
  ]);
}
