import { setInterval, setTimeout } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, paginateScan } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod/mini';
import { residentMegabytes } from '../bench/memory.ts';
import { UNTHROTTLED } from '../bench/unthrottled.ts';
import { Post } from '../lambdas/model/post.ts';
import { seededChance } from '../local/chance.ts';
import { redrive } from '../operations/redriver.ts';
import { localStackOf, type Stack } from '../operations/stack.ts';
import { LocalCloud } from '../test/e2e/local-cloud.ts';
import { Authors, topics } from './authors.ts';
import { Dice } from './dice.ts';
import { FaultWeather } from './fault-weather.ts';
import { Readers } from './readers.ts';
import { printFigures, printVerdict } from './report.ts';
import { checks, type Outcome, type StoredPost } from './verdict.ts';
import { Watcher } from './watchers.ts';

const USAGE = `npm run soak -- [options]

Runs a local cloud under mixed traffic, with another fault each second. Then switches the faults off, waits for what is
under way, redrives what has failed for good, and checks that nothing was lost and that memory is flat. Ends with 0 if so,
with 1 otherwise.

  --minutes N   how long the traffic lasts (10); memory takes some 5 to be warm
  --seed TEXT   what all chance comes from (soak)
  --help        this text`;

const WATCHERS = 200;
const MINUTE = 60_000;

/** The age, in milliseconds, from which on `redrive --unfinished` takes a post for forgotten. */
const UNFINISHED_AGE = 10 * MINUTE;

/** What has failed is tried again within 4 minutes: Lambda runs a failed function again after 1 minute, and after 2 more. */
const SETTLING = 5 * MINUTE;

const StoredItem = z.extend(Post, { revision: z.int(), outboxShard: z.optional(z.string()) });
const Options = z.object({
  minutes: z.coerce.number().check(z.positive()),
  seed: z.string(),
  help: z.boolean(),
});

// The SDK otherwise warns about Node.js 20.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '10' },
    seed: { type: 'string', default: 'soak' },
    help: { type: 'boolean', default: false },
  },
});
const parsed = Options.safeParse(values);
if (!parsed.success || parsed.data.help) {
  console.log(USAGE);
  process.exitCode = parsed.success ? 0 : 1;
} else process.exitCode = (await soak(parsed.data)) ? 0 : 1;

/** Whether the promise was kept and memory was flat. */
async function soak({ minutes, seed }: z.infer<typeof Options>): Promise<boolean> {
  const options = [...UNTHROTTLED, '--seed', seed];
  console.log(`Node.js ${process.version}, ${minutes} minutes, the stack with ${options.join(' ')}.\n`);
  const cloud = await LocalCloud.start(options);
  const ending = new AbortController();
  try {
    const chance = seededChance(seed);
    const diceOf = (actor: string) => new Dice(chance, actor);
    const readers = new Readers(cloud, topics);
    await readers.subscribe();
    const authors = new Authors(cloud.url, diceOf);
    const watchers = Array.from(
      { length: WATCHERS },
      (_, index) =>
        new Watcher(index, {
          url: cloud.webSocketUrl,
          dice: diceOf(`client ${index}`),
          recentPost: (dice) => authors.recentPost(dice),
        }),
    );
    const weather = new FaultWeather(cloud.url, diceOf('faults'));

    const end = Date.now() + minutes * MINUTE;
    const watching = Promise.all(watchers.map((watcher) => watcher.watch(end, ending.signal)));
    const [memory] = await Promise.all([
      sampleMemory(cloud.pid, end),
      authors.write(end),
      weather.blow(end),
      collectMails(readers, end),
    ]);

    const stack = localStackOf(cloud.outputs);
    const look = async (): Promise<Outcome> => {
      await readers.collect();
      const queues = await cloud.queues();
      return {
        submissions: authors.submissions,
        unexpected: authors.unexpected,
        stored: await storedPosts(stack),
        readers: readers.list,
        mails: readers.mails,
        clients: watchers,
        queues: new Map(queues.map(({ queue, messages }) => [queue, messages.length])),
        losses: cloud.output.split('\n').filter((line) => /LOST|SUSPENDED/.test(line)),
      };
    };
    await settle(look);
    const deadLetters = await cloud.deadLetters();
    await redrive({
      stack,
      unfinished: true,
      confirm: async () => true,
      print: console.log,
      // All that was under way has had its time, so whatever is unfinished now is forgotten.
      now: Date.now() + UNFINISHED_AGE,
      sleep: setTimeout,
    });
    console.log();
    const outcome = await settle(look);
    printFigures({ seed, outcome, authors, watchers, faults: weather.counts, deadLetters });
    const isKept = printVerdict(outcome, memory);
    ending.abort();
    await watching;
    return isKept;
  } finally {
    ending.abort();
    await cloud.stop();
  }
}

/** Looks until the promise is kept or the time for retries is up. */
async function settle(look: () => Promise<Outcome>): Promise<Outcome> {
  const end = Date.now() + SETTLING;
  for (;;) {
    const outcome = await look();
    const isKept = checks.every(({ violations }) => violations(outcome).length === 0);
    if (isKept || Date.now() > end) return outcome;
    await setTimeout(5_000);
  }
}

async function storedPosts({ settings, outputs }: Stack): Promise<Map<string, StoredPost>> {
  const stored = new Map<string, StoredPost>();
  const pages = paginateScan(
    { client: DynamoDBDocumentClient.from(new DynamoDBClient(settings)) },
    { TableName: outputs.PostsTableName },
  );
  for await (const { Items = [] } of pages) {
    for (const { revision, outboxShard, ...post } of z.array(StoredItem).parse(Items))
      stored.set(post.id, { post, revision, marked: outboxShard !== undefined });
  }
  return stored;
}

/** Megabytes of the process, each second. */
async function sampleMemory(pid: number, until: number): Promise<number[]> {
  const samples: number[] = [];
  for await (const _ of setInterval(1_000)) {
    if (Date.now() > until) break;
    samples.push(residentMegabytes(pid));
  }
  return samples;
}

async function collectMails(readers: Readers, until: number): Promise<void> {
  for await (const _ of setInterval(MINUTE)) {
    if (Date.now() > until) break;
    await readers.collect();
  }
}
