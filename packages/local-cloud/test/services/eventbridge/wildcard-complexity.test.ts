import fc from 'fast-check';
import { isTooComplex } from '../../../src/services/eventbridge/wildcard-complexity.ts';

const wildcards = (...patterns: string[]) =>
  patterns.map((pattern) => ({ identity: pattern, wildcards: [pattern] }));

test.each([
  ['no wildcard', wildcards('plain'), false],
  ['few wildcards', wildcards('arn:aws:events:us-east-1:*:event-bus/*'), false],
  // The first two are recorded answers of AWS.
  ['repeated text after a wildcard', wildcards('/Users/*/dir/dir/dir/dir/dir/doc.txt'), false],
  ['many wildcards', wildcards('*:*:*:*:*:event-bus/*'), true],
  ['two similar wildcards', wildcards('*/datasync/*.tif', '*/datasync/*.bif'), false],
  [
    'four similar wildcards',
    wildcards('*/datasync/*.tif', '*/datasync/*.bif', '*/datasync/*.tiff', '*/datasync/*.svs'),
    true,
  ],
  ['a complexity of 10', wildcards(`*${'a'.repeat(9)}`), false],
  ['a complexity of 11', wildcards(`*${'a'.repeat(10)}`), true],
  ['an escaped asterisk', wildcards('\\*:\\*:\\*:\\*:\\*:\\*:\\*'), false],
  ['one wildcard after many characters', wildcards(`${'a'.repeat(4000)}*`), false],
  ['the wildcards of one comparison', [{ identity: 'but', wildcards: ['*/init/*', '*/dir/*'] }], false],
])('of %s', (_name, comparisons, expected) => {
  expect(isTooComplex(comparisons)).toBe(expected);
});

test('never grows when a wildcard is removed', () => {
  const pattern = fc
    .array(fc.constantFrom('a', 'b', ':', '*'), { minLength: 1, maxLength: 12 })
    .map((characters) => characters.join('').replaceAll(/\*+/g, '*'));
  fc.assert(
    fc.property(fc.uniqueArray(pattern, { minLength: 1, maxLength: 5 }), (patterns) => {
      const fewer = isTooComplex(wildcards(...patterns.slice(1)));
      expect(fewer && !isTooComplex(wildcards(...patterns))).toBe(false);
    }),
  );
});
