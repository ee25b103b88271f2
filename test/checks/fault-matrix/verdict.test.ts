import { lostIn } from '../../../checks/fault-matrix/verdict.ts';

it('finds discarded events that are in no queue', () => {
  const kept = [
    'created → index: given up after 185 retries (InternalFailure: no)',
    'dead letter: in Blog-dev-IndexUndelivered',
    'index: given up after 3 attempts, RetriesExhausted (Error: no)',
    'dead letter: in Blog-dev-IndexFailures',
  ];
  expect(lostIn(kept)).toEqual([]);
  const lost = ['publish: a batch of 1 stream records was given up: RetryAttemptsExhausted'];
  expect(lostIn([...kept, ...lost])).toEqual(['1 events were given up and are in no queue']);
});

it('leaves mails that SNS loses to the check of losses', () => {
  expect(
    lostIn(['Topic → email: LOST an e-mail to a@example.com, given up after 50 retries (Error: no)']),
  ).toEqual([]);
});
