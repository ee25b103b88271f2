import type { Server } from 'node:http';
import { join } from 'node:path';
import { ReceiveMessageCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { Journal } from '../../../src/core/journal.ts';
import { AwsError } from '../../../src/core/service.ts';
import { listen, portOf } from '../../../src/http/http-server.ts';
import { queryError } from '../../../src/services/sqs/query-error.ts';
import { QueueResource } from '../../../src/services/sqs/queue-resource.ts';
import { Sqs } from '../../../src/services/sqs/sqs.ts';
import { ManualClock } from '../../fixtures/manual-clock.ts';

export const resource = {
  logicalId: 'Failures',
  constructPath: 'Blog/Failures',
  name: 'failures',
  arn: 'arn:aws:sqs:us-east-1:123456789012:failures',
  properties: QueueResource.properties.parse({}),
};

/** Serves an SQS to the SDK's client. */
export class ServedSqs {
  readonly clock = new ManualClock();
  readonly client: SQSClient;
  readonly queueUrl: string;
  readonly #endpoint: string;
  readonly #server: Server;
  readonly #root: string;
  #folders = 0;
  #sqs: Sqs | undefined;
  #journal: Journal | undefined;

  private constructor(server: Server, root: string) {
    this.#server = server;
    this.#root = root;
    this.#endpoint = `http://127.0.0.1:${portOf(server)}`;
    this.client = new SQSClient({ endpoint: this.#endpoint });
    this.queueUrl = `${this.#endpoint}/123456789012/failures`;
    server.on('request', async (request, response) => {
      const chunks = await request.toArray();
      const operation = String(request.headers['x-amz-target']).replace('AmazonSQS.', '');
      try {
        response.end(JSON.stringify(await this.sqs.call(operation, JSON.parse(chunks.join('')))));
      } catch (error) {
        if (!(error instanceof AwsError)) throw error;
        const { shape, header } = queryError(error);
        response.writeHead(error.status, { 'x-amzn-query-error': header });
        response.end(JSON.stringify({ __type: shape, message: error.message }));
      }
    });
  }

  /** @param root the folder for the data */
  static async listen(root: string): Promise<ServedSqs> {
    return new ServedSqs(await listen(0), root);
  }

  get sqs(): Sqs {
    if (!this.#sqs) throw new Error('open() has not been called.');
    return this.#sqs;
  }

  /** Opens the queues on an empty folder. */
  async openEmpty(): Promise<void> {
    this.#folders++;
    await this.open();
  }

  /** Opens the queues on the data of the previous ones. */
  async open(resources = [resource]): Promise<void> {
    this.#journal?.close();
    const journal = new Journal(join(this.#root, `${this.#folders}.jsonl`));
    this.#journal = journal;
    this.#sqs = new Sqs({ resources, journal, awsUrl: this.#endpoint, clock: this.clock });
  }

  async receive(parameters: Partial<ReceiveMessageCommand['input']> = {}) {
    const command = new ReceiveMessageCommand({ QueueUrl: this.queueUrl, ...parameters });
    return (await this.client.send(command)).Messages ?? [];
  }

  async bodies(parameters?: Partial<ReceiveMessageCommand['input']>) {
    return (await this.receive(parameters)).map(({ Body }) => Body);
  }

  send(MessageBody: string, parameters: Partial<SendMessageCommand['input']> = {}) {
    return this.client.send(new SendMessageCommand({ QueueUrl: this.queueUrl, MessageBody, ...parameters }));
  }

  close(): void {
    this.client.destroy();
    this.#server.close();
  }
}
