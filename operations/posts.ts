import { Command, InvalidArgumentError } from 'commander';
import * as z from 'zod/mini';
import { parse } from '../model/parse.ts';
import { PostPage } from '../model/post.ts';
import { runCommand } from './command-line.ts';
import { Confirmation } from './confirmation.ts';
import { removePost } from './post-removal.ts';
import { addStackOptions, chosenStack, StackOptions } from './stack-options.ts';
import { readItem } from './stored-item.ts';

const ListOptions = z.object({
  ...StackOptions.shape,
  topic: z.optional(z.string()),
  author: z.optional(z.string()),
  limit: z.string(),
  cursor: z.optional(z.string()),
});
const RemoveOptions = z.object({ ...StackOptions.shape, yes: z.boolean() });
const Titled = z.object({ title: z.string(), author: z.string() });

await runCommand(async () => {
  let exitCode = 0;
  const command = new Command('npm run posts --').description(
    'Lists the posts of a stack, shows how one is stored, or removes one.',
  );
  addStackOptions(command.command('list'))
    .description('Lists the newest posts as readers see them.')
    .option('--topic <topic>', 'only posts of this topic')
    .option('--author <author>', 'only posts of this author')
    .option('--limit <number>', 'the number of posts, 1 to 100', '20')
    .option('--cursor <cursor>', 'the posts after an earlier list, which names the cursor')
    .action(async (options: unknown) => {
      exitCode = await list(options);
    });
  addStackOptions(command.command('show').argument('<id>', 'the ID of the post', lowerCase))
    .description('Shows the item of a post, or the tombstone of a removed one, as JSON.')
    .action(async (id: string, options: unknown) => {
      exitCode = await show(id, options);
    });
  addStackOptions(command.command('remove').argument('<id>', 'the ID of the post', lowerCase))
    .description('Removes a post: it disappears from the API, from the web page and for all clients.')
    .option('--yes', 'removes without asking for confirmation', false)
    .action(async (id: string, options: unknown) => {
      exitCode = await remove(id, options);
    });
  await command.parseAsync();
  return exitCode;
});

/** IDs are stored in lower case. */
function lowerCase(id: string): string {
  if (id.trim() === '') throw new InvalidArgumentError('It must be the ID of a post.');
  return id.trim().toLowerCase();
}

async function list(options: unknown): Promise<number> {
  const { stack, local, url, ...query } = parse(ListOptions, options, 'The command line');
  const { outputs } = await chosenStack({ stack, local, url });
  const given = Object.entries(query).filter((entry): entry is [string, string] => entry[1] !== undefined);
  const answer = await fetch(`${outputs.ApiUrl.replace(/\/$/, '')}/posts?${new URLSearchParams(given)}`);
  const text = await answer.text();
  if (!answer.ok) throw new Error(`GET /posts returned ${answer.status}: ${text}`);
  const { posts, nextCursor } = parse(PostPage, JSON.parse(text), 'The response');
  for (const { id, createdAt, topic, author, title } of posts)
    console.log([id, createdAt, topic, author, title].join('  '));
  if (nextCursor !== undefined) console.log(`More: --cursor ${nextCursor}`);
  return 0;
}

async function show(id: string, options: unknown): Promise<number> {
  const { item } = await readItem(await chosenStack(parse(StackOptions, options, 'The command line')), id);
  if (!item) throw new Error(`There is no post ${id}, nor a tombstone.`);
  console.log(printable(JSON.stringify(item, undefined, 2)));
  return 0;
}

/** Escapes the control characters that JSON does not, which a terminal could obey. */
function printable(json: string): string {
  return json.replace(/[\x7f-\x9f]/g, (character) => `\\u00${character.charCodeAt(0).toString(16)}`);
}

async function remove(id: string, options: unknown): Promise<number> {
  const { yes, ...chosen } = parse(RemoveOptions, options, 'The command line');
  const stack = await chosenStack(chosen);
  const { item } = await readItem(stack, id);
  const { data: post } = Titled.safeParse(item);
  const confirmation = new Confirmation(yes);
  try {
    const name = post ? `"${post.title}" by ${post.author}` : `the item ${id}`;
    if (item && !('removalId' in item) && !(await confirmation.confirm(`Remove ${name}?`)))
      throw new Error('The post is not removed.');
  } finally {
    confirmation.close();
  }
  const outcome = await removePost(stack, id);
  if (outcome === 'not found') throw new Error(`There is no post ${id}.`);
  if (outcome === 'removed before') console.log(`The post ${id} was removed before.`);
  else console.log(`Removed the post ${id}. The ID of the removal is ${outcome.removalId}.`);
  return 0;
}
