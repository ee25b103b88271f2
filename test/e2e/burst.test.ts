import { eventually } from './eventually.ts';
import { LocalCloud } from './local-cloud.ts';

const POSTS = 200;

it(`enriches ${POSTS} posts of one second against a recogniser that allows 20 calls a second`, async () => {
  const cloud = await LocalCloud.start([
    '-c',
    'restRate=1000',
    '-c',
    'restBurst=1000',
    '--comprehend-rate',
    '20',
  ]);
  const { messages } = await cloud.connect();
  const posts = Array.from({ length: POSTS }, (_, index) =>
    cloud.post({ author: 'a', title: `${index}`, body: 'Joe is going to Spain', topic: 'burst' }),
  );
  const statuses = (await Promise.all(posts)).map(({ status }) => status);
  expect(new Set(statuses)).toEqual(new Set([201]));
  await eventually(() => expect(messages).toHaveLength(POSTS), 60_000);
  const enriched = messages.filter((message) => JSON.stringify(message).includes('"persons":["Joe"]'));
  expect(enriched).toHaveLength(POSTS);
  expect(await cloud.deadLetters()).toBe(0);
  expect(await cloud.stop()).toBe(0);
}, 90_000);
