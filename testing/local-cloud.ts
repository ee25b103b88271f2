import { CloudProcess } from 'local-cloud/fixtures/cloud-process';
import { CloudClient } from './cloud-client.ts';

/** The blog on a local cloud as a user runs it: a separate process on free ports. */
export class LocalCloud extends CloudClient {
  readonly #process: CloudProcess;

  private constructor(process: CloudProcess) {
    super(process.awsUrl, process.outputs);
    this.#process = process;
  }

  /** Starts the local cloud and waits until it is ready, as `CloudProcess.start` does. */
  static async start(...parameters: Parameters<typeof CloudProcess.start>): Promise<LocalCloud> {
    return new LocalCloud(await CloudProcess.start(...parameters));
  }

  get pid(): number {
    return this.#process.pid;
  }

  /** The whole output so far. */
  get output(): string {
    return this.#process.output;
  }

  /**
   * Stops the local cloud and deletes its temporary data. Returns its exit code, or `null` if the
   * signal ended it.
   * @throws {ContractViolation} if a message has violated the contract
   */
  async stop(signal: NodeJS.Signals = 'SIGINT'): Promise<number | null> {
    try {
      this.disconnect();
    } finally {
      await this.#process.stop(signal);
    }
    return this.#process.exitCode;
  }
}
