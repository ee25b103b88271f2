import { createInterface } from 'node:readline';
import { setTimeout } from 'node:timers/promises';
import { Command } from 'commander';
import * as z from 'zod/mini';
import { parse } from '../model/parse.ts';
import { Replayer } from './replayer.ts';
import { addStackOptions, chosenStack, StackOptions } from './stack-options.ts';

const text = z.optional(z.string());
const Options = z.object({
  ...StackOptions.shape,
  rule: text,
  from: text,
  to: text,
  cancel: text,
  list: z.boolean(),
  yes: z.boolean(),
});
type Options = z.infer<typeof Options>;

// The SDK otherwise warns about Node.js 20.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';

try {
  process.exitCode = (await main()) ? 0 : 1;
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}

/** Runs the command and returns whether it has done what was asked for. */
async function main(): Promise<boolean> {
  const command = addStackOptions(new Command('npm run replay --'))
    .description(
      'Replays the events of the blog bus, from the archive of the stack, to one rule and to no other. ' +
        'Exits with 0 if the replay is completed, and with 1 otherwise. Rules that send e-mails are refused.',
    )
    .option('--rule <name>', 'the rule on the blog bus')
    .option('--from <time>', 'the time of the first event, as ISO 8601, e.g. 2026-11-29T00:00:00Z')
    .option('--to <time>', 'the end, which is not included')
    .option('--list', 'shows the replays of the last 90 days', false)
    .option('--cancel <name>', 'cancels a replay')
    .option('--yes', 'replays without asking for confirmation', false)
    .showSuggestionAfterError(false);
  const options = parse(Options, command.parse().opts(), 'The command line');
  const run = actionOf(options);
  const stack = await chosenStack(options);
  const terminal = createInterface({ input: process.stdin });
  try {
    return await run(
      new Replayer({ stack, now: Date.now(), print: console.log, ...operator(terminal, options.yes) }),
    );
  } finally {
    terminal.close();
  }
}

/**
 * Returns what the options ask for.
 * @throws {Error} if that is nothing, or several things
 */
function actionOf({ cancel, from, list, rule, to }: Options): (replayer: Replayer) => Promise<boolean> {
  const isReplay = rule !== undefined || from !== undefined || to !== undefined;
  if (Number(isReplay) + Number(list) + Number(cancel !== undefined) !== 1)
    throw new Error('Pass --rule with --from and --to, or --list, or --cancel.');
  if (cancel !== undefined) return (replayer) => replayer.cancel(cancel);
  if (list) return (replayer) => replayer.list().then(() => true);
  if (rule === undefined || from === undefined || to === undefined)
    throw new Error('--rule, --from and --to require each other.');
  return (replayer) => replayer.replay({ rule, from, to });
}

/**
 * Returns how the operator takes part. Ctrl-C ends the command, except while a replay is followed:
 * then it is reported, and only a second one at the question that follows ends the command.
 * @param yes whether the operator has confirmed the replay by an option
 */
function operator(terminal: ReturnType<typeof createInterface>, yes: boolean) {
  const answers = terminal[Symbol.asyncIterator]();
  let isAsking = false;
  let wasInterrupted = false;
  let wake: (() => void) | undefined;
  process.on('SIGINT', () => {
    if (isAsking || !wake) process.exit(130);
    wasInterrupted = true;
    wake();
  });
  return {
    async confirm(question: string): Promise<boolean> {
      if (yes && !wake) return true;
      process.stdout.write(`${question} [y/N] `);
      isAsking = true;
      const { value, done } = await answers.next();
      isAsking = false;
      return !done && /^y(es)?$/i.test(value.trim());
    },
    interrupted(): boolean {
      const was = wasInterrupted;
      wasInterrupted = false;
      return was;
    },
    sleep(ms: number): Promise<void> {
      return new Promise((resolve) => {
        wake = resolve;
        void setTimeout(ms).then(resolve);
      });
    },
  };
}
