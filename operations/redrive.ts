import { createInterface } from 'node:readline';
import { setTimeout } from 'node:timers/promises';
import { Command } from 'commander';
import * as z from 'zod/mini';
import { parse } from '../model/parse.ts';
import { redrive } from './redriver.ts';
import { addStackOptions, chosenStack, StackOptions } from './stack-options.ts';

const Options = z.object({
  ...StackOptions.shape,
  yes: z.boolean(),
  unfinished: z.boolean(),
});

// The SDK otherwise warns about Node.js 20.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';

try {
  process.exitCode = (await main()) === 0 ? 0 : 1;
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}

/** Runs the command and returns how much is left. */
async function main(): Promise<number> {
  const command = addStackOptions(new Command('npm run redrive --'))
    .description(
      "Shows the messages in the stack's dead-letter queues by their cause. After confirmation, sends " +
        'each to the target that failed, and to no other target. Exits with 0 if nothing is left, and ' +
        'with 1 otherwise.',
    )
    .option('--yes', 'redrives without asking for confirmation', false)
    .option(
      '--unfinished',
      'also enriches posts older than 10 minutes that are neither enriched nor marked as failed',
      false,
    )
    .showSuggestionAfterError(false);
  const { yes, unfinished, ...chosen } = parse(Options, command.parse().opts(), 'The command line');
  const stack = await chosenStack(chosen);
  const terminal = createInterface({ input: process.stdin });
  const answers = terminal[Symbol.asyncIterator]();
  try {
    return await redrive({
      stack,
      unfinished,
      async confirm(question) {
        if (yes) return true;
        process.stdout.write(`${question} [y/N] `);
        const { value, done } = await answers.next();
        return !done && /^y(es)?$/i.test(value.trim());
      },
      print: console.log,
      now: Date.now(),
      sleep: setTimeout,
    });
  } finally {
    terminal.close();
  }
}
