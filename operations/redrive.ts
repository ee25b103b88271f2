import { createInterface } from 'node:readline';
import { setTimeout } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { redrive } from './redriver.ts';
import { deployedStack, localStack } from './stack.ts';

const USAGE = `npm run redrive -- [options]

Shows what waits in the stack's queues of failures, and why. Then finishes it at the target that failed, and only there.
Ends with 0 when nothing is left, with 1 otherwise.

  --stack NAME   the stack in AWS, of the region and account that the environment names (Blog-dev)
  --local        the stack of the local cloud instead
  --url URL      where users see that (http://localhost:3000)
  --yes          does not ask before it acts
  --unfinished   also has the posts enriched that are older than 10 minutes and neither enriched nor marked
  --help         this text`;

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
  const { values } = parseArgs({
    options: {
      stack: { type: 'string' },
      local: { type: 'boolean', default: false },
      url: { type: 'string' },
      yes: { type: 'boolean', default: false },
      unfinished: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    console.log(USAGE);
    return 0;
  }
  const { local, stack: name, url } = values;
  if (local ? name !== undefined : url !== undefined)
    throw new Error('--url goes with --local, --stack without.');
  const stack = local
    ? await localStack(url ?? 'http://localhost:3000')
    : await deployedStack(name ?? 'Blog-dev');
  const terminal = createInterface({ input: process.stdin });
  const answers = terminal[Symbol.asyncIterator]();
  try {
    return await redrive({
      stack,
      unfinished: values.unfinished,
      async confirm(question) {
        if (values.yes) return true;
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
