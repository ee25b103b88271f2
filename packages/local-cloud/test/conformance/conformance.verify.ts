import { compareWithRecordings } from '../../conformance/conformance.ts';

it('answers like the references, except for differences listed with their AWS page', async () => {
  const comparisons = await compareWithRecordings();
  expect(comparisons.map(({ service }) => service)).toEqual([
    'dynamodb',
    'dynamodb-expressions',
    'dynamodb-streams',
    'eventbridge',
    'sns',
    'sqs',
  ]);
  for (const { unexplained, outdated } of comparisons)
    expect({ unexplained, outdated }).toEqual({ unexplained: [], outdated: [] });
}, 60_000);
