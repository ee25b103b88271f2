import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { conditionally } from '../../../lambdas/runtime/conditional-write.ts';

const failure = (Item?: ConditionalCheckFailedException['Item']) =>
  Promise.reject(new ConditionalCheckFailedException({ message: 'no', $metadata: {}, Item }));

test('returns the output of a write whose condition holds', async () => {
  expect(await conditionally(Promise.resolve(42))).toEqual({ done: true, output: 42 });
});

test('returns the stored item, if requested, of a write whose condition does not hold', async () => {
  expect(await conditionally(failure())).toEqual({ done: false, stored: undefined });
  expect(await conditionally(failure({ id: { S: '1' }, used: { N: '2' } }))).toEqual({
    done: false,
    stored: { id: '1', used: 2 },
  });
});

test('throws any other failure', async () => {
  await expect(conditionally(Promise.reject(new Error('throttled')))).rejects.toThrow('throttled');
});
