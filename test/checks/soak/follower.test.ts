import { Follower, type ServerMessage } from '../../../checks/soak/follower.ts';
import { exampleCreatedPost, exampleEnrichedPost } from '../../../contracts/examples.ts';

class TestFollower extends Follower {
  readonly isOpen = true;
  readonly openedAt = 0;

  receiveAll(...messages: ServerMessage[]): void {
    for (const message of messages) this.receive(message);
  }
}

const created: ServerMessage = { type: 'post.created', revision: 1, post: exampleCreatedPost };
const updated: ServerMessage = { type: 'post.updated', revision: 2, post: exampleEnrichedPost };

it.each([
  ['each state once', [created, updated], 0],
  ['a new post after its update', [updated, created], 0],
  ['an update twice', [created, updated, updated], 1],
  ['a new post twice, the second time after its update', [created, updated, created], 1],
])('counts as repeated only what the client has seen: %s', (_, messages, repeats) => {
  const follower = new TestFollower('client', 'all');
  follower.receiveAll(...messages);
  expect(follower).toMatchObject({ pushes: messages.length, repeats });
  expect(follower.told.get(exampleCreatedPost.id)?.revision).toBe(2);
});
