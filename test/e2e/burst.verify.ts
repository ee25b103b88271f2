import { ComprehendClient, DetectEntitiesCommand } from '@aws-sdk/client-comprehend';
import { eventually } from 'local-cloud/fixtures/eventually';
import pMap from 'p-map';
import { comprehendSettings } from '../../lambdas/runtime/sdk-settings.ts';
import { LocalCloud } from '../../testing/local-cloud.ts';
import { UNTHROTTLED } from '../../testing/unthrottled.ts';

const POSTS = 200;

let cloud: LocalCloud;
beforeAll(async () => {
  // Far above the default throttle, which no burst of authors can pass.
  cloud = await LocalCloud.start([...UNTHROTTLED, '--comprehend-rate', '20']);
});
afterAll(() => cloud.stop());

it(`enriches ${POSTS} posts of a few seconds although Comprehend allows 20 calls a second`, async () => {
  const { messages } = await cloud.connect();
  const titles = Array.from({ length: POSTS }, (_, index) => `${index}`);
  // If all were sent at once, a slow machine would need more than API Gateway's 29 seconds for some.
  const posts = await pMap(
    titles,
    (title) => cloud.post({ author: 'a', title, body: 'Joe is going to Spain', topic: 'burst' }),
    { concurrency: 20 },
  );
  const statuses = posts.map(({ status }) => status);
  expect(new Set(statuses)).toEqual(new Set([201]));
  await eventually(() => expect(messages).toHaveLength(POSTS));
  const enriched = messages.filter((message) => JSON.stringify(message).includes('"persons":["Joe"]'));
  expect(enriched).toHaveLength(POSTS);
  expect(await cloud.deadLetters()).toBe(0);
});

// The local cloud runs two environments of a function. In AWS, each post of the burst can have its
// own environment, with its own client.
it(`answers ${POSTS} clients that call Comprehend at once, within the function timeout of 60 s`, async () => {
  const started = Date.now();
  const waits = await Promise.all(
    Array.from({ length: POSTS }, async () => {
      const client = new ComprehendClient({ ...comprehendSettings, endpoint: cloud.awsUrl });
      await client.send(new DetectEntitiesCommand({ Text: 'Joe is going to Spain', LanguageCode: 'en' }));
      client.destroy();
      return Date.now() - started;
    }),
  );
  expect(Math.max(...waits)).toBeLessThan(60_000);
});
