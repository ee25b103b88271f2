import { setInterval, setTimeout } from 'node:timers/promises';
import { Command, InvalidArgumentError } from 'commander';
import { seededChance } from 'local-cloud/chance';
import * as z from 'zod/mini';
import { redrive } from '../../operations/redriver.ts';
import { localStackOf } from '../../operations/stack.ts';
import { unfinishedAge } from '../../operations/unfinished-posts.ts';
import { LocalCloud } from '../../testing/local-cloud.ts';
import { UNTHROTTLED } from '../../testing/unthrottled.ts';
import { residentMegabytes } from '../bench/memory.ts';
import { Authors, topics } from './authors.ts';
import { Dice } from './dice.ts';
import { changeFaults, strikesIn } from './fault-weather.ts';
import { figuresOf } from './figures.ts';
import { checks, type Outcome } from './promise.ts';
import { Readers } from './readers.ts';
import { printFigures, printVerdict } from './report.ts';
import { storedPosts } from './stored-posts.ts';
import { Watcher } from './watchers.ts';

const watcherCount = 200;
const minute = 60_000;

/**
 * All retries are over within 4 minutes: Lambda retries a failed function after 1 minute, and after
 * 2 more.
 */
const settling = 5 * minute;

const Options = z.object({ minutes: z.number(), seed: z.string() });

// The SDK otherwise warns about Node.js 20.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';
// Otherwise crashed workers leave fragmented memory behind, because glibc has an arena for each
// thread.
process.env.MALLOC_ARENA_MAX ??= '2';

const command = new Command('npm run soak --')
  .description(
    'Runs a local cloud under mixed traffic, with another fault each second. Then it switches the faults ' +
      'off, waits for all retries, redrives the dead letters, and checks that nothing was lost, that memory ' +
      'is flat, and that traffic and faults of every kind occurred. Exits with 0 if so, and with 1 otherwise.',
  )
  .option(
    '--minutes <number>',
    'how long the traffic lasts; in fewer than 5 minutes, memory is not warm and some kinds may be missing',
    parsedMinutes,
    10,
  )
  .option('--seed <text>', 'the seed of all chance', 'soak')
  .showSuggestionAfterError(false);
process.exitCode = (await soak(Options.parse(command.parse().opts()))) ? 0 : 1;

function parsedMinutes(text: string): number {
  const { success, data } = z.coerce.number().check(z.positive()).safeParse(text);
  if (!success) throw new InvalidArgumentError('It must be a number above 0.');
  return data;
}

/**
 * Runs the soak. Returns whether the promise was kept in traffic and faults of every kind, and
 * memory was flat.
 */
async function soak({ minutes, seed }: z.infer<typeof Options>): Promise<boolean> {
  const options = [...UNTHROTTLED, '--seed', seed];
  console.log(
    `Node.js ${process.version}, ${minutes} minutes, the stack with ${options.join(' ')}, MALLOC_ARENA_MAX=${process.env.MALLOC_ARENA_MAX}.\n`,
  );
  const cloud = await LocalCloud.start(options);
  const ending = new AbortController();
  try {
    const chance = seededChance(seed);
    const diceOf = (actor: string) => new Dice(chance, actor);
    const readers = new Readers(cloud, topics);
    await readers.subscribe();
    const authors = new Authors(cloud, diceOf);
    const watchers = Array.from(
      { length: watcherCount },
      (_, index) =>
        new Watcher(index, {
          url: cloud.webSocketUrl,
          dice: diceOf(`client ${index}`),
          recentPost: (dice) => authors.recentPost(dice),
        }),
    );

    const end = Date.now() + minutes * minute;
    const watching = Promise.all(watchers.map((watcher) => watcher.watch(end, ending.signal)));
    const [memory] = await Promise.all([
      sampleMemory(cloud.pid, end),
      authors.write(end),
      changeFaults(cloud, diceOf('faults'), end),
      collectMails(readers, end),
    ]);

    const stack = localStackOf(cloud.outputs);
    const look = async (): Promise<Outcome> => {
      await readers.collect();
      const queues = await cloud.queues();
      return {
        submissions: authors.submissions,
        unexpected: [authors, ...watchers].flatMap(({ unexpected }) => unexpected),
        stored: await storedPosts(stack),
        removed: new Map(),
        readers: readers.list,
        mails: readers.mails,
        clients: watchers,
        queues: new Map(queues.map(({ queue, messages }) => [queue, messages.length])),
        losses: cloud.output.split('\n').filter((line) => /LOST|SUSPENDED/.test(line)),
      };
    };
    await settle(look);
    const deadLetters = await cloud.deadLetters();
    // All retries are over, so what is unfinished now will not be finished without a redrive.
    console.log(
      `The redrive, with a clock that is ${unfinishedAge / minute} minutes ahead, which adds to the printed ages:\n`,
    );
    await redrive({
      stack,
      unfinished: true,
      confirm: async () => true,
      print: console.log,
      now: Date.now() + unfinishedAge,
      sleep: setTimeout,
    });
    console.log();
    const outcome = await settle(look);
    const strikes = strikesIn(cloud.output);
    const figures = figuresOf({ outcome, authors, watchers, strikes, deadLetters });
    printFigures(seed, figures);
    const isKept = printVerdict(outcome, figures, memory);
    ending.abort();
    await watching;
    return isKept;
  } finally {
    ending.abort();
    await cloud.stop();
  }
}

/** Waits until the promise is kept or the time for retries is over. Returns the outcome. */
async function settle(look: () => Promise<Outcome>): Promise<Outcome> {
  const end = Date.now() + settling;
  for (;;) {
    const outcome = await look();
    const isKept = checks.every(({ violations }) => violations(outcome).length === 0);
    if (isKept || Date.now() > end) return outcome;
    await setTimeout(5_000);
  }
}

/** Samples the memory of a process each second, in megabytes. */
async function sampleMemory(pid: number, until: number): Promise<number[]> {
  const samples: number[] = [];
  for await (const _ of setInterval(1_000)) {
    if (Date.now() > until) break;
    samples.push(residentMegabytes(pid));
  }
  return samples;
}

/** Collects the e-mails each minute, because long runs produce more than the inbox keeps. */
async function collectMails(readers: Readers, until: number): Promise<void> {
  for await (const _ of setInterval(minute)) {
    if (Date.now() > until) break;
    await readers.collect();
  }
}
