import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { Fault } from 'local-cloud/faults';
import { eventually } from 'local-cloud/fixtures/eventually';
import { RecordedLog } from 'local-cloud/fixtures/recorded-log';
import { v7 as uuidv7 } from 'uuid';
import * as z from 'zod/mini';
import { examplePost } from '../../contracts/examples.ts';
import { redrive } from '../../operations/redriver.ts';
import { localStackOf } from '../../operations/stack.ts';
import { synthesizedAssembly } from '../../testing/assembly.ts';
import type { CloudClient } from '../../testing/cloud-client.ts';
import { connectionIdOf } from '../../testing/connection-id.ts';
import { LocalCloud } from '../../testing/local-cloud.ts';
import { VirtualCloud } from '../../testing/virtual-cloud.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** A message about a post, or about its removal. */
const PostMessage = z.object({
  post: z.optional(z.object({ id: z.string() })),
  postId: z.optional(z.string()),
});

/** Puts a post directly into the table. */
async function putPost(cloud: CloudClient, id: string, attributes: Record<string, string>): Promise<void> {
  const strings = Object.entries({ id, ...attributes }).map(([name, S]) => [name, { S }]);
  const { updatedAt } = attributes;
  await cloud.dynamoDb('PutItem', {
    TableName: cloud.outputs.PostsTableName,
    Item: { ...Object.fromEntries(strings), revision: { N: updatedAt ? '2' : '1' } },
  });
}

/** Deletes all posts, because the next test would redrive an unfinished one. */
async function removePosts(cloud: CloudClient): Promise<void> {
  const TableName = cloud.outputs.PostsTableName;
  const { Items } = z
    .object({ Items: z.array(z.looseObject({ id: z.unknown() })) })
    .parse(JSON.parse(await cloud.dynamoDb('Scan', { TableName })));
  for (const { id } of Items) await cloud.dynamoDb('DeleteItem', { TableName, Key: { id } });
}

async function isEnriched(cloud: CloudClient, id: string): Promise<boolean> {
  const TableName = cloud.outputs.PostsTableName;
  const item = await cloud.dynamoDb('GetItem', { TableName, Key: { id: { S: id } } });
  return item.includes('"persons"');
}

