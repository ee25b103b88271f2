import { Recorder } from '../../conformance/answers.ts';
import { compare } from '../../conformance/comparison.ts';
import type { ListedDifference } from '../../conformance/differences.ts';

const page = 'sns/latest/api/API_Subscribe.html';
const listed: ListedDifference[] = [
  { service: 'sns', places: [['Subscribe', 'Attributes.A', 'ours']], why: '', page },
];
const theirs = { Subscribe: { Attributes: { A: 'theirs', B: [1, 2] } } };

test('explains answers that differ only in listed places', () => {
  const ours = { Subscribe: { Attributes: { A: 'ours', B: [1, 2] } }, Publish: {} };
  expect(compare('sns', ours, { ...theirs, Publish: {} }, listed)).toEqual({
    service: 'sns',
    calls: 2,
    equal: 1,
    listed: 1,
    unexplained: [],
    outdated: [],
  });
});

test.each([
  ['a field', { Attributes: { A: 'ours', B: [1, 3] } }, 'Attributes.B[1]'],
  ['a missing field', { Attributes: { A: 'ours' } }, 'Attributes.B'],
  ['an added field', { Attributes: { A: 'ours', B: [1, 2] }, C: null }, 'C'],
  ['a listed field, otherwise than listed', { Attributes: { A: 'other', B: [1, 2] } }, 'Attributes.A'],
  ['the length of an array', { Attributes: { A: 'ours', B: [1] } }, 'Attributes.B'],
  ['an error in place of an answer', { error: 'NotFound', status: 404 }, ''],
])('does not explain a difference in %s', (_, Subscribe, path) => {
  const { unexplained } = compare('sns', { Subscribe }, theirs, listed);
  expect(unexplained).toMatchObject([{ call: 'Subscribe', path }]);
});

test('does not explain a call that only one side made', () => {
  expect(compare('sns', {}, { Publish: {} }, []).unexplained).toHaveLength(1);
});

test('reports a listed difference that no longer exists as outdated', () => {
  expect(compare('sns', theirs, theirs, listed).outdated).toEqual(['sns: Subscribe: Attributes.A']);
});

test('replaces a value that differs between runs only if it has the expected form', async () => {
  const record = new Recorder();
  const MessageId = '0190aaaa-0000-7000-8000-000000000000';
  await record.call('good', Promise.resolve({ MessageId, SentTimestamp: '1700000000000', Body: MessageId }));
  await record.call('bad', Promise.resolve({ MessageId: '1', SentTimestamp: 'now' }));
  expect(record.answers).toEqual({
    good: { MessageId: '<uuid>', SentTimestamp: '<milliseconds>', Body: MessageId },
    bad: { MessageId: '1', SentTimestamp: 'now' },
  });
});

test('records a refusal by its code and status, and rethrows any other error', async () => {
  const record = new Recorder();
  const refusal = Object.assign(new Error('No.'), { name: 'NotFound', $metadata: { httpStatusCode: 404 } });
  expect(await record.call('refused', Promise.reject(refusal))).toEqual({});
  expect(record.answers).toEqual({ refused: { error: 'NotFound', status: 404 } });
  await expect(record.call('broken', Promise.reject(new Error('ECONNREFUSED')))).rejects.toThrow();
});
