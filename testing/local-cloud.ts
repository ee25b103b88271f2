import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as z from 'zod/mini';
import { CloudClient } from './cloud-client.ts';
import { eventually } from './eventually.ts';

/** The local cloud as a user runs it: a process of its own, on free ports, with a folder of its own for its data. */
export class LocalCloud extends CloudClient {
  readonly #process: ChildProcess;
  readonly #output: () => string;
  readonly #cleanUp: () => Promise<void>;

  private constructor(
    outputs: Record<string, string>,
    awsUrl: string,
    process: ChildProcess,
    output: () => string,
    cleanUp: () => Promise<void>,
  ) {
    super(awsUrl, outputs);
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
        join('node_modules', '.bin', 'local-cloud'),
        '--port',
        '0',
        '--aws-port',
        '0',
        '--page-port',
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

  /**
   * Stops it and removes its temporary data. Gives its exit code, `null` if the signal ended it.
   * @throws {ContractViolation} when a message was not as documented
   */
  async stop(signal: NodeJS.Signals = 'SIGINT'): Promise<number | null> {
    try {
      this.disconnect();
    } finally {
      if (this.#process.exitCode === null && this.#process.signalCode === null) {
        const ended = once(this.#process, 'exit');
        this.#process.kill(signal);
        await ended;
      }
      await this.#cleanUp();
    }
    return this.#process.exitCode;
  }
}
