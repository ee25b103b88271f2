import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { conditionally } from '../../../lambdas/runtime/conditional-write.ts';

const failure = (Item?: ConditionalCheckFailedException['Item']) =>
  Promise.reject(new ConditionalCheckFailedException({ message: 'no', $metadata: {}, Item }));

test('a write whose condition holds is done, with its output', async () => {
  expect(await conditionally(Promise.resolve(42))).toEqual({ done: true, output: 42 });
});

test('a write whose condition does not hold is not done, and returns the stored item if it asked for it', async () => {
  expect(await conditionally(failure())).toEqual({ done: false, stored: undefined });
  expect(await conditionally(failure({ id: { S: '1' }, used: { N: '2' } }))).toEqual({
    done: false,
    stored: { id: '1', used: 2 },
  });
});

test('any other failure is thrown', async () => {
  await expect(conditionally(Promise.reject(new Error('throttled')))).rejects.toThrow('throttled');
});
