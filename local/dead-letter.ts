import type { Faults } from './faults.ts';
import type { Log } from './log.ts';
import type { Service } from './service.ts';

/**
 * Sends what could not be delivered to an SQS queue, named by its ARN, with these message attributes;
 * `authorize` throws the refusal if the sender may not send there. Never rejects: as in AWS, what the queue does not take
 * is lost, and the log says so.
 */
export type SendDeadLetter = (
  queueArn: string,
  body: string,
  attributes: Record<string, string | number>,
  authorize: () => void,
) => Promise<void>;

export function deadLetterSender(sqs: Service, faults: Faults, log: Log): SendDeadLetter {
  return async (queueArn, body, attributes, authorize) => {
    const name = queueArn.split(':').at(-1) ?? '';
    try {
      authorize();
      const point = { hop: `dead letter → ${name}`, service: 'sqs', operation: 'SendMessage' };
      await faults.pass(point, undefined, {
        act: () =>
          sqs.call('SendMessage', {
            QueueUrl: name,
            MessageBody: body,
            MessageAttributes: Object.fromEntries(
              Object.entries(attributes).map(([key, value]) => [
                key,
                { DataType: typeof value === 'number' ? 'Number' : 'String', StringValue: String(value) },
              ]),
            ),
          }),
      });
      log.error('dead letter', `in ${name}`);
    } catch (error) {
      log.error('dead letter', `LOST, ${name} did not take it: ${error}`);
    }
  };
}
