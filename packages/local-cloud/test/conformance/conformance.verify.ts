import { compareWithRecordings } from '../../conformance/conformance.ts';

it('answers as the references do, but for what is listed with its page of AWS', async () => {
  const comparisons = await compareWithRecordings();
  expect(comparisons.map(({ service }) => service)).toEqual([
    'dynamodb',
    'dynamodb-streams',
    'eventbridge',
    'sns',
    'sqs',
  ]);
  for (const { unexplained, outdated } of comparisons)
    expect({ unexplained, outdated }).toEqual({ unexplained: [], outdated: [] });
}, 60_000);
