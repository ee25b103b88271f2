import { once } from 'node:events';
import { Fault } from 'local-cloud/faults';
import { eventually } from 'local-cloud/fixtures/eventually';
import { RecordedLog } from 'local-cloud/fixtures/recorded-log';
import * as z from 'zod/mini';
import { examplePost } from '../../contracts/examples.ts';
import { PostUpdated } from '../../model/messages.ts';
import { synthesizedAssembly } from '../../testing/assembly.ts';
import { VirtualCloud } from '../../testing/virtual-cloud.ts';

const MINUTE = 60_000;

const Saved = z.looseObject({ id: z.string() });

async function idOf(response: Response): Promise<string> {
  return Saved.parse(await response.json()).id;
}

describe('a client that watches a post', () => {
  let cloud: VirtualCloud;
  const log = new RecordedLog();
  beforeAll(async () => {
    cloud = await VirtualCloud.start(await synthesizedAssembly(), log);
  });
  afterEach(() => cloud.faults.clear());
  afterAll(() => cloud.stop());

  /** Returns the message that a client receives for an enriched post. */
  const enriched = (id: string) => ({
    type: 'post.updated',
    revision: 2,
    post: { id, createdAt: expect.any(String), ...examplePost, entities: expect.anything() },
  });

  /** Writes a revision of a post directly into the table, with the number in its title. */
  async function revise(id: string, revision: number): Promise<void> {
    await cloud.dynamoDb('UpdateItem', {
      TableName: cloud.outputs.PostsTableName,
      Key: { id: { S: id } },
      UpdateExpression: 'SET revision = :revision, title = :title, updatedAt = :now',
      ExpressionAttributeValues: {
        ':revision': { N: String(revision) },
        ':title': { S: `Title ${revision}` },
        ':now': { S: '2026-01-31T09:30:00.000Z' },
      },
    });
  }

  async function remove(id: string): Promise<void> {
    const { PostsTableName } = cloud.outputs;
    await cloud.dynamoDb('DeleteItem', { TableName: PostsTableName, Key: { id: { S: id } } });
  }

  async function stored(id: string): Promise<string> {
    const { PostsTableName } = cloud.outputs;
    return cloud.dynamoDb('GetItem', { TableName: PostsTableName, Key: { id: { S: id } } });
  }

  it('receives the push once if it connects before the enrichment', async () => {
    cloud.faults.add(
      Fault.parse({ hop: 'blogPostCreation → recognize-entities', fault: 'delay', ms: MINUTE }),
    );
    const id = await idOf(await cloud.post(examplePost));
    const { messages } = await cloud.connect(`?postId=${id}`);
    await cloud.pass(MINUTE / 2);
    expect(messages).toEqual([]);
    await cloud.pass(MINUTE);
    await eventually(() => expect(messages).toEqual([enriched(id)]));
  });

  it('receives the state once if it connects after the enrichment', async () => {
    const id = await idOf(await cloud.post(examplePost));
    await cloud.pass(MINUTE);
    const { messages } = await cloud.connect(`?postId=${id}`);
    await cloud.pass(MINUTE);
    await eventually(() => expect(messages).toEqual([enriched(id)]));
  });

  it('receives the state although the first attempts to send it fail', async () => {
    const id = await idOf(await cloud.post(examplePost));
    await cloud.pass(MINUTE);
    cloud.faults.add(Fault.parse({ function: 'send-post-state', fault: 'crash', times: 2 }));
    const { messages } = await cloud.connect(`?postId=${id}`);
    await cloud.pass(5 * MINUTE);
    await eventually(() => expect(messages).toEqual([enriched(id)]));
  });

  it('is refused with 502 if the event that requests its state cannot be put', async () => {
    cloud.faults.add(Fault.parse({ function: 'manage-connections', service: 'events', fault: 'error' }));
    await expect(cloud.connect(`?postId=${crypto.randomUUID()}`)).rejects.toThrow('502');
  });

  it('receives the state when it subscribes on an open connection, and later updates', async () => {
    const id = await idOf(await cloud.post(examplePost));
    await cloud.pass(MINUTE);
    const { socket, messages } = await cloud.connect('?topic=other');
    socket.send(JSON.stringify({ action: 'subscribe', postId: id }));
    await eventually(() => expect(messages).toEqual([{ ...enriched(id), type: 'subscribed', postId: id }]));
    await revise(id, 3);
    await cloud.pass(MINUTE);
    await eventually(() => expect(messages).toHaveLength(2));
    expect(messages[1]).toMatchObject({ type: 'post.updated', revision: 3, post: { id } });
  });

  it('receives the state that it missed when it reconnects', async () => {
    cloud.faults.add(
      Fault.parse({ hop: 'blogPostCreation → recognize-entities', fault: 'delay', ms: MINUTE }),
    );
    const id = await idOf(await cloud.post(examplePost));
    const lost = await cloud.connect(`?postId=${id}`);
    lost.socket.terminate();
    await once(lost.socket, 'close');
    await cloud.pass(2 * MINUTE);
    const { messages } = await cloud.connect(`?postId=${id}`);
    await cloud.pass(MINUTE);
    await eventually(() => expect(messages).toEqual([enriched(id)]));
    expect(lost.messages).toEqual([]);
  });

  it('receives the state at the time of the push, not at the time of the event', async () => {
    const id = await idOf(await cloud.post(examplePost));
    await cloud.pass(MINUTE);
    const { messages } = await cloud.connect('?topic=summer');
    cloud.faults.add(
      Fault.parse({ hop: 'BlogPostUpdate → push-post-update', fault: 'delay', ms: MINUTE, times: 1 }),
    );
    await revise(id, 3);
    await cloud.pass(MINUTE / 2);
    await revise(id, 4);
    await cloud.pass(5 * MINUTE);
    await eventually(() => expect(messages).toMatchObject([{ revision: 4 }, { revision: 4 }]));
  });

  it('receives nothing for a post that is deleted before its push', async () => {
    const { messages } = await cloud.connect('?topic=summer');
    cloud.faults.add(Fault.parse({ hop: 'BlogPostUpdate → push-post-update', fault: 'delay', ms: MINUTE }));
    const id = await idOf(await cloud.post(examplePost));
    await cloud.pass(MINUTE / 2);
    await remove(id);
    await cloud.pass(5 * MINUTE);
    expect(messages).toEqual([]);
    expect(await cloud.deadLetters()).toBe(0);
  });

  it('ends at the last state if it ignores older revisions, despite reordered and repeated pushes', async () => {
    const [first, second] = [
      await idOf(await cloud.post(examplePost)),
      await idOf(await cloud.post(examplePost)),
    ];
    await cloud.pass(MINUTE);
    const clients = [await cloud.connect(), await cloud.connect(`?postId=${first}`)];
    for (const [hop, fault] of [
      ['BlogPostUpdate → push-post-update', 'reorder'],
      ['event queue of push-post-update → push-post-update', 'duplicate'],
      ['event queue of push-post-update → push-post-update', 'reorder'],
      ['push-post-update → execute-api:PostToConnection', 'duplicate'],
    ])
      cloud.faults.add(Fault.parse({ hop, fault, probability: 0.5 }));
    for (let revision = 3; revision <= 12; revision++) {
      await revise(first, revision);
      await revise(second, revision);
      // Two of every three revisions are written while the previous one is being delivered.
      if (revision % 3 === 0) await cloud.pass(1000);
    }
    await cloud.pass(5 * MINUTE);
    const struck = log.warnings.filter((line) => line.startsWith('fault: '));
    for (const fault of ['reorder', 'duplicate'])
      expect(struck.filter((line) => line.includes(`${fault} at`)).length).toBeGreaterThan(5);
    for (const [index, { messages }] of clients.entries()) {
      const told = z.array(PostUpdated).parse(messages);
      for (const id of index === 0 ? [first, second] : [first]) {
        let last = 0;
        let title = '';
        for (const { revision, post } of told.filter(({ post }) => post.id === id)) {
          if (revision <= last) continue;
          last = revision;
          title = post.title;
        }
        expect([last, title]).toEqual([12, 'Title 12']);
      }
    }
  });

  it('receives one push for a post that is enriched twice', async () => {
    const { messages } = await cloud.connect('?topic=summer');
    cloud.faults.add(
      Fault.parse({ hop: 'event queue of recognize-entities → recognize-entities', fault: 'duplicate' }),
    );
    const id = await idOf(await cloud.post(examplePost));
    await cloud.pass(MINUTE);
    await eventually(() => expect(messages).toEqual([enriched(id)]));
    expect(await stored(id)).toContain('"revision":{"N":"2"}');
  });

  it('receives nothing for a post that is deleted before its enrichment, and the post stays deleted', async () => {
    const { messages } = await cloud.connect('?topic=summer');
    cloud.faults.add(
      Fault.parse({ hop: 'blogPostCreation → recognize-entities', fault: 'delay', ms: MINUTE }),
    );
    const id = await idOf(await cloud.post(examplePost));
    await remove(id);
    await cloud.pass(5 * MINUTE);
    expect(await stored(id)).toBe('{}');
    expect(messages).toEqual([]);
    expect(await cloud.deadLetters()).toBe(0);
  });

  it.each([
    ['TextSizeLimitExceededException', 'The text is too large to be analysed.'],
    ['UnsupportedLanguageException', 'The language of the text is not supported.'],
    ['InvalidRequestException', 'The text cannot be analysed.'],
  ])('receives the reason if the post cannot be enriched: %s, which is not retried', async (code, reason) => {
    const { messages } = await cloud.connect('?topic=summer');
    const before = log.warnings.length;
    cloud.faults.add(
      Fault.parse({ service: 'comprehend', operation: 'DetectEntities', fault: 'error', code, status: 400 }),
    );
    const id = await idOf(await cloud.post(examplePost));
    await cloud.pass(5 * MINUTE);
    await eventually(() => expect(messages).toHaveLength(1));
    expect(messages).toMatchObject([{ revision: 2, post: { id, enrichment: { status: 'failed', reason } } }]);
    expect(messages[0]).not.toHaveProperty(['post', 'entities']);
    expect(log.warnings.slice(before).filter((line) => line.startsWith('fault: '))).toEqual([
      expect.stringContaining('error at recognize-entities → comprehend:DetectEntities'),
    ]);
    expect(await cloud.deadLetters()).toBe(0);
  });

  it('receives the other posts if one can never be published, and that one goes to its queue', async () => {
    const { messages } = await cloud.connect('?topic=summer');
    const before = await idOf(await cloud.post(examplePost));
    await cloud.dynamoDb('PutItem', {
      TableName: cloud.outputs.PostsTableName,
      Item: { id: { S: 'broken' }, revision: { N: '2' }, updatedAt: { S: '2026-01-31T09:30:00.000Z' } },
    });
    const after = await idOf(await cloud.post(examplePost));
    await cloud.pass(MINUTE);
    await eventually(() => expect(messages).toHaveLength(2));
    expect(messages).toEqual(expect.arrayContaining([enriched(before), enriched(after)]));
    const waiting = (await cloud.queues()).flatMap(({ messages }) => messages.map(({ body }) => body));
    expect(waiting).toEqual([expect.stringContaining('{"postId":"broken","revision":2,')]);
  });
});
