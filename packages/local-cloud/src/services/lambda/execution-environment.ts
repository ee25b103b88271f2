import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import type { Clock } from '../../core/clock.ts';
import { ConnectionDropped } from '../../core/faults.ts';
import type { AwsCall, AwsEndpoint, AwsResponse } from './aws-call.ts';
import { type Output, OutputLines } from './output-lines.ts';

/**
 * The message that starts an invocation in the worker. `payload` is the event as JSON, `deadline`
 * is in milliseconds since the epoch.
 */
export interface InvocationRequest {
  requestId: string;
  payload: string;
  deadline: number;
  /** The value of X-Ray's header, which the SDK sends with every call. */
  traceHeader: string;
  /** The time of the services, in milliseconds since the epoch. */
  now: number;
}

/**
 * A message to the worker: an invocation, a new time, a request for its state, or the response to a
 * call. Without a response, the connection has ended.
 */
export type ParentMessage =
  | InvocationRequest
  | { now: number }
  | 'state'
  | { call: number; response: AwsResponse | undefined };

/** What a worker starts with. */
export interface WorkerData {
  /** The URL of the AWS port; calls to it come over the worker's channel. */
  awsUrl: string | undefined;
  folder: string;
  handler: string;
  functionArn: string;
  jumps: boolean;
}

/**
 * The state of a worker with a clock that jumps: its pending calls, and the time at which its first
 * timer is due.
 */
interface WorkerState {
  calls: string[];
  due?: number | undefined;
}

/** The handler's result as JSON, or Lambda's error object. */
export type InvocationResult = { ok: true; payload: string } | FailedInvocation;
export interface FailedInvocation {
  ok: false;
  errorType: string;
  errorMessage: string;
  trace: string[];
}

/**
 * A message from the worker: the code is loaded, a request has a result, a call to the AWS port,
 * output, or a fatal error ends the environment. With a clock that jumps also the time of the first timer
 * whenever it changes, and the state on request.
 */
export type WorkerMessage =
  | 'initialized'
  | InvocationResult
  | { call: number; request: AwsCall }
  | Output
  | { fatal: FailedInvocation }
  | { due: number | undefined }
  | { state: WorkerState };

export interface ExecutionEnvironmentSettings {
  functionName: string;
  functionArn: string;
  /** `<file>.<export>`, as in the template's `Handler`. */
  handler: string;
  environment: Record<string, string>;
  timeoutMs: number;
  memoryMb: number;
}

export interface EnvironmentServices {
  /** Answers the calls of the SDK. If absent, they use the network. */
  aws?: AwsEndpoint | undefined;
  clock: Clock;
  /** Receives each line that the handler writes to stdout and stderr. */
  print(line: string): void;
}

/** The reason why an environment ended without sending a message. */
interface Ending {
  errorType: string;
  errorMessage: string;
}

/** An invocation, and the function that receives the lines it writes. */
interface Writer {
  requestId: string;
  print: (line: string) => void;
}

const KILLED: Ending = {
  errorType: 'Runtime.ExitError',
  errorMessage: 'Runtime exited with error: signal: killed',
};

/**
 * The time that the code may take to load before the rest counts towards the first invocation's
 * timeout.
 */
const INIT_PHASE_MS = 10_000;

/**
 * An execution environment of a function: a worker thread that has loaded the bundle and runs one
 * invocation at a time. A timeout, a lack of memory, a call of `process.exit`, an uncaught
 * exception and an unhandled rejection each end it.
 * Source: AWS Lambda Developer Guide, "Understanding the Lambda execution environment lifecycle".
 */
export class ExecutionEnvironment {
  readonly #worker: Worker;
  readonly #settings: ExecutionEnvironmentSettings;
  readonly #clock: Clock;
  readonly #lines: OutputLines;
  /** Resolves once the code is loaded, has failed to load, or has taken too long. */
  readonly #initPhase: Promise<void>;
  #endInitPhase = (): void => {};
  #loaded = false;
  #settle: ((outcome: InvocationResult | Ending) => void) | undefined;
  /**
   * The running or last invocation and the one before it: their output can arrive after they end.
   */
  #writers: Writer[] = [];
  /** The callbacks of the requests for the worker's state, in order. */
  #asked: ((state: WorkerState) => void)[] = [];
  #callOffTimer = (): void => {};
  /** Why the environment has ended; absent while it lives. */
  #ended: FailedInvocation | Ending | undefined;

