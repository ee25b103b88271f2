import type { Log } from './log.ts';
import type { Service } from './service.ts';

/**
 * Sends what could not be delivered to an SQS queue, named by its ARN. `attributes` are string message attributes.
 * Never rejects: as in AWS, what the queue does not take is lost, and the log says so.
 */
export type SendDeadLetter = (
  queueArn: string,
  body: string,
  attributes?: Record<string, string>,
) => Promise<void>;

export function deadLetterSender(sqs: Service, log: Log): SendDeadLetter {
  return async (queueArn, body, attributes = {}) => {
    const name = queueArn.split(':').at(-1) ?? '';
    try {
      await sqs.call('SendMessage', {
        QueueUrl: name,
        MessageBody: body,
        MessageAttributes: Object.fromEntries(
          Object.entries(attributes).map(([key, value]) => [key, { DataType: 'String', StringValue: value }]),
        ),
      });
      log.error('dead letter', `in ${name}`);
    } catch (error) {
      log.error('dead letter', `lost, ${name} did not take it: ${error}`);
    }
  };
}
