import { once } from 'node:events';
import { Fault } from 'local-cloud/faults';
import { eventually } from 'local-cloud/fixtures/eventually';
import { RecordedLog } from 'local-cloud/fixtures/recorded-log';
import * as z from 'zod/mini';
import { examplePost } from '../../contracts/examples.ts';
import { removePost } from '../../operations/post-removal.ts';
import { localStackOf } from '../../operations/stack.ts';
import { synthesizedAssembly } from '../../testing/assembly.ts';
import { VirtualCloud } from '../../testing/virtual-cloud.ts';

const MINUTE = 60_000;

let cloud: VirtualCloud;
beforeAll(async () => {
  cloud = await VirtualCloud.start(await synthesizedAssembly(), new RecordedLog());
});
afterEach(() => {
  cloud.faults.clear();
  cloud.disconnect();
});
afterAll(() => cloud.stop());

const Saved = z.looseObject({ id: z.string() });

async function post(topic: string): Promise<string> {
  return Saved.parse(await (await cloud.post({ ...examplePost, topic })).json()).id;
}

/** Keeps every new post from its enrichment for a minute. */
const delayEnrichment = () =>
  cloud.faults.add(Fault.parse({ hop: 'blogPostCreation → recognize-entities', fault: 'delay', ms: MINUTE }));

const created = (id: string) => ({
  type: 'post.created',
  revision: 1,
  post: expect.objectContaining({ id }),
});
const updated = (id: string) => ({
  type: 'post.updated',
  revision: 2,
  post: expect.objectContaining({ id }),
});

it('receive who asked for them, before the enrichment; others receive one message a post', async () => {
  const asked = [
    '?from=created',
    '?from=created&topic=new',
    `?from=created&topic=new&postId=${crypto.randomUUID()}`,
  ];
  const clients = await Promise.all(asked.map((query) => cloud.connect(query)));
  const plain = await Promise.all(['', '?topic=new'].map((query) => cloud.connect(query)));
  const elsewhere = await cloud.connect('?from=created&topic=elsewhere');
  delayEnrichment();
  const id = await post('new');
  await cloud.pass(MINUTE / 2);
  for (const { messages } of clients) await eventually(() => expect(messages).toEqual([created(id)]));
  for (const { messages } of [...plain, elsewhere]) expect(messages).toEqual([]);
  await cloud.pass(MINUTE);
  for (const { messages } of clients)
    await eventually(() => expect(messages).toEqual([created(id), updated(id)]));
  for (const { messages } of plain) await eventually(() => expect(messages).toEqual([updated(id)]));
  expect(elsewhere.messages).toEqual([]);
});

it('arrive on an open connection from a subscription until it ends', async () => {
  const { socket, messages } = await cloud.connect('?topic=nothing');
  const ask = async (message: object) => {
    const answered = once(socket, 'message');
    socket.send(JSON.stringify(message));
    await answered;
    return messages.pop();
  };
  const subject = { topic: 'asked', from: 'created' };
  expect(await ask({ action: 'subscribe', ...subject })).toEqual({ type: 'subscribed', ...subject });
  // A post that is enriched before its push is not sent as new.
  delayEnrichment();
  const id = await post('asked');
  await cloud.pass(2 * MINUTE);
  await eventually(() => expect(messages).toEqual([created(id), updated(id)]));
  messages.length = 0;
  expect(await ask({ action: 'unsubscribe', topic: 'asked' })).toMatchObject({ type: 'unsubscribed' });
  await post('asked');
  await cloud.pass(MINUTE);
  expect(messages).toEqual([]);
});

it.each([
  ['was enriched', async () => {}, (id: string) => updated(id)],
  [
    'was removed',
    (id: string) => removePost(localStackOf(cloud.outputs), id),
    (postId: string) => ({ type: 'post.removed', postId }),
  ],
])('are not sent after the post %s', async (_, change, last) => {
  const { messages } = await cloud.connect('?from=created&topic=late');
  cloud.faults.add(Fault.parse({ hop: 'BlogPostSave → push-post-update', fault: 'delay', ms: 2 * MINUTE }));
  if (last('').type === 'post.removed') delayEnrichment();
  const id = await post('late');
  await change(id);
  await cloud.pass(10 * MINUTE);
  await eventually(() => expect(messages).toEqual([last(id)]));
  expect(await cloud.deadLetters()).toBe(0);
});

it('are sent again as the same message if the event comes twice', async () => {
  const { messages } = await cloud.connect('?from=created&topic=twice');
  delayEnrichment();
  cloud.faults.add(Fault.parse({ hop: 'BlogPostSave → push-post-update', fault: 'duplicate' }));
  const id = await post('twice');
  await cloud.pass(MINUTE / 2);
  await eventually(() => expect(messages).toEqual([created(id), created(id)]));
});

it.each(['?from=now', `?from=created&postId=${crypto.randomUUID()}`])(
  'refuses %s with a 400',
  async (query) => {
    await expect(cloud.connect(query)).rejects.toThrow('400');
  },
);
