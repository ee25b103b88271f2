import { once } from 'node:events';
import { eventually } from 'local-cloud/fixtures/eventually';
import { Architecture } from 'local-cloud/steps';
import WebSocket from 'ws';
import * as z from 'zod/mini';
import { checkAnswer, checkMessage } from './contract.ts';

const Emails = z.array(z.object({ to: z.string(), subject: z.string(), text: z.string() }));
const Message = z.object({ body: z.string(), attributes: z.record(z.string(), z.unknown()) });
const DeadLetters = z.array(z.object({ queue: z.string(), messages: z.array(Message) }));

/**
 * A client of a local cloud, with the calls of users and operators. It validates every response of
 * the REST API and every message on the WebSocket against the documents in `docs/api`.
 */
export class CloudClient {
  readonly url: string;
  readonly awsUrl: string;
  readonly webSocketUrl: string;
  readonly outputs: Record<string, string>;
  readonly #sockets: WebSocket[] = [];
  /** The first message that violates the contract. */
  #violation: unknown;

  constructor(awsUrl: string, outputs: Record<string, string>) {
    this.url = outputs.ApiUrl ?? '';
    this.webSocketUrl = outputs.WebSocketUrl ?? '';
    this.awsUrl = awsUrl;
    this.outputs = outputs;
  }

  /**
   * Ends the connections of this client.
   * @throws {ContractViolation} if a message has violated the contract
   */
  disconnect(): void {
    for (const socket of this.#sockets) socket.terminate();
    this.#throwViolation();
  }

  /**
   * Throws the violation in every later call: an event handler cannot throw, and a retry must not
   * hide the violation.
   */
  #throwViolation(): void {
    if (this.#violation) throw this.#violation;
  }

  /**
   * Sends a request to the REST API.
   * @param path may contain a query
   * @throws {ContractViolation} if the response, or an earlier message, violates the contract
   */
  async request(path: string, init: RequestInit = {}): Promise<Response> {
    this.#throwViolation();
    const response = await fetch(`${this.url}${path}`, init);
    const { status, headers } = response;
    checkAnswer(init.method ?? 'GET', path, { status, headers, body: await response.clone().text() });
    return response;
  }

  /**
   * Sends `POST /posts` with this body, as JSON unless it is a string.
   * @throws {ContractViolation} as `request` does
   */
  post(body: unknown): Promise<Response> {
    return this.#send('/posts', body);
  }

  /**
   * Sends `POST /subscriptions` with this body, as JSON unless it is a string.
   * @throws {ContractViolation} as `request` does
   */
  postSubscription(body: unknown): Promise<Response> {
    return this.#send('/subscriptions', body);
  }

  #send(path: string, body: unknown): Promise<Response> {
    return this.request(path, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });
  }

  /**
   * Connects a client to the WebSocket API. Parses each message that it receives and adds it to
   * `messages`.
   * @throws {ContractViolation} if an earlier message violates the contract
   */
  async connect(query = ''): Promise<{ socket: WebSocket; messages: unknown[] }> {
    this.#throwViolation();
    const socket = new WebSocket(`${this.webSocketUrl}/${query}`);
    this.#sockets.push(socket);
    const messages: unknown[] = [];
    socket.on('message', (data) => {
      try {
        checkMessage(data.toString());
        messages.push(JSON.parse(data.toString()));
      } catch (error) {
        this.#violation ??= error;
      }
    });
    await once(socket, 'open');
    return { socket, messages };
  }

  /** Calls DynamoDB and returns the JSON of the response. */
  dynamoDb(operation: string, input: object): Promise<string> {
    return this.#aws(`DynamoDB_20120810.${operation}`, input);
  }

  /** Calls EventBridge and returns the JSON of the response. */
  events(operation: string, input: object): Promise<string> {
    return this.#aws(`AWSEvents.${operation}`, input);
  }

  async #aws(target: string, input: object): Promise<string> {
    const response = await fetch(this.awsUrl, {
      method: 'POST',
      headers: {
        authorization: 'AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/any/aws4_request',
        'x-amz-target': target,
      },
      body: JSON.stringify(input),
    });
    return response.text();
  }

  /** Calls SNS by its query protocol and returns the XML of the response. */
  async sns(parameters: Record<string, string>): Promise<string> {
    const response = await fetch(this.awsUrl, {
      method: 'POST',
      headers: { authorization: 'AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/sns/aws4_request' },
      body: new URLSearchParams(parameters),
    });
    return response.text();
  }

  /** Subscribes an address to a topic of posts and follows the link in the confirmation e-mail. */
  async subscribe(email: string, topic: string): Promise<void> {
    await this.sns({
      Action: 'Subscribe',
      TopicArn: this.outputs.TopicArn ?? '',
      Protocol: 'email',
      Endpoint: email,
      'Attributes.entry.1.key': 'FilterPolicy',
      'Attributes.entry.1.value': JSON.stringify({ topic: [topic] }),
      'Attributes.entry.2.key': 'FilterPolicyScope',
      'Attributes.entry.2.value': 'MessageBody',
    });
    const [confirmation] = await eventually(async () => {
      const mails = await this.emails(email);
      if (mails.length === 0) throw new Error(`The inbox has no e-mail for ${email}.`);
      return mails;
    });
    const link = /http\S+confirmation\S+/.exec(confirmation?.text ?? '')?.[0] ?? '';
    const page = await fetch(link);
    if (!page.ok) throw new Error(`The confirmation link responded with the status ${page.status}.`);
  }

  /** Returns the e-mails that an address has received, oldest first. */
  async emails(to: string): Promise<z.infer<typeof Emails>> {
    const mails = await (await fetch(`${this.url}/_local/emails`)).json();
    return Emails.parse(mails).filter((mail) => mail.to === to);
  }

  /** Reads the nodes and edges of the stack, as the local cloud derives them from the template. */
  async architecture(): Promise<z.infer<typeof Architecture>> {
    return Architecture.parse(await (await fetch(`${this.url}/_local/flow/architecture`)).json());
  }

  /** Returns the messages in each queue. */
  async queues(): Promise<z.infer<typeof DeadLetters>> {
    return DeadLetters.parse(await (await fetch(`${this.url}/_local/dead-letters`)).json());
  }

  /** Returns the total number of messages in all queues. */
  async deadLetters(): Promise<number> {
    return (await this.queues()).reduce((count, { messages }) => count + messages.length, 0);
  }
}
