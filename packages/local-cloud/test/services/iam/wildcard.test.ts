import fc from 'fast-check';
import {
  actionMatcher,
  arnMatcher,
  resourceMatcher,
  stringMatcher,
} from '../../../src/services/iam/wildcard.ts';

it.each([
  ['dynamodb:PutItem', 'dynamodb:PutItem', true],
  ['DynamoDB:putitem', 'dynamodb:PutItem', true],
  ['dynamodb:*', 'dynamodb:PutItem', true],
  ['dynamodb:Put*', 'dynamodb:PutItem', true],
  ['dynamodb:???Item', 'dynamodb:PutItem', true],
  ['*', 'dynamodb:PutItem', true],
  ['dynamodb:??Item', 'dynamodb:PutItem', false],
  ['dynamodb:Put', 'dynamodb:PutItem', false],
  ['sqs:*', 'dynamodb:PutItem', false],
])('the action %s, of %s: %s', (pattern, action, expected) => {
  expect(actionMatcher(pattern)(action)).toBe(expected);
});

it.each([
  ['*', 'arn:aws:sqs:eu-west-1:123456789012:orders', true],
  ['arn:aws:sqs:eu-west-1:123456789012:orders', 'arn:aws:sqs:eu-west-1:123456789012:orders', true],
  ['arn:aws:sqs:eu-west-1:123456789012:Orders', 'arn:aws:sqs:eu-west-1:123456789012:orders', false],
  ['arn:aws:sqs:*:*:ord*', 'arn:aws:sqs:eu-west-1:123456789012:orders', true],
  ['arn:aws:sqs:eu-west-?:123456789012:orders', 'arn:aws:sqs:eu-west-1:123456789012:orders', true],
  // Only a `*` at the end of a segment matches beyond it.
  ['arn:aws:sqs:*', 'arn:aws:sqs:eu-west-1:123456789012:orders', true],
  ['arn:aws:sqs:eu*orders', 'arn:aws:sqs:eu-west-1:123456789012:orders', false],
  ['arn:aws:sqs:eu-west-1?123456789012:orders', 'arn:aws:sqs:eu-west-1:123456789012:orders', false],
  ['arn:aws:logs:eu:1:log-group:a*:stream', 'arn:aws:logs:eu:1:log-group:a:b:stream', true],
  ['arn:aws:x:eu:1:api/dev/POST/@connections/*', 'arn:aws:x:eu:1:api/dev/POST/@connections/a=', true],
  ['arn:aws:x:eu:1:api/dev/POST/@connections/*', 'arn:aws:x:eu:1:api/dev/GET/@connections/a=', false],
  ['arn:aws:sqs:eu:1:a.c', 'arn:aws:sqs:eu:1:abc', false],
])('the resource %s, of %s: %s', (pattern, resource, expected) => {
  expect(resourceMatcher(pattern)(resource)).toBe(expected);
});

it.each([
  ['arn:aws:events:*:1:rule/*', 'arn:aws:events:eu:1:rule/bus/r', true],
  ['arn:aws:execute-api:eu:1:api/*$connect', 'arn:aws:execute-api:eu:1:api/dev/$connect', true],
  ['arn:aws:execute-api:eu:1:api/*$connect', 'arn:aws:execute-api:eu:1:api/dev/$disconnect', false],
  ['arn:aws:sns:eu:1:a*c', 'arn:aws:sns:eu:1:a:b:c', true],
  ['arn:aws:*:topic', 'arn:aws:sns:eu:1:topic', false],
  ['arn:aws:s*:1:topic', 'arn:aws:sns:eu:1:topic', false],
])('the ARN %s, of %s: %s', (pattern, arn, expected) => {
  expect(arnMatcher(pattern)(arn)).toBe(expected);
});

/** Written for clarity, not for speed. */
function matchesGlob([first, ...rest]: string[], text: string[]): boolean {
  if (first === undefined) return text.length === 0;
  if (first === '*' && matchesGlob(rest, text)) return true;
  const [character, ...others] = text;
  if (character === undefined) return false;
  if (first === '*') return matchesGlob([first, ...rest], others);
  return (first === '?' || first === character) && matchesGlob(rest, others);
}

const pattern = fc.string({
  unit: fc.constantFrom('*', '?', 'a', 'b', '.', '$', '[', '\\', '\n'),
  maxLength: 8,
});
const text = fc.string({ unit: fc.constantFrom('a', 'b', '.', '$', '[', '\\', '\n', '*'), maxLength: 8 });

it('matches like a glob, even with special characters of regular expressions', () => {
  fc.assert(
    fc.property(pattern, text, (glob, subject) => {
      const expected = matchesGlob([...glob], [...subject]);
      expect(stringMatcher(glob)(subject)).toBe(expected);
      expect(actionMatcher(glob.toUpperCase())(subject)).toBe(expected);
      // Within one segment, ARNs match the same way.
      expect(resourceMatcher(glob)(subject)).toBe(expected);
      const arn = 'arn:aws:sns:eu:1:';
      expect(arnMatcher(arn + glob)(arn + subject)).toBe(expected);
    }),
  );
});

it('compares each component of an ARN on its own', () => {
  const five = fc.array(pattern, { minLength: 5, maxLength: 5 });
  const subjects = fc.array(text, { minLength: 5, maxLength: 5 });
  fc.assert(
    fc.property(five, subjects, (globs, parts) => {
      const expected = globs.every((glob, index) => matchesGlob([...glob], [...(parts[index] ?? '')]));
      expect(arnMatcher(['arn', ...globs].join(':'))(['arn', ...parts].join(':'))).toBe(expected);
    }),
  );
});
