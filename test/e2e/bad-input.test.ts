import { once } from 'node:events';
import { DynamoDBClient, ScanCommand } from '@aws-sdk/client-dynamodb';
import { eventually } from 'local-cloud/fixtures/eventually';
import * as z from 'zod/mini';
import { LocalCloud } from '../../testing/local-cloud.ts';
import { UNTHROTTLED } from '../../testing/unthrottled.ts';

const reader = 'reader@example.com';
const good = { author: 'a', title: 't', body: 'b', topic: 'x' };
const Problem = z.object({
  type: z.string(),
  title: z.string(),
  status: z.number(),
  detail: z.string(),
  errors: z.optional(z.array(z.object({ path: z.string(), message: z.string() }))),
});

let cloud: LocalCloud;
beforeAll(async () => {
  cloud = await LocalCloud.start([...UNTHROTTLED, '--verbose']);
  await cloud.subscribe(reader, good.topic);
});
afterAll(() => cloud.stop());

/** Returns everything that a refused request could leave behind. */
async function traces() {
  const dynamoDb = new DynamoDBClient({ endpoint: cloud.awsUrl });
  const { Count } = await dynamoDb.send(new ScanCommand({ TableName: cloud.outputs.PostsTableName }));
  dynamoDb.destroy();
  return {
    posts: Count,
    events: cloud.output.split('PutEvents').length - 1,
    mails: (await cloud.emails(reader)).length,
    deadLetters: await cloud.deadLetters(),
  };
}

async function expectProblem(response: Response, status: number): Promise<z.infer<typeof Problem>> {
  expect(response.status).toBe(status);
  expect(response.headers.get('content-type')).toBe('application/problem+json');
  expect(response.headers.get('access-control-allow-origin')).toBe('*');
  const text = await response.text();
  expect(text).not.toMatch(/arn:|Blog-dev|\bat \S+:\d+/);
  const problem = Problem.parse(JSON.parse(text));
  expect(problem.status).toBe(status);
  return problem;
}

/** Expects that the tests of a group store no post, put no event and send no mail. */
function leavesNoTrace(): void {
  let before: Awaited<ReturnType<typeof traces>>;
  beforeAll(async () => {
    before = await traces();
  });
  afterAll(async () => {
    expect(await traces()).toEqual(before);
  });
}

describe('returns a problem document and leaves no trace for', () => {
  leavesNoTrace();

  it.each([
    ['not JSON', '{"author":'],
    ['an array', '[]'],
    ['a string', '"post"'],
    ['null', 'null'],
    ['empty', ''],
    ['nested too deep', `{"author":${'['.repeat(40_000)}${']'.repeat(40_000)}}`],
  ])('a body that is %s', async (_name, body) => {
    const { detail } = await expectProblem(await cloud.post(body), 400);
    expect(detail).toMatch(/^[A-Z].+\.$/);
  });

  it('missing fields, and lists each by its path', async () => {
    const { errors } = await expectProblem(await cloud.post({}), 400);
    expect(errors?.map(({ path }) => path)).toEqual(['/author', '/title', '/body', '/topic']);
  });

  it.each([
    ['of the wrong type', { author: 1 }, '/author'],
    ['empty after trimming', { title: ' \t\n ' }, '/title'],
    ['too long', { author: 'a'.repeat(101) }, '/author'],
    ['too long', { title: 'a'.repeat(201) }, '/title'],
    ['too long', { topic: 'a'.repeat(51) }, '/topic'],
    ['with a control character', { topic: 'a\u0007b' }, '/topic'],
    ['with a line break', { title: 'a\nb' }, '/title'],
    ['of an unknown language', { language: 'xx' }, '/language'],
  ])('a field %s', async (_name, field, path) => {
    const { errors } = await expectProblem(await cloud.post({ ...good, ...field }), 400);
    expect(errors?.map((error) => error.path)).toEqual([path]);
  });

  it('a field with an unpaired surrogate', async () => {
    const response = await cloud.post('{"author":"a","title":"t","body":"\\ud800","topic":"x"}');
    const { errors } = await expectProblem(response, 400);
    expect(errors?.map(({ path }) => path)).toEqual(['/body']);
  });

  it('a request over 100,000 bytes', async () => {
    const size = Buffer.byteLength(JSON.stringify({ ...good, body: '' }));
    await expectProblem(await cloud.post({ ...good, body: 'é'.repeat((100_002 - size) / 2) }), 413);
  });

  it.each([
    ['GET', '/nowhere'],
    ['DELETE', '/posts'],
  ])('%s %s', async (method, path) => {
    await expectProblem(await cloud.request(path, { method }), 404);
  });
});

describe('the largest request', () => {
  it('has exactly 100,000 bytes, and is accepted', async () => {
    const size = Buffer.byteLength(JSON.stringify({ ...good, body: '' }));
    const { messages } = await cloud.connect();
    const response = await cloud.post({ ...good, body: 'a'.repeat(100_000 - size) });
    expect(response.status).toBe(201);
    await eventually(() => expect(messages).toHaveLength(1));
    await eventually(async () => expect(await cloud.emails(reader)).toHaveLength(2));
  });
});

describe('on the WebSocket', () => {
  leavesNoTrace();

  it.each(['not JSON', '{}', '{"action":"dance"}', '[]', ''])(
    '%j is answered with an error, and the connection stays open',
    async (message) => {
      const { socket, messages } = await cloud.connect();
      socket.send(message);
      socket.send('{"action":"ping"}');
      await eventually(() => expect(messages).toHaveLength(2));
      expect(messages).toContainEqual({ type: 'error', message: expect.stringMatching(/./) });
      expect(messages).toContainEqual({ type: 'pong' });
    },
  );

  const invocations = () => cloud.output.split('WebSocket $default').length - 1;

  it('a frame over 32 KB closes the connection with 1009 before the handler sees it', async () => {
    const { socket } = await cloud.connect();
    const before = invocations();
    const closed = once(socket, 'close');
    socket.send('a'.repeat(32 * 1024 + 1));
    const [code] = await closed;
    expect(code).toBe(1009);
    await eventually(() => expect(cloud.output).toContain('"disconnectStatusCode":1009'));
    expect(invocations()).toBe(before);
  });

  it('a message over 128 KB in small frames also closes the connection with 1009', async () => {
    const { socket } = await cloud.connect();
    const before = invocations();
    const closed = once(socket, 'close');
    for (let sent = 0; sent < 5; sent++) socket.send('a'.repeat(31 * 1024), { fin: sent === 4 });
    const [code] = await closed;
    expect(code).toBe(1009);
    expect(invocations()).toBe(before);
  });

  it('a message of 128 KB in frames of 32 KB is accepted', async () => {
    const { socket, messages } = await cloud.connect();
    for (let sent = 0; sent < 4; sent++) socket.send('a'.repeat(32 * 1024), { fin: sent === 3 });
    await eventually(() => expect(messages).toEqual([{ type: 'error', message: expect.any(String) }]));
  });

  it.each(['?postId=not-an-id', `?topic=${'a'.repeat(51)}`])(
    'connecting with %s is refused',
    async (query) => {
      await expect(cloud.connect(query)).rejects.toThrow('Unexpected server response: 400');
    },
  );
});
