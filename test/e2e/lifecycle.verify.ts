import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from 'local-cloud/fixtures/eventually';
import { SMTPServer } from 'smtp-server';
import * as z from 'zod/mini';
import { examplePost } from '../../contracts/examples.ts';
import { editedAssembly } from '../../testing/assembly.ts';
import { LocalCloud } from '../../testing/local-cloud.ts';
import { UNTHROTTLED } from '../../testing/unthrottled.ts';

const folders: string[] = [];
const clouds: LocalCloud[] = [];

afterEach(async () => {
  for (const cloud of clouds.splice(0)) await cloud.stop('SIGKILL');
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true });
});

async function folder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'lifecycle-'));
  folders.push(path);
  return path;
}

async function start(...parameters: Parameters<typeof LocalCloud.start>): Promise<LocalCloud> {
  const cloud = await LocalCloud.start(...parameters);
  clouds.push(cloud);
  return cloud;
}

/** Returns a copy of the sources of `npm start`, which a test can edit. */
async function projectCopy(): Promise<string> {
  const project = await folder();
  for (const part of [
    'bin',
    'lib',
    'lambdas',
    'model',
    'contracts',
    'packages',
    'web',
    'cdk.json',
    'local-cloud.config.ts',
    'package.json',
    'package-lock.json',
    'tsconfig.json',
  ]) {
    await cp(part, join(project, part), { recursive: true });
  }
  await symlink(join(process.cwd(), 'node_modules'), join(project, 'node_modules'));
  return project;
}

async function edit(file: string, from: string, to: string): Promise<void> {
  const text = await readFile(file, 'utf8');
  expect(text).toContain(from);
  await writeFile(file, text.replace(from, to));
}

/** Returns a cloud assembly of the stack with an edited template. */
async function assemblyCopy(change: (template: string) => string): Promise<string> {
  return editedAssembly(await folder(), (template) => {
    const changed = change(template);
    expect(changed).not.toBe(template);
    return changed;
  });
}

it('keeps posts, subscriptions, e-mails and queues across a restart, even after SIGKILL, and deletes them with --fresh', async () => {
  const data = await folder();
  const first = await start([], { data });
  await first.subscribe('reader@example.com', 'summer');
  const { id } = z.object({ id: z.string() }).parse(await (await first.post(examplePost)).json());
  // A stored post that can never be published goes to a queue.
  await first.dynamoDb('PutItem', {
    TableName: first.outputs.PostsTableName,
    Item: { id: { S: 'broken' }, revision: { N: '2' }, updatedAt: { S: '2026-01-31T09:30:00.000Z' } },
  });
  await eventually(() => expect(first.output).toContain('can never be published and is parked'));
  await first.stop('SIGKILL');

  const count = async (cloud: LocalCloud) =>
    JSON.parse(await cloud.dynamoDb('Scan', { TableName: cloud.outputs.PostsTableName })).Count;
  const second = await start([], { data });
  expect(
    await second.dynamoDb('GetItem', { TableName: second.outputs.PostsTableName, Key: { id: { S: id } } }),
  ).toContain(examplePost.title);
  expect(await second.deadLetters()).toBe(1);
  await second.post(examplePost);
  const subjects = async (cloud: LocalCloud) =>
    (await cloud.emails('reader@example.com')).map(({ subject }) => subject);
  const notification = 'AWS Notification Message';
  await eventually(async () =>
    expect(await subjects(second)).toEqual([
      'AWS Notification - Subscription Confirmation',
      notification,
      notification,
    ]),
  );
  expect(await count(second)).toBe(3);
  await second.stop();

  const third = await start(['--fresh'], { data });
  expect(await count(third)).toBe(0);
  expect(await third.deadLetters()).toBe(0);
  expect(await subjects(third)).toEqual([]);
});

