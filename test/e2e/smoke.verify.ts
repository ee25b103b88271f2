import { execFile } from 'node:child_process';
import * as z from 'zod/mini';
import { examplePost } from '../../contracts/examples.ts';
import { LocalCloud } from '../../testing/local-cloud.ts';

let cloud: LocalCloud;
beforeAll(async () => {
  cloud = await LocalCloud.start();
});
afterAll(() => cloud.stop());

/**
 * Runs a command of operators on the local cloud, without an answer to its questions. Returns its
 * exit code and its output.
 */
function run(command: string, ...args: string[]): Promise<{ code: number; output: string }> {
  const options = [...args, '--local', '--url', cloud.url];
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      ['--import', 'tsx/esm', `operations/${command}.ts`, ...options],
      (_, stdout, stderr) => resolve({ code: child.exitCode ?? -1, output: stdout + stderr }),
    );
    child.stdin?.end();
  });
}

it('passes on a local cloud, and leaves no post', async () => {
  const { code, output } = await run('smoke');
  expect(output).toMatch(/^(.+ ms {2}ok\n)+$/);
  expect(code).toBe(0);
  expect(await (await cloud.request('/posts')).json()).toEqual({ posts: [] });
}, 120_000);

it('fails with the step that failed, and cleans up', async () => {
  const fault = { hop: 'recognize-entities → comprehend:DetectEntities', fault: 'error' };
  const refused = { ...fault, code: 'TextSizeLimitExceededException', status: 400 };
  await fetch(`${cloud.url}/_local/faults`, { method: 'POST', body: JSON.stringify(refused) });
  const { code, output } = await run('smoke');
  await fetch(`${cloud.url}/_local/faults`, { method: 'DELETE' });
  expect(output).toMatch(/read the post .* FAILED: The post is not enriched/);
  expect(output).toMatch(/clean up .* ok\n$/);
  expect(code).toBe(1);
  expect(await (await cloud.request('/posts')).json()).toEqual({ posts: [] });
}, 120_000);

it('lists, shows and removes posts by their command', async () => {
  const answer = await cloud.post(examplePost);
  const { id } = z.object({ id: z.string() }).parse(await answer.json());
  expect((await run('posts', 'list')).output).toContain(`${id}  `);
  expect((await run('posts', 'show', id)).output).toContain('"revision": ');
  expect(await run('posts', 'remove', id)).toEqual({
    code: 1,
    output: `Remove "${examplePost.title}" by ${examplePost.author}? [y/N] \nThe post is not removed.\n`,
  });
  expect((await run('posts', 'remove', id, '--yes')).output).toContain(`Removed the post ${id}.`);
  expect((await run('posts', 'show', id)).output).toContain('"removalId": ');
  expect(await run('posts', 'remove', id)).toEqual({
    code: 0,
    output: `The post ${id} was removed before.\n`,
  });
  expect((await run('posts', 'show', id.replace(/.$/, 'z'))).code).toBe(1);
}, 120_000);
