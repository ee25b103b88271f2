import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import type { Clock } from '../../core/clock.ts';

/** What an invocation sends to the worker. `payload` is the event as JSON, `deadline` in milliseconds since the epoch. */
export interface InvocationRequest {
  requestId: string;
  payload: string;
  deadline: number;
  /** As X-Ray's header; the SDK sends it along with every call. */
  traceHeader: string;
  /** What time it is for the services, in milliseconds since the epoch. */
  now: number;
}

/** What goes to the worker besides: that the time is another, and the question what it waits for. */
export type ParentMessage = InvocationRequest | { now: number } | 'state';

/** What a worker with a clock that jumps is at: the calls under way, and when the first of its timers is due. */
interface WorkerState {
  calls: string[];
  due?: number | undefined;
}

/** The handler's answer as JSON, or Lambda's error object. */
export type InvocationResult = { ok: true; payload: string } | FailedInvocation;
export interface FailedInvocation {
  ok: false;
  errorType: string;
  errorMessage: string;
  trace: string[];
}

/**
 * What comes back: that the code is loaded, a result for each request, and at last what ends the environment. With a
 * clock that jumps, also when the first timer is due, whenever that changes, and the worker's state when it is asked for.
 */
export type WorkerMessage =
  | 'initialized'
  | InvocationResult
  | { fatal: FailedInvocation }
  | { due: number | undefined }
  | { state: WorkerState };

export interface ExecutionEnvironmentSettings {
  functionName: string;
  functionArn: string;
  /** `<file>.<export>`, as the template's `Handler`. */
  handler: string;
  environment: Record<string, string>;
  timeoutMs: number;
  memoryMb: number;
}

/** How an environment ended that could not say so itself. */
interface Ending {
  errorType: string;
  errorMessage: string;
}

/** An invocation, and who is told what it writes. */
interface Writer {
  requestId: string;
  print: (line: string) => void;
}

const KILLED: Ending = {
  errorType: 'Runtime.ExitError',
  errorMessage: 'Runtime exited with error: signal: killed',
};

/** How long the code may take to load before that counts against the first invocation's time-out. */
const INIT_PHASE_MS = 10_000;

/**
 * One execution environment of a function: a worker thread that has loaded the bundle and runs one invocation at a
 * time. A handler that times out, runs out of memory or calls `process.exit` ends its environment, and so does an
 * exception or a rejection that it does not handle.
 * Source: AWS Lambda Developer Guide, "Understanding the Lambda execution environment lifecycle".
 */
export class ExecutionEnvironment {
  readonly #worker: Worker;
  readonly #settings: ExecutionEnvironmentSettings;
  readonly #clock: Clock;
  /** Over when the code is loaded, has failed to load, or has taken too long. */
  readonly #initPhase: Promise<void>;
  #endInitPhase = (): void => {};
  #settle: ((outcome: InvocationResult | Ending) => void) | undefined;
  /** The invocation that runs or was the last, and the one before it: what they write may come when they are over. */
  #writers: Writer[] = [];
  /** Those who have asked for the worker's state, in their order. */
  #asked: ((state: WorkerState) => void)[] = [];
  #callOffTimer = (): void => {};
  /** Why nothing more can run here; absent while the environment lives. */
  #ended: FailedInvocation | Ending | undefined;