it('runs an edited handler from the next invocation on, and serves an edited page', async () => {
  const project = await projectCopy();
  const cloud = await start(UNTHROTTLED, { project });
  const location = async () => (await cloud.post(examplePost)).headers.get('location');
  const file = join(project, 'lambdas', 'create-post.ts');
  const line = 'return jsonAnswer(201, post, { Location });';
  const edited = "return jsonAnswer(201, post, { Location: '/edited' });";

  await edit(file, line, edited);
  await eventually(async () => expect(await location()).toBe('/edited'));
  const locations = await Promise.all(Array.from({ length: 20 }, location));
  expect(new Set(locations)).toEqual(new Set(['/edited']));

  await edit(file, edited, edited.replace(')', ''));
  await eventually(() => expect(cloud.output).toContain('the handlers do not compile'));
  expect(await location()).toBe('/edited');

  await edit(file, edited.replace(')', ''), line);
  await eventually(async () => expect(await location()).toMatch(/^\/posts\//));

  const pageUrl = cloud.outputs.PageUrl ?? '';
  await edit(join(project, 'web', 'index.html'), '<title>', '<title>Edited ');
  await eventually(async () => expect(await (await fetch(pageUrl)).text()).toContain('<title>Edited '));
  await edit(join(project, 'web', 'main.tsx'), 'import ', 'imp ');
  await eventually(() => expect(cloud.output).toContain('the web page does not compile'));
  expect((await fetch(pageUrl)).status).toBe(200);

  await edit(join(project, 'lib', 'post-processing.ts'), 'blogPostCreation', 'renamed');
  await eventually(() => expect(cloud.output).toContain('the stack has changed: restart to run it'));
});

it('delivers mails to an SMTP server too', async () => {
  const received: string[] = [];
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    async onData(stream, _session, callback) {
      received.push(Buffer.concat(await stream.toArray()).toString('utf8'));
      callback();
    },
  });
  const listening = server.listen(0, '127.0.0.1');
  await new Promise((resolve) => listening.once('listening', resolve));
  const address = listening.address();
  const cloud = await start([
    '--smtp',
    `smtp://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`,
  ]);
  await cloud.subscribe('reader@example.com', 'summer');
  await cloud.post(examplePost);
  await eventually(() => expect(received).toHaveLength(2));
  expect(received[0]).toContain('Subject: AWS Notification - Subscription Confirmation');
  expect(received[1]).toContain('Subject: AWS Notification Message');
  await cloud.stop();
  await new Promise<void>((resolve) => server.close(resolve));
});

it('mails and pushes nothing if the pattern of the rule names another detail type', async () => {
  const assembly = await assemblyCopy((template) =>
    template.replace('"BlogPostCreated"', '"BlogPostRenamed"'),
  );
  const cloud = await start(['--assembly', assembly, '--verbose']);
  const { messages } = await cloud.connect();
  await cloud.subscribe('reader@example.com', 'summer');
  expect((await cloud.post(examplePost)).status).toBe(201);
  await eventually(() => expect(cloud.output).toContain('blogPostCreation does not match'));
  expect(messages).toEqual([]);
  expect(await cloud.emails('reader@example.com')).toHaveLength(1);
});

it.each([
  [
    'resource type',
    '"AWS::SNS::Topic"',
    '"AWS::SNS::Topics"',
    /\(AWS::SNS::Topics\), created at lib\/post-processing\.ts:\d+\n {4}The resource type is not supported\.\n/,
  ],
  [
    'property',
    '"BatchSize"',
    '"BatchSizes"',
    /\(AWS::Lambda::EventSourceMapping\), created at lib\/post-updates\.ts:\d+\n {4}The property BatchSizes is not supported\.\n/,
  ],
  [
    'intrinsic function',
    '"Fn::Join"',
    '"Fn::Base64"',
    /\(AWS::\w+::\w+\), created at .*\n {4}\w+: the intrinsic function Fn::Base64 is not supported\.\n/,
  ],
])('refuses a template with an unknown %s, and names it with its line', async (_what, from, to, message) => {
  const assembly = await assemblyCopy((template) => template.replace(from, to));
  const refused = LocalCloud.start(['--assembly', assembly]);
  await expect(refused).rejects.toThrow(message);
  await expect(refused).rejects.toThrow(/--skip-unsupported\n$/);
});
