import { seededChance } from '../../src/core/chance.ts';
import { deadLetterSender } from '../../src/core/dead-letter.ts';
import { Fault, Faults } from '../../src/core/faults.ts';
import { parseHop } from '../../src/core/hop.ts';
import { Recorder } from '../../src/core/recorder.ts';
import { AwsError } from '../../src/core/service.ts';
import { ManualClock } from '../fixtures/manual-clock.ts';
import { RecordedLog } from '../fixtures/recorded-log.ts';

const letter = {
  queueArn: 'arn:aws:sqs:us-east-1:123456789012:dead',
  body: 'body',
  attributes: {},
  authorize: () => {},
  failed: { hop: parseHop('rule → target'), cause: { trace: '0123456789abcdef01234567' } },
};

function open(refusal?: Error) {
  const log = new RecordedLog();
  const calls: unknown[] = [];
  const sqs = {
    call: async (...call: unknown[]) => {
      if (refusal) throw refusal;
      calls.push(call);
      return {};
    },
  };
  const clock = new ManualClock();
  const faults = new Faults({ chance: seededChance('test'), clock, log });
  const recorder = new Recorder(clock, false);
  return { calls, faults, log, send: deadLetterSender(sqs, { faults, log, recorder }) };
}

test('sends a dead letter as a message with attributes, and logs it', async () => {
  const { calls, log, send } = open();
  const attributes = { ERROR_CODE: 'THROTTLING', ErrorCode: 429 };
  await send({ ...letter, attributes });
  const MessageAttributes = {
    ERROR_CODE: { DataType: 'String', StringValue: 'THROTTLING' },
    ErrorCode: { DataType: 'Number', StringValue: '429' },
  };
  expect(calls).toEqual([
    ['SendMessage', { QueueUrl: 'dead', MessageBody: 'body', MessageAttributes }, letter.failed.cause],
  ]);
  expect(log.errors).toEqual(['dead letter: in dead']);
});

test('sends only attributes that SQS accepts', async () => {
  const { calls, send } = open();
  await send({ ...letter, attributes: { EMPTY: '', ERROR_MESSAGE: 'a\u0000b' } });
  const MessageAttributes = { ERROR_MESSAGE: { DataType: 'String', StringValue: 'a\uFFFDb' } };
  expect(calls).toEqual([
    ['SendMessage', expect.objectContaining({ MessageAttributes }), letter.failed.cause],
  ]);
});

test('loses a dead letter without permission to send it, and logs an error', async () => {
  const { calls, log, send } = open();
  const authorize = () => {
    throw new AwsError('AccessDenied', 'not authorized', 403);
  };
  await send({ ...letter, authorize });
  expect(calls).toEqual([]);
  expect(log.errors).toEqual(['dead letter: LOST, dead did not accept it: AccessDenied: not authorized']);
});

test('loses a dead letter that the queue refuses', async () => {
  const { log, send } = open(new AwsError('QueueDoesNotExist', 'gone'));
  await send(letter);
  expect(log.errors).toEqual(['dead letter: LOST, dead did not accept it: QueueDoesNotExist: gone']);
});

test('loses a dead letter that a fault strikes', async () => {
  const { calls, faults, log, send } = open();
  faults.add(Fault.parse({ hop: 'dead letter → dead', fault: 'throttle' }));
  await send(letter);
  expect(calls).toEqual([]);
  expect(log.errors).toEqual(['dead letter: LOST, dead did not accept it: RequestThrottled: Rate exceeded']);
});
