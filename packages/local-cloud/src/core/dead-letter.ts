import { deadLetterHop, type Hop } from './hop.ts';
import type { Log } from './log.ts';
import { type PassageServices, pass } from './passage.ts';
import type { Service } from './service.ts';
import type { Cause } from './trace.ts';

/**
 * Sends what could not be delivered to an SQS queue, named by its ARN, with these message attributes;
 * `authorize` throws the refusal if the sender may not send there; `failed` is the hop where it could not be delivered.
 * Never rejects: as in AWS, what the queue does not take is lost, and the log says so.
 */
export type SendDeadLetter = (
  queueArn: string,
  body: string,
  attributes: Record<string, string | number>,
  authorize: () => void,
  failed: { hop: Hop; cause: Cause },
) => Promise<void>;

export function deadLetterSender(sqs: Service, services: PassageServices & { log: Log }): SendDeadLetter {
  const { log, recorder } = services;
  return async (queueArn, body, attributes, authorize, failed) => {
    const name = queueArn.split(':').at(-1) ?? '';
    try {
      const point = { hop: deadLetterHop(name), service: 'sqs', operation: 'SendMessage' };
      const cause = recorder.after(failed.cause, failed.hop);
      await pass(services, point, undefined, {
        step: { kind: 'dead-letter', to: queueArn, payload: body, cause },
        act: async () => {
          authorize();
          return sqs.call('SendMessage', {
            QueueUrl: name,
            MessageBody: body,
            MessageAttributes: Object.fromEntries(
              Object.entries(attributes).map(([key, value]) => [
                key,
                { DataType: typeof value === 'number' ? 'Number' : 'String', StringValue: String(value) },
              ]),
            ),
          });
        },
      });
      log.error('dead letter', `in ${name}`);
    } catch (error) {
      log.error('dead letter', `LOST, ${name} did not take it: ${error}`);
    }
  };
}
