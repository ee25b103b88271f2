import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import WebSocket from 'ws';
import * as z from 'zod/mini';
import { eventually } from './eventually.ts';

const Emails = z.array(z.object({ to: z.string(), subject: z.string(), text: z.string() }));
const DeadLetters = z.array(z.object({ queue: z.string(), messages: z.array(z.unknown()) }));

/** The local cloud as a user runs it: a process of its own, on free ports, with a folder of its own for its data. */
export class LocalCloud {
  readonly url: string;
  readonly awsUrl: string;
  readonly webSocketUrl: string;
  readonly outputs: Record<string, string>;
  readonly #process: ChildProcess;
  readonly #output: () => string;
  readonly #cleanUp: () => Promise<void>;
  readonly #sockets: WebSocket[] = [];

  private constructor(
    outputs: Record<string, string>,
    awsUrl: string,
    process: ChildProcess,
    output: () => string,
    cleanUp: () => Promise<void>,
  ) {
    this.url = outputs.ApiUrl ?? '';
    this.webSocketUrl = outputs.WebSocketUrl ?? '';
    this.awsUrl = awsUrl;
    this.outputs = outputs;
    this.#process = process;
    this.#output = output;
    this.#cleanUp = cleanUp;
  }

  /**
   * Starts it and waits until it is ready.
   * @param options for its command line; `data` is kept when it stops, a temporary folder is used otherwise
   * @throws with what it printed, if it ends instead
   */
  static async start(
    options: string[] = [],
    { data, project = process.cwd() }: { data?: string; project?: string } = {},
  ): Promise<LocalCloud> {
    const folder = data ?? (await mkdtemp(join(tmpdir(), 'local-cloud-')));
    const child = spawn(
      process.execPath,
      [
        '--import',
        'tsx/esm',
        'local/main.ts',
        '--port',
        '0',
        '--aws-port',
        '0',
        '--data',
        folder,
        ...options,
      ],
      { cwd: project, stdio: ['ignore', 'pipe', 'pipe'] },
    );
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk));
    const cleanUp = async () => {
      if (!data) await rm(folder, { recursive: true, force: true });
    };
    await eventually(() => {
      if (child.exitCode !== null) return;
      if (!output.includes('Ready in')) throw new Error(`The local cloud is not ready:\n${output}`);
    }, 60_000);
    const [url, awsUrl] = [/REST API +(\S+)/, /AWS endpoint +(\S+)/].map(
      (line) => line.exec(output)?.[1] ?? '',
    );
    if (!url || !awsUrl) {
      await cleanUp();
      throw new Error(`The local cloud ended with ${child.exitCode}:\n${output}`);
    }
    const outputs = await (await fetch(`${url}/_local/outputs`)).json();
    return new LocalCloud(
      z.record(z.string(), z.string()).parse(outputs),
      awsUrl,
      child,
      () => output,
      cleanUp,
    );
  }

  /** The process that runs it. */
  get pid(): number {
    return this.#process.pid ?? 0;
  }

  /** Everything printed so far. */
  get output(): string {
    return this.#output();
  }

  /** Stops it and removes its temporary data. Gives its exit code, `null` if the signal ended it. */
  async stop(signal: NodeJS.Signals = 'SIGINT'): Promise<number | null> {
    for (const socket of this.#sockets) socket.terminate();
    if (this.#process.exitCode === null && this.#process.signalCode === null) {
      const ended = once(this.#process, 'exit');
      this.#process.kill(signal);
      await ended;
    }
    await this.#cleanUp();
    return this.#process.exitCode;
  }

  /** `POST /posts` with this body, as JSON unless it is a string already. */
  post(body: unknown): Promise<Response> {
    return fetch(`${this.url}/posts`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });
  }

  /** Connects a client to the WebSocket API; `messages` fills with what it receives, parsed. */
  async connect(query = ''): Promise<{ socket: WebSocket; messages: unknown[] }> {
    const socket = new WebSocket(`${this.webSocketUrl}/${query}`);
    this.#sockets.push(socket);
    const messages: unknown[] = [];
    socket.on('message', (data) => messages.push(JSON.parse(data.toString())));
    await once(socket, 'open');
    return { socket, messages };
  }

  /** Calls DynamoDB and gives the JSON of the answer. */
  async dynamoDb(operation: string, input: object): Promise<string> {
    const response = await fetch(this.awsUrl, {
      method: 'POST',
      headers: {
        authorization: 'AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/dynamodb/aws4_request',
        'x-amz-target': `DynamoDB_20120810.${operation}`,
      },
      body: JSON.stringify(input),
    });
    return response.text();
  }

  /** Calls SNS by its query protocol and gives the XML of the answer. */
  async sns(parameters: Record<string, string>): Promise<string> {
    const response = await fetch(this.awsUrl, {
      method: 'POST',
      headers: { authorization: 'AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/sns/aws4_request' },
      body: new URLSearchParams(parameters),
    });
    return response.text();
  }

  /** Subscribes an address to a topic of posts and follows the link in the confirmation mail. */
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
      if (mails.length === 0) throw new Error(`There is no mail for ${email}.`);
      return mails;
    });
    const link = /http\S+confirmation\S+/.exec(confirmation?.text ?? '')?.[0] ?? '';
    const page = await fetch(link);
    if (!page.ok) throw new Error(`The confirmation link answered ${page.status}.`);
  }

  /** The mails that an address has received, oldest first. */
  async emails(to: string): Promise<z.infer<typeof Emails>> {
    const mails = await (await fetch(`${this.url}/_local/emails`)).json();
    return Emails.parse(mails).filter((mail) => mail.to === to);
  }

  /** How many messages wait in all queues. */
  async deadLetters(): Promise<number> {
    const queues = await (await fetch(`${this.url}/_local/dead-letters`)).json();
    return DeadLetters.parse(queues).reduce((count, { messages }) => count + messages.length, 0);
  }
}
