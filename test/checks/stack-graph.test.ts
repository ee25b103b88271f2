import { hopName } from 'local-cloud/hop';
import { smallStack } from './small-stack.ts';

it('follows the hops from a node to the clients', () => {
  const names = smallStack.edgesFrom(['publish']).map(({ hop }) => hopName(hop));
  expect(names.sort()).toEqual(
    [
      'publish → events:PutEvents',
      'UpdateBus → updated',
      'updated → push',
      'event queue of push → push',
      'push → dynamodb:GetItem',
      'push → execute-api:PostToConnection',
      // The graph does not distinguish reads of a table from writes.
      'stream of Blog-dev-Posts1A2B → event source mapping',
      'stream of Blog-dev-Posts1A2B → publish',
    ].sort(),
  );
});

it('follows the hops back from a node to tables and clients', () => {
  expect([...smallStack.nodesBefore('mail')].sort()).toEqual(
    [
      'mail',
      'Topic1A2B',
      'created',
      'BlogBus',
      'create-post',
      'relay-announcements',
      'each-minute',
      'Api',
    ].sort(),
  );
});

it('states how a function is invoked', () => {
  expect(['create-post', 'index', 'publish'].filter((name) => smallStack.isAsynchronous(name))).toEqual([
    'index',
  ]);
  expect(['create-post', 'index', 'publish'].filter((name) => smallStack.readsStream(name))).toEqual([
    'publish',
  ]);
});

it('distinguishes consumers of events and changes from scheduled functions', () => {
  expect(smallStack.consumers).toEqual(['enrich', 'index', 'publish', 'push']);
  expect(smallStack.schedules).toEqual(['each-minute']);
  expect(smallStack.scheduled).toEqual(['relay-announcements']);
});
