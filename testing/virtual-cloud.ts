import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate, setTimeout } from 'node:timers/promises';
import { type Cloud, startCloud } from 'local-cloud';
import { ManualClock } from 'local-cloud/fixtures/manual-clock';
import type { Log } from 'local-cloud/log';
import { CloudClient } from './cloud-client.ts';

/**
 * The number of turns of the event loop after which no work outside of a handler is in progress.
 */
const QUIET_TURNS = 20;

/** A local cloud in the process of the test. Its clock skips the waiting times of the services. */
export class VirtualCloud extends CloudClient {
  readonly clock: ManualClock;
  readonly #cloud: Cloud;
  readonly #data: string;
  readonly #keepsData: boolean;
  /** The number of calls of `finish` so far, and of those in progress. */
  #begun = 0;
  #awaited = 0;
  #driving = false;
  /** Resolves once every caller has made the clock jump. */
  #jumped: Promise<unknown> = Promise.resolve();

  private constructor(cloud: Cloud, clock: ManualClock, data: string, keepsData: boolean) {
    // Uses the address, because looking up a name takes real time, which this clock does not count.
    const outputs = Object.entries(cloud.outputs).map(
      ([name, value]) => [name, value.replace('//localhost', '//127.0.0.1')] as const,
    );
    super(cloud.urls.aws, Object.fromEntries(outputs));
    this.#cloud = cloud;
    this.clock = clock;
    this.#data = data;
    this.#keepsData = keepsData;
  }

  /** @param options.data a folder that `stop` keeps, for another start; a temporary one if absent */
  static async start(
    assembly: string,
    log: Log,
    { data: kept, ...options }: { seed?: string; comprehendRate?: number; data?: string } = {},
  ): Promise<VirtualCloud> {
    const data = kept ?? (await mkdtemp(join(tmpdir(), 'virtual-cloud-')));
    const clock = new ManualClock(Date.now());
    const fixed = { assembly, clock, data, fresh: false, port: 0, awsPort: 0, pagePort: 0, log };
    return new VirtualCloud(await startCloud({ ...fixed, ...options }), clock, data, kept !== undefined);
  }

  get faults(): Cloud['faults'] {
    return this.#cloud.faults;
  }

  override request(path: string, init?: RequestInit): Promise<Response> {
    return this.finish(super.request(path, init));
  }

  override connect(query?: string): ReturnType<CloudClient['connect']> {
    return this.finish(super.connect(query));
  }

  /**
   * Advances the clock by `ms` milliseconds, from one due task to the next. Before each step it
   * waits until all work is at rest.
   */
  async pass(ms: number): Promise<void> {
    const end = this.clock.now() + ms;
    while (await this.#atRest(() => this.clock.jump(end)));
  }

  /** Waits for a promise. Meanwhile the clock advances by the time for which the handlers wait. */
  async finish<T>(begun: Promise<T>): Promise<T> {
    this.#begun++;
    this.#awaited++;
    if (!this.#driving) void this.#drive();
    try {
      return await begun;
    } finally {
      this.#awaited--;
    }
  }

  async #drive(): Promise<void> {
    this.#driving = true;
    while (this.#awaited > 0) {
      const begun = this.#begun;
      const jumped = await this.#atRest(() => {
        const isSame = begun === this.#begun && this.#awaited > 0;
        return isSame && this.#cloud.lambda.busy && this.clock.jump();
      });
      // A request or a response is in transit.
      if (!jumped) await setTimeout(1);
    }
    this.#driving = false;
  }

  /**
   * Makes the clock jump once all work is at rest, after the callers before: when the clock has
   * jumped for them, there is new work.
   * @returns what `jump` returns
   */
  #atRest(jump: () => boolean): Promise<boolean> {
    const jumped = this.#jumped.then(() => this.#rest()).then(jump);
    this.#jumped = jumped.catch(() => {});
    return jumped;
  }

  /** Resolves when all work, including that of the handlers, waits only for the clock. */
  async #rest(): Promise<void> {
    const { lambda } = this.#cloud;
    for (let turn = 0; turn < QUIET_TURNS; turn++) {
      await setImmediate();
      while (lambda.busy && !(await lambda.waits())) {
        await setTimeout(1);
        turn = 0;
      }
    }
  }

  async stop(): Promise<void> {
    try {
      this.disconnect();
    } finally {
      await this.#cloud.close();
      // The file of a queue may still be open.
      if (!this.#keepsData) await rm(this.#data, { recursive: true, force: true, maxRetries: 5 });
    }
  }
}
