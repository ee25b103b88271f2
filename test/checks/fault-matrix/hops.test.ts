import { type Hop, hopsOf } from '../../../checks/fault-matrix/hops.ts';
import { smallStack } from '../small-stack.ts';

const hops = hopsOf(smallStack);
const namesOf = (is: (hop: Hop) => boolean) => hops.filter(is).map(({ name }) => name);

it('lists each hop after the request once, up to mails and messages', () => {
  expect(namesOf(() => true).sort()).toEqual(
    [
      'create-post → dynamodb:PutItem',
      'create-post → events:PutEvents',
      'create-post → dynamodb:UpdateItem',
      'created → Topic',
      'Topic → email',
      'created → index',
      'event queue of index → index',
      'index → dynamodb:GetItem',
      'created → enrich',
      'event queue of enrich → enrich',
      'enrich → comprehend:DetectEntities',
      'enrich → dynamodb:UpdateItem',
      'stream of Posts → event source mapping',
      'stream of Posts → publish',
      'publish → events:PutEvents',
      'updated → push',
      'event queue of push → push',
      'push → dynamodb:GetItem',
      'push → execute-api:PostToConnection',
    ].sort(),
  );
});

it('lets a fault strike the call of the relay too', () => {
  expect(hops.flatMap(({ struck }) => (struck.length > 1 ? [struck] : []))).toEqual([
    ['create-post → events:PutEvents', 'relay-announcements → events:PutEvents'],
    ['create-post → dynamodb:UpdateItem', 'relay-announcements → dynamodb:UpdateItem'],
  ]);
});

it('names resources in faults by their generated name', () => {
  expect(hops.find(({ name }) => name === 'Topic → email')?.struck).toEqual(['Blog-dev-Topic1A2B → email']);
});

it('states where a worker can crash, and how long the caller waits', () => {
  expect(namesOf(({ worker }) => !worker)).toEqual([
    'created → Topic',
    'Topic → email',
    'created → index',
    'created → enrich',
    'stream of Posts → event source mapping',
    'updated → push',
  ]);
  expect(namesOf(({ patience }) => patience === 20_000)).toEqual(['enrich → comprehend:DetectEntities']);
  expect(namesOf(({ patience }) => patience === 2_000)).toEqual([
    'create-post → dynamodb:PutItem',
    'create-post → events:PutEvents',
    'create-post → dynamodb:UpdateItem',
    'index → dynamodb:GetItem',
    'enrich → dynamodb:UpdateItem',
    'publish → events:PutEvents',
    'push → dynamodb:GetItem',
    'push → execute-api:PostToConnection',
  ]);
});

it('states which hops the stream keeps in order', () => {
  expect(namesOf(({ inOrder }) => inOrder)).toEqual([
    'stream of Posts → event source mapping',
    'stream of Posts → publish',
    'publish → events:PutEvents',
  ]);
});

it('states which hops answer the author, and which ones run asynchronously', () => {
  expect(namesOf(({ ofRequest }) => ofRequest)).toEqual([
    'create-post → dynamodb:PutItem',
    'create-post → events:PutEvents',
    'create-post → dynamodb:UpdateItem',
  ]);
  expect(namesOf(({ asynchronous }) => asynchronous)).toEqual([
    'event queue of index → index',
    'index → dynamodb:GetItem',
    'event queue of enrich → enrich',
    'enrich → comprehend:DetectEntities',
    'enrich → dynamodb:UpdateItem',
    'event queue of push → push',
    'push → dynamodb:GetItem',
    'push → execute-api:PostToConnection',
  ]);
});

it('states what repeats mails: the hops to them, and the announcement that the relay repeats', () => {
  expect(namesOf(({ repeatsMails }) => repeatsMails)).toEqual([
    'create-post → events:PutEvents',
    'create-post → dynamodb:UpdateItem',
    'created → Topic',
    'Topic → email',
  ]);
});

it('states what repeats pushes: the hops from the table to clients, and each call of a function on them', () => {
  expect(namesOf(({ repeatsPushes }) => repeatsPushes)).toEqual([
    'stream of Posts → event source mapping',
    'stream of Posts → publish',
    'publish → events:PutEvents',
    'updated → push',
    'event queue of push → push',
    'push → dynamodb:GetItem',
    'push → execute-api:PostToConnection',
  ]);
});
