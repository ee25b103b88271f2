import { setTimeout } from 'node:timers/promises';
import { Command } from 'commander';
import * as z from 'zod/mini';
import { parse } from '../model/parse.ts';
import { runCommand } from './command-line.ts';
import { Confirmation } from './confirmation.ts';
import { redrive } from './redriver.ts';
import { addStackOptions, chosenStack, StackOptions } from './stack-options.ts';

const Options = z.object({
  ...StackOptions.shape,
  yes: z.boolean(),
  unfinished: z.boolean(),
});

await runCommand(async () => {
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
  const confirmation = new Confirmation(yes);
  try {
    const left = await redrive({
      stack,
      unfinished,
      confirm: (question) => confirmation.confirm(question),
      print: console.log,
      now: Date.now(),
      sleep: setTimeout,
    });
    return left === 0 ? 0 : 1;
  } finally {
    confirmation.close();
  }
});
