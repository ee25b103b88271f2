import { deadLetterHop, type Hop } from './hop.ts';
import type { Log } from './log.ts';
import { type PassageServices, pass } from './passage.ts';
import { resourceName } from './resource-name.ts';
import type { Service } from './service.ts';
import type { Cause } from './trace.ts';
import { asXmlText } from './xml-characters.ts';

/** A message about something that could not be delivered. */
export interface DeadLetter {
  queueArn: string;
  body: string;
  attributes: Record<string, string | number>;
  /** @throws {AwsError} if the sender may not send to the queue */
  authorize: () => void;
  /** The hop where the delivery failed, and the cause of its attempts. */
  failed: { hop: Hop; cause: Cause };
}

/**
 * Sends a dead letter to its SQS queue. Never rejects: as in AWS, a message that the queue does not
 * accept is lost, and the log reports it.
 */
export type SendDeadLetter = (letter: DeadLetter) => Promise<void>;

export function deadLetterSender(sqs: Service, services: PassageServices & { log: Log }): SendDeadLetter {
  const { log, recorder } = services;
  return async ({ queueArn, body, attributes, authorize, failed }) => {
    const name = resourceName(queueArn);
    try {
      const point = { hop: deadLetterHop(name), service: 'sqs', operation: 'SendMessage' };
      const cause = recorder.after(failed.cause, failed.hop);
      await pass(services, point, undefined, {
        step: { kind: 'dead-letter', to: queueArn, payload: body, cause },
        act: async () => {
          authorize();
          const input = {
            QueueUrl: name,
            MessageBody: body,
            MessageAttributes: messageAttributes(attributes),
          };
          return sqs.call('SendMessage', input, failed.cause);
        },
      });
      log.error('dead letter', `in ${name}`);
    } catch (error) {
      log.error('dead letter', `LOST, ${name} did not accept it: ${error}`);
    }
  };
}

/** Returns the attributes that SQS accepts: it refuses an empty value, and some characters. */
function messageAttributes(attributes: DeadLetter['attributes']): object {
  const entries = Object.entries(attributes).filter(([, value]) => value !== '');
  return Object.fromEntries(
    entries.map(([key, value]) => [
      key,
      {
        DataType: typeof value === 'number' ? 'Number' : 'String',
        StringValue: asXmlText(String(value)),
      },
    ]),
  );
}
