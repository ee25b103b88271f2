import { Fault, type Point } from '../../src/core/faults.ts';
import { callHop, deliveryHop, runHop } from '../../src/core/hop.ts';
import { impossibilityOf } from '../../src/core/possible-fault.ts';

const call = (from: string, service: string, operation: string): Point => ({
  hop: callHop(service, operation, from),
  service,
  operation,
  function: from,
});
const points: Point[] = [
  call('create-post', 'dynamodb', 'PutItem'),
  call('create-post', 'events', 'PutEvents'),
  call('get-post', 'dynamodb', 'GetItem'),
  { hop: callHop('sns', 'Publish'), service: 'sns', operation: 'Publish' },
  { hop: deliveryHop('creation', 'create-post'), service: 'lambda', operation: 'Invoke' },
  { hop: runHop('GET /posts', 'get-post'), function: 'get-post' },
];
const of = (fields: object) => impossibilityOf(Fault.parse({ fault: 'drop', ...fields }), points);

it.each([
  { service: 'dynamodb' },
  { operation: 'Publish' },
  { service: 'dynamodb', function: 'get-post' },
  { function: 'get-post' },
  { hop: 'administrator → sns:Publish' },
  { hop: 'creation → create-post', service: 'lambda' },
])('accepts %j', (fields) => {
  expect(of(fields)).toBeUndefined();
});

it.each([
  [{ function: 'nope' }, 'function', 'There is no function "nope". Available: create-post, get-post.'],
  [
    { hop: 'nope' },
    'hop',
    'There is no hop "nope". Available: GET /posts → get-post, create-post → dynamodb:PutItem, create-post → events:PutEvents, creation → create-post, get-post → dynamodb:GetItem.',
  ],
  [
    { service: 'sqs' },
    'service',
    'Nothing calls the service "sqs". Available: dynamodb, events, lambda, sns.',
  ],
  [
    { operation: 'Publsh' },
    'operation',
    '"Publsh" is not an operation. Available: GetItem, Invoke, Publish, PutEvents, PutItem.',
  ],
  [
    { service: 'dynamodb', operation: 'Publish' },
    'operation',
    '"Publish" is not an operation of dynamodb. Available: GetItem, PutItem.',
  ],
  [
    { function: 'get-post', service: 'events' },
    'function',
    'The function "get-post" does not call events. Available: dynamodb:GetItem.',
  ],
  [
    { function: 'get-post', service: 'dynamodb', operation: 'PutItem' },
    'function',
    'The function "get-post" does not call dynamodb:PutItem. Available: dynamodb:GetItem.',
  ],
  [
    { hop: 'create-post → dynamodb:PutItem', service: 'sns' },
    'hop',
    'The hop "create-post → dynamodb:PutItem" has other fields. Available: {"service":"dynamodb","operation":"PutItem","function":"create-post"}.',
  ],
])('refuses %j, with what exists', (fields, field, message) => {
  expect(of(fields)).toEqual({ field, message });
});
