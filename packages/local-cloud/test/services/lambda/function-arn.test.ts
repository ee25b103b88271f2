import { functionName, qualifiedName } from '../../../src/services/lambda/function-arn.ts';

it.each([
  'act',
  'act:$LATEST',
  '123456789012:function:act',
  'arn:aws:lambda:eu-west-1:123456789012:function:act',
  'arn:aws:lambda:eu-west-1:123456789012:function:act:$LATEST',
])('finds the name in %s', (reference) => {
  expect(functionName(reference)).toBe('act');
});

it.each([
  'act:live',
  'function:act:live',
  '123456789012:function:act:live',
  'arn:aws:lambda:eu-west-1:123456789012:function:act:live',
])('finds the name and the alias in %s', (reference) => {
  expect(functionName(reference)).toBe('act:live');
  expect(qualifiedName(reference)).toBe('act:live');
});

it('keeps $LATEST in a qualified name', () => {
  expect(qualifiedName('arn:aws:lambda:eu-west-1:123456789012:function:act:$LATEST')).toBe('act:$LATEST');
});
