import type { Command } from 'commander';
import * as z from 'zod/mini';
import { deployedStack, localStack, type Stack } from './stack.ts';

/** The options that choose a stack, as `addStackOptions` defines them. */
export const StackOptions = z.object({
  stack: z.optional(z.string()),
  local: z.boolean(),
  url: z.optional(z.string()),
});
export type StackOptions = z.infer<typeof StackOptions>;

/** Adds the options that choose the stack on which a command acts. */
export function addStackOptions(command: Command): Command {
  return command
    .option('--stack <name>', 'the stack in AWS (default: "Blog-dev"); the environment supplies the Region')
    .option('--local', 'uses the stack of the local cloud', false)
    .option('--url <url>', 'the local cloud\'s URL (default: "http://localhost:3000")');
}

/**
 * Returns the chosen stack.
 * @throws {Error} if the options contradict each other, or there is no such stack
 */
export async function chosenStack({ stack, local, url }: StackOptions): Promise<Stack> {
  if (local ? stack !== undefined : url !== undefined)
    throw new Error('--url requires --local, and --stack cannot be combined with it.');
  if (stack === '') throw new Error('--stack must be the name of a stack, not "".');
  if (url !== undefined && !/^https?:\/\/[^/]/.test(url))
    throw new Error(`--url must be a URL such as http://localhost:3000, not "${url}".`);
  return local ? localStack(url ?? 'http://localhost:3000') : deployedStack(stack ?? 'Blog-dev');
}
