import { parseFault } from '../../src/core/fault-input.ts';
import type { Point } from '../../src/core/faults.ts';
import { callHop } from '../../src/core/hop.ts';

const points: Point[] = [
  { hop: callHop('sns', 'Publish', 'greet'), service: 'sns', operation: 'Publish', function: 'greet' },
];

it('accepts a fault that can occur', () => {
  expect(parseFault({ fault: 'drop', operation: 'Publish' }, points)).toEqual({
    fault: { fault: 'drop', operation: 'Publish', when: 'before', probability: 1 },
  });
});

const FAULTS =
  'only "error", "throttle", "delay", "drop", "crash", "late", "duplicate" or "reorder" is supported';
const NO_HOP = 'There is no hop "nope". Available: greet → sns:Publish.';

it.each([
  [{ hop: 'nope' }, { fault: FAULTS, hop: NO_HOP }],
  [
    { hop: 'nope', fault: 'dorp' },
    { fault: FAULTS, hop: NO_HOP },
  ],
  [{ operation: 'Publish', fault: 'delay' }, { ms: 'a value is required' }],
  [{ operation: 'Publish', fault: 'delay', ms: '5' }, { ms: 'this must be a number' }],
  [{ operation: 'Publish', fault: 'drop', tmies: 1 }, { tmies: 'there is no such field' }],
  [{ operation: 'Publish', fault: 'drop', times: 0 }, { times: 'this must be above 0' }],
  [{ operation: 'Publish', fault: 'drop', probability: 2 }, { probability: 'this must be at most 1' }],
  [{ operation: 'Publish', fault: 'drop', when: 'later' }, { when: 'only "before" or "after" is supported' }],
  [
    { operation: 'Publish', fault: 'error', code: 'a\r\nb' },
    { code: 'a code has letters, digits and the characters _ . : -' },
  ],
  [{ fault: 'drop' }, { '': 'one of service, operation, function and hop must be given' }],
  [[], { '': 'this must be an object' }],
])('says in plain words what is wrong with %j', (input, expected) => {
  const parsed = parseFault(input, points);
  const errors = 'errors' in parsed ? parsed.errors : [];
  expect(Object.fromEntries(errors.map(({ path, message }) => [path.join('.'), message]))).toEqual(expected);
});