describe('on the virtual clock', () => {
  let cloud: VirtualCloud;
  beforeAll(async () => {
    cloud = await VirtualCloud.start(await synthesizedAssembly(), new RecordedLog());
  });
  afterEach(async () => {
    cloud.faults.clear();
    cloud.disconnect();
    await removePosts(cloud);
  });
  afterAll(() => cloud.stop());

  const fail = (fault: object) => cloud.faults.add(Fault.parse(fault));
  const nowhere = { fault: 'error', code: 'ResourceNotFoundException', status: 404 };

  async function putEvent(detailType: string, detail: object): Promise<void> {
    const EventBusName = cloud.outputs.WebSocketBusName;
    const Detail = JSON.stringify(detail);
    await cloud.events('PutEvents', {
      Entries: [{ EventBusName, Source: 'blog', DetailType: detailType, Detail }],
    });
  }

  async function run({ unfinished = false } = {}) {
    const lines: string[] = [];
    const redriven = redrive({
      stack: localStackOf(cloud.outputs),
      unfinished,
      confirm: async () => true,
      print: (line) => lines.push(line),
      now: cloud.clock.now(),
      sleep: (ms) => cloud.pass(ms),
    });
    const left = await cloud.finish(redriven);
    return { left, lines };
  }

  const emptyQueues = async () =>
    (await cloud.queues()).filter(({ messages }) => messages.length === 0).map(({ queue }) => queue);

  const removed = uuidv7();

  /**
   * Creates a post, and puts an event for each other consumer about it. Returns the ID of the post.
   */
  async function failEverywhere(): Promise<string> {
    const answer = await cloud.post(examplePost);
    const post = z.looseObject({ id: z.string() }).parse(await answer.json());
    await putEvent('BlogPostUpdated', { version: 1, revision: 2, post });
    await putEvent('BlogPostRemoved', { version: 1, revision: 3, postId: removed, topic: 'autumn' });
    const connectionId = connectionIdOf('gone');
    const gone = { connectionId, connectedAt: '2026-01-31T09:30:00.000Z' };
    await putEvent('ConnectionsToPush', { version: 1, postId: post.id, connections: [gone] });
    await putEvent('ConnectionOpened', { version: 1, connectionId, postId: post.id });
    return post.id;
  }

  it('sends the messages of every queue to the target that failed, and to no other', async () => {
    await cloud.subscribe('reader@example.com', 'summer');
    const now = () => new Date(cloud.clock.now()).toISOString();
    await putPost(cloud, uuidv7(), { updatedAt: now() });
    await cloud.pass(MINUTE);
    const unreadable = z
      .object({ postId: z.string() })
      .parse(JSON.parse((await cloud.queues()).flatMap(({ messages }) => messages)[0]?.body ?? ''));

    for (const name of [
      'recognize-entities',
      'publish-post-updates',
      'push-post-update',
      'push-to-connections',
      'send-post-state',
    ])
      fail({ function: name, fault: 'error' });
    const invoked = await failEverywhere();
    const changed = uuidv7();
    await putPost(cloud, changed, { createdAt: now(), ...examplePost, topic: 'winter', updatedAt: now() });
    await cloud.pass(2 * HOUR);
    fail({ function: 'relay-announcements', fault: 'error' });
    await cloud.pass(5 * MINUTE);
    cloud.faults.clear();
    fail({ service: 'lambda', operation: 'Invoke', ...nowhere });
    fail({ service: 'sns', operation: 'Publish', ...nowhere });
    const undelivered = await failEverywhere();
    await cloud.pass(2 * MINUTE);
    cloud.faults.clear();
    expect(await emptyQueues()).toEqual([]);
    const mailsOf = async (id: string) =>
      (await cloud.emails('reader@example.com')).filter(({ text }) => text.includes(`"id":"${id}"`));
    const [mailed] = await mailsOf(invoked);
    expect([await mailsOf(invoked), await mailsOf(undelivered)]).toEqual([[mailed], []]);

    const repaired = { createdAt: now(), ...examplePost, topic: 'spring', updatedAt: now() };
    await putPost(cloud, unreadable.postId, repaired);
    const { messages } = await cloud.connect();
    const { left, lines } = await run();
    expect(left).toBe(0);
    expect(lines).toContainEqual(
      expect.stringMatching(/^ {2}1 × NO_RESOURCE: A fault was injected\. \(2 min/),
    );
    expect(lines).toContainEqual(expect.stringContaining('published 1 records of the stream'));
    await cloud.pass(5 * MINUTE);
    expect(await cloud.deadLetters()).toBe(0);
    const told = messages.map((message) => {
      const { post, postId } = PostMessage.parse(message);
      return post?.id ?? postId;
    });
    expect(new Set(told)).toEqual(new Set([invoked, undelivered, changed, removed, unreadable.postId]));
    for (const id of [invoked, undelivered]) expect(await isEnriched(cloud, id)).toBe(true);
    // The redrive repeats no e-mail, and the missing e-mail is like one that the rule sends.
    expect(await mailsOf(invoked)).toEqual([mailed]);
    const [late, ...more] = await mailsOf(undelivered);
    expect(more).toEqual([]);
    // The redrive reads the outputs, in which the virtual cloud has replaced the name of the host.
    const text = late?.text.replaceAll(undelivered, invoked).replace('//127.0.0.1', '//localhost');
    expect({ ...late, text }).toMatchObject({
      subject: mailed?.subject,
      text: expect.stringContaining(mailed?.text.split('"createdAt"')[0] ?? ''),
    });
  });

  it('keeps a message that fails again', async () => {
    fail({ service: 'sns', operation: 'Publish', ...nowhere });
    await cloud.post(examplePost);
    await cloud.pass(MINUTE);
    const { left, lines } = await run();
    expect(left).toBe(1);
    expect(lines).toContainEqual(
      expect.stringMatching(/^TopicUndelivered \S+: KEPT: .*A fault was injected/),
    );
    expect(await cloud.deadLetters()).toBe(1);
    // The kept message is visible again at once.
    cloud.faults.clear();
    expect((await run()).left).toBe(0);
  });

  it('publishes the state of the posts if the stream no longer holds the records', async () => {
    const now = cloud.clock.now();
    const at = (time: number) => new Date(time).toISOString();
    const id = uuidv7();
    await putPost(cloud, uuidv7(), { createdAt: at(now), ...examplePost, updatedAt: at(now - HOUR) });
    await putPost(cloud, id, { createdAt: at(now), ...examplePost, updatedAt: at(now) });
    await cloud.pass(MINUTE);
    const { messages } = await cloud.connect();
    const { settings, outputs, queueUrls } = localStackOf(cloud.outputs);
    const functionArn = `arn:aws:lambda:us-east-1:000000000000:function:${outputs.PublishPostUpdatesFunctionName}`;
    const streamArn = 'arn:aws:dynamodb:us-east-1:000000000000:table/Gone/stream/2026-01-31T09:30:00.000';
    // Two batches whose times overlap, as the halves of a bisected batch do.
    for (const arrival of [now - 1000, now + 1000]) {
      const lost = {
        requestContext: { functionArn, condition: 'RecordAgeExceeded' },
        DDBStreamBatchInfo: {
          streamArn,
          shardId: 'shardId-00000000000000000000-00000000',
          startSequenceNumber: '100000000000000000001',
          endSequenceNumber: '100000000000000000002',
          approximateArrivalOfFirstRecord: at(arrival),
          approximateArrivalOfLastRecord: at(arrival),
        },
      };
      await new SQSClient(settings).send(
        new SendMessageCommand({
          QueueUrl: queueUrls.get('PostsStreamFailures'),
          MessageBody: JSON.stringify(lost),
        }),
      );
    }
    const { lines } = await run();
    const outcome = expect.stringContaining(
      'published the state of 1 posts because the stream no longer has the records',
    );
    expect(lines).toEqual([
      'PostsStreamFailures: 2 messages',
      '  2 × RecordAgeExceeded (0 min old)',
      outcome,
      outcome,
      expect.stringMatching(/^Nothing is left in the queues\./),
    ]);
    expect(await cloud.deadLetters()).toBe(0);
    await cloud.pass(MINUTE);
    expect(messages).toMatchObject([{ type: 'post.updated', revision: 2, post: { id } }]);
  });

  it('leaves posts with a marker to the relay, and reports them', async () => {
    const [id, createdAt] = [uuidv7(), new Date(cloud.clock.now() - HOUR).toISOString()];
    const marker = { outboxShard: '0', outboxSince: `${createdAt}#0`, outboxUrl: 'http://localhost/posts/0' };
    await putPost(cloud, id, { createdAt, ...examplePost, ...marker });
    expect(await run({ unfinished: true })).toEqual({
      left: 1,
      lines: [
        'Neither enriched nor marked after 10 minutes: 0 posts',
        'Still to be announced by the relay after 3 minutes: 1 post',
        'Left: 1.',
      ],
    });
    await cloud.pass(2 * MINUTE);
    expect((await run()).left).toBe(0);
  });

  it('enriches forgotten posts once, without mailing them', async () => {
    const post = { ...examplePost, topic: 'autumn' };
    await cloud.subscribe('autumn@example.com', post.topic);
    fail({ function: 'recognize-entities', fault: 'error' });
    const failed = z.object({ id: z.string() }).parse(await (await cloud.post(post)).json()).id;
    await cloud.pass(HOUR);
    const createdAt = (age: number) => new Date(cloud.clock.now() - age).toISOString();
    const [forgotten, fresh] = [uuidv7(), uuidv7()];
    await putPost(cloud, forgotten, { createdAt: createdAt(HOUR), ...post });
    await putPost(cloud, fresh, { createdAt: createdAt(MINUTE), ...post });

    // The function still fails, so nothing is finished.
    const early = await run({ unfinished: true });
    expect(early.left).toBe(3);
    expect(early.lines.filter((line) => line.includes('KEPT: Error: '))).toHaveLength(3);
    cloud.faults.clear();
    const { left, lines } = await run({ unfinished: true });
    expect(left).toBe(0);
    // The failed post is unfinished too, but its message is redriven by then.
    expect(lines).toContain('Neither enriched nor marked after 10 minutes: 1 post');
    expect(lines.filter((line) => line.includes(': invoked '))).toEqual([
      expect.stringMatching(/^RecognizeEntitiesFailures /),
      expect.stringContaining(`post ${forgotten}: `),
    ]);
    const enriched = await Promise.all([failed, forgotten, fresh].map((id) => isEnriched(cloud, id)));
    expect(enriched).toEqual([true, true, false]);
    // The confirmation, and the post that was announced an hour ago.
    expect(await cloud.emails('autumn@example.com')).toHaveLength(2);
  });
});

describe('the command', () => {
  let cloud: LocalCloud;
  beforeAll(async () => {
    cloud = await LocalCloud.start();
  });
  afterAll(() => cloud.stop());

  async function command(
    options: string[],
    { input = '', file = 'redrive' } = {},
  ): Promise<{ code: unknown; output: string }> {
    const child = spawn(process.execPath, ['--import', 'tsx/esm', `operations/${file}.ts`, ...options]);
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk));
    child.stdin.end(input);
    const [code] = await once(child, 'close');
    return { code, output };
  }

  it('asks for confirmation, keeps what cannot be redriven, and exits with 1 while messages are left', async () => {
    const id = uuidv7();
    const updatedAt = new Date().toISOString();
    await putPost(cloud, id, { updatedAt });
    await eventually(async () => expect(await cloud.deadLetters()).toBe(1));
    const local = ['--local', '--url', cloud.url];
    const declined = await command(local, { input: 'n\n' });
    expect(declined).toMatchObject({ code: 1, output: expect.stringContaining('Left: 1.') });
    expect(declined.output).toContain('1 × The stored post is invalid at /createdAt, /author');
    const unreadable = await command(local, { input: 'y\n' });
    expect(unreadable).toMatchObject({ code: 1, output: expect.stringContaining('KEPT') });

    const { messages } = await cloud.connect();
    await putPost(cloud, id, { createdAt: updatedAt, ...examplePost, updatedAt });
    const repaired = await command([...local, '--yes']);
    expect(repaired).toMatchObject({
      code: 0,
      output: expect.stringContaining('Nothing is left in the queues.'),
    });
    await eventually(() => expect(messages).toMatchObject([{ revision: 2, post: { id } }]));
  });

  it('refuses to replay to the rule that mails, and shows that there was no replay', async () => {
    const local = ['--local', '--url', cloud.url];
    const file = 'replay';
    const from = '2026-01-01T00:00:00Z';
    const refused = await command([...local, '--rule', 'blogPostCreation', '--from', from, '--to', from], {
      file,
    });
    expect(refused).toEqual({ code: 1, output: expect.stringMatching(/^--from must be before --to.*\n$/) });
    const recent = ['--from', new Date(Date.now() - 60_000).toISOString(), '--to', new Date().toISOString()];
    expect(await command([...local, '--rule', 'blogPostCreation', ...recent, '--yes'], { file })).toEqual({
      code: 1,
      output: expect.stringMatching(/^Refused: the rule blogPostCreation delivers to the topic .*\n$/),
    });
    expect(await command([...local, '--list'], { file })).toEqual({
      code: 0,
      output: 'There are no replays of the last 90 days.\n',
    });
    expect(await command([...local, '--list', '--rule', 'blogPostCreation'], { file })).toEqual({
      code: 1,
      output: 'Pass --rule with --from and --to, or --list, or --cancel.\n',
    });
  });

  it('exits with 1 and a message of one line if there is no local cloud', async () => {
    const { code, output } = await command(['--local', '--url', 'http://localhost:1']);
    expect({ code, output }).toEqual({
      code: 1,
      output: expect.stringMatching(/^There is no local cloud at .*\n$/),
    });
    // A forgotten --local must not act on AWS.
    expect(await command(['--url', 'http://localhost:3000'])).toEqual({
      code: 1,
      output: '--url requires --local, and --stack cannot be combined with it.\n',
    });
  });
});