  /** @param folder the unzipped code of the function */
  constructor(
    folder: string,
    settings: ExecutionEnvironmentSettings,
    { aws, clock, print }: EnvironmentServices,
  ) {
    this.#settings = settings;
    this.#clock = clock;
    const workerData: WorkerData = {
      awsUrl: aws?.url,
      folder,
      handler: settings.handler,
      functionArn: settings.functionArn,
      jumps: clock.jumps ?? false,
    };
    this.#lines = new OutputLines((line) => {
      print(line);
      this.#writerOf(line)?.print(line);
    });
    this.#worker = new Worker(fileURLToPath(new URL('./runtime.mjs', import.meta.url)), {
      workerData,
      env: settings.environment,
      // Without the parent's arguments: a worker needs no TypeScript loader.
      execArgv: [],
      // With V8's larger default for the young generation, ten environments take 200 MB more and
      // are no faster (measured).
      resourceLimits: { maxOldGenerationSizeMb: settings.memoryMb, maxYoungGenerationSizeMb: 4 },
      stdout: true,
      stderr: true,
    });
    this.#initPhase = new Promise((resolve) => {
      const callOff = clock.schedule(resolve, INIT_PHASE_MS);
      this.#endInitPhase = () => {
        callOff();
        resolve();
      };
    });
    this.#worker.on('message', (message: WorkerMessage) => {
      if (message === 'initialized') {
        this.#loaded = true;
        this.#endInitPhase();
      } else if ('written' in message) this.#lines.add(message);
      else if ('call' in message) void this.#answer(aws, message.call, message.request);
      else if ('fatal' in message) {
        const { errorType, errorMessage } = message.fatal;
        const when = this.#loaded ? 'failed after its answer' : 'cannot be loaded';
        if (!this.#settle) print(`${when}: ${errorType}: ${errorMessage}`);
        this.#end(message.fatal);
      } else if ('state' in message) this.#asked.shift()?.(message.state);
      else if ('due' in message) this.#schedule(message.due);
      else this.#finish(message);
    });
    // The runtime handles uncaught errors, so this is a failure of the thread itself.
    this.#worker.on('error', () => this.#end({ ...KILLED, errorType: 'Runtime.OutOfMemory' }));
    this.#worker.on('exit', (code) => {
      this.#lines.end();
      const how = code === 0 ? 'without providing a reason' : `with error: exit status ${code}`;
      this.#end({ errorType: 'Runtime.ExitError', errorMessage: `Runtime exited ${how}` });
    });
  }

  get alive(): boolean {
    return this.#ended === undefined;
  }

  /** Whether the code is loaded. */
  get loaded(): boolean {
    return this.#loaded;
  }

  /**
   * Runs one invocation. Never rejects: every failure is the function's error.
   * @param print receives each line that the invocation writes, if the line can be attributed to it
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
   * Returns whether the worker can only proceed when the clock jumps: it waits for a timer and for
   * no call outside `held`.
   * @param held the calls that faults delay, by the SDK's names
   */
  async waits(held: ReadonlySet<string>): Promise<boolean> {
    if (!this.alive) return false;
    const { calls, due } = await new Promise<WorkerState>((resolve) => {
      this.#asked.push(resolve);
      this.#post('state');
    });
    return due !== undefined && calls.every((call) => held.has(call));
  }

  /** Ends the environment immediately, as if the process had died. A running invocation fails. */
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

  /**
   * Returns the invocation that wrote a line: a structured log line contains the ID of its request.
   */
  #writerOf(line: string): Writer | undefined {
    return this.#writers.find(({ requestId }) => line.includes(requestId)) ?? this.#writers[0];
  }

  async #answer(aws: AwsEndpoint | undefined, call: number, request: AwsCall): Promise<void> {
    const response = await aws?.answer(request).catch((error: unknown) => {
      if (!(error instanceof ConnectionDropped)) console.error(error);
      return undefined;
    });
    this.#post({ call, response });
  }

  #post(message: ParentMessage): void {
    this.#worker.postMessage(message);
  }

  /** Schedules the message that moves the worker to its first timer. */
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
