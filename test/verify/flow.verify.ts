import { LocalCloud } from '../../testing/local-cloud.ts';
import { UNTHROTTLED } from '../../testing/unthrottled.ts';
import { expectWholeWays, FlowClient } from '../e2e/flow-client.ts';

const POSTS = 1_000;

let cloud: LocalCloud;
beforeAll(async () => {
  cloud = await LocalCloud.start(UNTHROTTLED);
});
afterAll(() => cloud.stop());

it(`links every hop of ${POSTS} posts at once to its cause`, async () => {
  const flow = await FlowClient.open(cloud);
  expectWholeWays(flow, await flow.tracesOfPosts(POSTS, 100));
});
