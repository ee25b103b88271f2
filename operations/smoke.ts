import { Command } from 'commander';
import { parse } from '../model/parse.ts';
import { runCommand } from './command-line.ts';
import { tableOf } from './smoke-steps.ts';
import { smokeTest } from './smoke-test.ts';
import { addStackOptions, chosenStack, StackOptions } from './stack-options.ts';

await runCommand(async () => {
  const command = addStackOptions(new Command('npm run smoke --'))
    .description(
      'Sends one post through a running stack: posts, waits for the push, reads and removes it. Prints ' +
        'each step with its time, and exits with 1 if a step has failed. It always removes the post.',
    )
    .showSuggestionAfterError(false);
  const options = parse(StackOptions, command.parse().opts(), 'The command line');
  const stack = await chosenStack(options);
  const interruption = new AbortController();
  // A second Ctrl-C ends the process at once.
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => interruption.abort());
  const results = await smokeTest(stack, interruption.signal);
  console.log(tableOf(results));
  return results.every(({ error }) => error === undefined) ? 0 : 1;
});
