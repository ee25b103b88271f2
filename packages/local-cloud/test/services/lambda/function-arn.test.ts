import { functionName } from '../../../src/services/lambda/function-arn.ts';

it.each([
  'act',
  'act:$LATEST',
  '123456789012:function:act',
  'arn:aws:lambda:eu-west-1:123456789012:function:act',
  'arn:aws:lambda:eu-west-1:123456789012:function:act:$LATEST',
])('finds the name in %s', (reference) => {
  expect(functionName(reference)).toBe('act');
});
