import { execFileSync } from 'node:child_process';
import { cpSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { architectureOf } from 'local-cloud/architecture';
import { Fault } from 'local-cloud/faults';
import { RecordedLog } from 'local-cloud/fixtures/recorded-log';
import { temporaryFolder } from 'local-cloud/fixtures/temporary-folder';
import { synthesize } from 'local-cloud/synthesize';
import { hopsOf } from '../../checks/fault-matrix/hops.ts';
import { removalsOf } from '../../checks/permissions/removals.ts';
import { StackGraph } from '../../checks/stack-graph.ts';
import { examplePost } from '../../contracts/examples.ts';
import config from '../../local-cloud.config.ts';
import { redrive } from '../../operations/redriver.ts';
import { Replayer } from '../../operations/replayer.ts';
import { localStackOf } from '../../operations/stack.ts';
import { synthesizedAssembly } from '../../testing/assembly.ts';
import { VirtualCloud } from '../../testing/virtual-cloud.ts';
import { apply, tutorialIn } from './tutorial.ts';

const MINUTE = 60_000;

const project = path.join(temporaryFolder(), 'blog');
// The Jest that runs in the copy must not write into the report of this one.
const env = { ...process.env, JEST_CPU_LOG: '' };
const tutorial = tutorialIn(readFileSync('docs/add-a-consumer.md', 'utf8'));

let assembly: string;
beforeAll(async () => {
  const files = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
    encoding: 'utf8',
  });
  for (const file of files.split('\0').filter(Boolean)) cpSync(file, path.join(project, file));
  symlinkSync(path.resolve('node_modules'), path.join(project, 'node_modules'));
  execFileSync('git', ['init', '--quiet'], { cwd: project });
  await apply(tutorial, project);
  execFileSync('git', ['add', '--all'], { cwd: project });
  const cache = path.join(project, '.local', 'assemblies');
  assembly = await synthesize({ project, sources: config.sources, cache, context: {} });
});

it('changes six files', () => {
  expect(tutorial.files.size + tutorial.patches.length).toBe(6);
});

it.each([
  ['the linter', ['biome', 'ci', '--error-on-warnings', '.']],
  ['the types', ['tsc', '--noEmit']],
  [
    'the tests of the stack and of the new files',
    ['jest', 'test/lib', 'test/imports', 'count-posts-by-topic'],
  ],
])('passes %s', (_, args) => {
  expect(() =>
    execFileSync('npx', args, { cwd: project, stdio: 'pipe', encoding: 'utf8', env }),
  ).not.toThrow();
});

it('appears in the architecture, with each of its hops in the fault matrix', () => {
  const hops = hopsOf(new StackGraph(architectureOf(assembly))).map(({ name }) => name);
  expect(hops).toEqual(
    expect.arrayContaining([
      'CountPostsByTopic → count-posts-by-topic',
      'event queue of count-posts-by-topic → count-posts-by-topic',
      'count-posts-by-topic → dynamodb:PutItem',
    ]),
  );
});

describe('on a local cloud', () => {
  let cloud: VirtualCloud;
  afterEach(() => cloud.stop());

  async function counted(): Promise<number> {
    const { TableNames } = JSON.parse(await cloud.dynamoDb('ListTables', {}));
    const TableName = TableNames.find((name: string) => name.includes('TopicCounts'));
    return JSON.parse(await cloud.dynamoDb('Scan', { TableName })).Count;
  }

  it('counts a post, and counts a failed one after a redrive', async () => {
    cloud = await VirtualCloud.start(assembly, new RecordedLog());
    await cloud.post(examplePost);
    await cloud.pass(MINUTE);
    expect(await counted()).toBe(1);

    cloud.faults.add(Fault.parse({ function: 'count-posts-by-topic', fault: 'error' }));
    await cloud.post(examplePost);
    await cloud.pass(10 * MINUTE);
    cloud.faults.clear();
    expect(await counted()).toBe(1);
    expect(await cloud.deadLetters()).toBe(1);
    const redriven = redrive({
      stack: localStackOf(cloud.outputs),
      unfinished: false,
      confirm: async () => true,
      print: () => {},
      now: cloud.clock.now(),
      sleep: (ms) => cloud.pass(ms),
    });
    expect(await cloud.finish(redriven)).toBe(0);
    await cloud.pass(MINUTE);
    expect(await counted()).toBe(2);
  });

  it('catches up with a post of the time before it, by a replay that mails nobody', async () => {
    const data = path.join(project, '.local', 'data before');
    cloud = await VirtualCloud.start(await synthesizedAssembly(), new RecordedLog(), { data });
    const from = new Date(cloud.clock.now() - MINUTE).toISOString();
    await cloud.subscribe('reader@example.com', examplePost.topic);
    await cloud.post(examplePost);
    await cloud.pass(MINUTE);
    const mails = await cloud.emails('reader@example.com');
    await cloud.stop();

    cloud = await VirtualCloud.start(assembly, new RecordedLog(), { data });
    await cloud.pass(10 * MINUTE);
    expect(await counted()).toBe(0);
    const to = new Date(cloud.clock.now()).toISOString();
    const replay = (rule: string) => {
      const options = { confirm: async () => true, interrupted: () => false, print: () => {} };
      const now = cloud.clock.now();
      const sleep = (ms: number) => cloud.pass(ms);
      const replayer = new Replayer({ ...options, stack: localStackOf(cloud.outputs), now, sleep });
      return cloud.finish(replayer.replay({ rule, from, to }));
    };
    await expect(replay('blogPostCreation')).rejects.toThrow('delivers to the topic');
    for (let times = 0; times < 2; times++) {
      expect(await replay('CountPostsByTopic')).toBe(true);
      await cloud.pass(2_000);
      expect(await counted()).toBe(1);
    }
    expect(await cloud.emails('reader@example.com')).toEqual(mails);
  });

  it('is refused a call whose permission is removed', async () => {
    const template = path.join(assembly, 'Blog-dev.template.json');
    const removal = removalsOf(readFileSync(template, 'utf8')).find(
      ({ name }) => name === 'TopicCounts/CountPostsByTopicRole/DefaultPolicy: Allow dynamodb:PutItem',
    );
    const edited = path.join(project, '.local', 'edited');
    cpSync(assembly, edited, { recursive: true });
    writeFileSync(path.join(edited, 'Blog-dev.template.json'), removal?.template ?? '');
    const log = new RecordedLog();
    cloud = await VirtualCloud.start(edited, log);
    await cloud.post(examplePost);
    await cloud.pass(MINUTE);
    expect(log.errors.join('\n')).toContain('is not authorized to perform: dynamodb:PutItem');
  });
});