  /**
   * @param folder the unzipped code of the function
   * @param print takes each line that the handler writes to stdout and stderr
   */
  constructor(
    folder: string,
    settings: ExecutionEnvironmentSettings,
    clock: Clock,
    print: (line: string) => void,
  ) {
    this.#settings = settings;
    this.#clock = clock;
    const [file, handler] = settings.handler.split('.');
    this.#worker = new Worker(fileURLToPath(new URL('./runtime.mjs', import.meta.url)), {
      workerData: {
        file: `${folder}/${file}.mjs`,
        handler,
        functionArn: settings.functionArn,
        jumps: clock.jumps ?? false,
      },
      env: settings.environment,
      // Without the parent's: a worker has no use for the TypeScript loader.
      execArgv: [],
      // With V8's own, larger young generation, ten environments keep 200 MB more and are no faster (measured).
      resourceLimits: { maxOldGenerationSizeMb: settings.memoryMb, maxYoungGenerationSizeMb: 4 },
      stdout: true,
      stderr: true,
    });
    for (const output of [this.#worker.stdout, this.#worker.stderr]) {
      createInterface({ input: output }).on('line', (line) => {
        print(line);
        this.#writerOf(line)?.print(line);
      });
    }
    this.#initPhase = new Promise((resolve) => {
      const callOff = clock.schedule(resolve, INIT_PHASE_MS);
      this.#endInitPhase = () => {
        callOff();
        resolve();
      };
    });
    this.#worker.on('message', (message: WorkerMessage) => {
      if (message === 'initialized') this.#endInitPhase();
      else if ('fatal' in message) {
        const { errorType, errorMessage } = message.fatal;
        if (!this.#settle) print(`failed after its answer: ${errorType}: ${errorMessage}`);
        this.#end(message.fatal);
      } else if ('state' in message) this.#asked.shift()?.(message.state);
      else if ('due' in message) this.#schedule(message.due);
      else this.#finish(message);
    });
    // What the handler does not catch, the runtime does; this is the thread's own failure.
    this.#worker.on('error', () => this.#end({ ...KILLED, errorType: 'Runtime.OutOfMemory' }));
    this.#worker.on('exit', (code) => {
      const how = code === 0 ? 'without providing a reason' : `with error: exit status ${code}`;
      this.#end({ errorType: 'Runtime.ExitError', errorMessage: `Runtime exited ${how}` });
    });
  }

  get alive(): boolean {
    return this.#ended === undefined;
  }

  /**
   * Runs one invocation. Never rejects: whatever goes wrong is the function's error.
   * @param print takes each line that it writes, as far as can be told
   */
  async invoke(
    request: Omit<InvocationRequest, 'deadline'>,
    print: (line: string) => void = () => {},
  ): Promise<InvocationResult> {
    await this.#initPhase;
    this.#writers = [{ requestId: request.requestId, print }, ...this.#writers.slice(0, 1)];
    const outcome = this.#ended ?? (await this.#run(request));
    if ('ok' in outcome) return outcome;
    const { errorType, errorMessage } = outcome;
    return {
      ok: false,
      errorType,
      errorMessage: `RequestId: ${request.requestId} Error: ${errorMessage}`,
      trace: [],
    };
  }

  /**
   * Whether what runs here can only go on when the clock jumps: it waits for a timer, and for no call but those `held`.
   * @param held the calls that are kept waiting on purpose, as the SDK names them
   */
  async waits(held: ReadonlySet<string>): Promise<boolean> {
    if (!this.alive) return false;
    const { calls, due } = await new Promise<WorkerState>((resolve) => {
      this.#asked.push(resolve);
      this.#post('state');
    });
    return due !== undefined && calls.every((call) => held.has(call));
  }

  /** Ends it at once, as if the process had died; an invocation that runs fails. */
  async terminate(): Promise<void> {
    this.#end(KILLED);
    await this.#worker.terminate();
  }

  async #run(request: Omit<InvocationRequest, 'deadline'>): Promise<InvocationResult | Ending> {
    const { timeoutMs } = this.#settings;
    const callOff = this.#clock.schedule(() => {
      const errorMessage = `Task timed out after ${(timeoutMs / 1000).toFixed(2)} seconds`;
      this.#end({ errorType: 'Sandbox.Timedout', errorMessage });
      void this.terminate();
    }, timeoutMs);
    const outcome = await new Promise<InvocationResult | Ending>((resolve) => {
      this.#settle = resolve;
      const deadline = this.#clock.now() + timeoutMs;
      this.#post({ ...request, deadline });
    });
    callOff();
    return outcome;
  }

  /** A line of the structured logs names the request that it is about. */
  #writerOf(line: string): Writer | undefined {
    return this.#writers.find(({ requestId }) => line.includes(requestId)) ?? this.#writers[0];
  }

  #post(message: ParentMessage): void {
    this.#worker.postMessage(message);
  }

  /** Tells the worker when its first timer is due. */
  #schedule(due: number | undefined): void {
    this.#callOffTimer();
    if (due === undefined || !this.alive) return;
    const task = (): void => this.#post({ now: this.#clock.now() });
    this.#callOffTimer = this.#clock.schedule(task, due - this.#clock.now());
  }

  #finish(outcome: InvocationResult | Ending): void {
    this.#settle?.(outcome);
    this.#settle = undefined;
  }

  #end(ending: FailedInvocation | Ending): void {
    this.#ended ??= ending;
    this.#endInitPhase();
    this.#callOffTimer();
    for (const tell of this.#asked.splice(0)) tell({ calls: [] });
    this.#finish(this.#ended);
  }
}
