import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import * as z from 'zod/mini';
import type { Clock } from '../clock.ts';

/** What goes to the worker. `payload` is the event as JSON, `deadline` in milliseconds since the epoch. */
export interface InvocationRequest {
  requestId: string;
  payload: string;
  deadline: number;
}

/** What comes back. `payload` is the handler's answer as JSON; the other form is Lambda's error object. */
export type InvocationResult =
  | { ok: true; payload: string }
  | { ok: false; errorType: string; errorMessage: string; trace: string[] };

export interface ExecutionEnvironmentSettings {
  functionName: string;
  functionArn: string;
  /** `<file>.<export>`, as the template's `Handler`. */
  handler: string;
  environment: Record<string, string>;
  timeoutMs: number;
  memoryMb: number;
}

const ThrownError = z.object({ name: z.string(), message: z.string(), stack: z.optional(z.string()) });

/**
 * One execution environment of a function: a worker thread that has loaded the bundle and runs one invocation at a
 * time. A handler that times out, runs out of memory or calls `process.exit` ends its environment, as in Lambda.
 */
export class ExecutionEnvironment {
  readonly #worker: Worker;
  readonly #settings: ExecutionEnvironmentSettings;
  readonly #clock: Clock;
  #settle: ((result: InvocationResult) => void) | undefined;
  /** Why nothing more can run here; absent while the environment lives. */
  #ended: InvocationResult | undefined;

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
        functionName: settings.functionName,
        functionArn: settings.functionArn,
        memoryMb: settings.memoryMb,
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
      createInterface({ input: output }).on('line', print);
    }
    this.#worker.on('message', (result: InvocationResult) => this.#finish(result));
    this.#worker.on('error', (error: unknown) => {
      // A handler may throw anything, even null.
      const { data = new Error(String(error)) } = ThrownError.safeParse(error);
      const { name, message, stack } = data;
      this.#end(name === 'Error' ? 'Runtime.UnhandledError' : name, message, stack);
    });
    this.#worker.on('exit', (code) => this.#end('Runtime.ExitError', `Runtime exited with code ${code}`));
  }

  get alive(): boolean {
    return this.#ended === undefined;
  }

  /** Runs one invocation. Never rejects: whatever goes wrong is the function's error. */
  async invoke(requestId: string, payload: string): Promise<InvocationResult> {
    if (this.#ended) return this.#ended;
    const { timeoutMs } = this.#settings;
    const callOff = this.#clock.schedule(() => {
      this.#end('Sandbox.Timedout', `Task timed out after ${(timeoutMs / 1000).toFixed(2)} seconds`);
      void this.terminate();
    }, timeoutMs);
    const result = await new Promise<InvocationResult>((resolve) => {
      this.#settle = resolve;
      const request: InvocationRequest = { requestId, payload, deadline: this.#clock.now() + timeoutMs };
      this.#worker.postMessage(request);
    });
    callOff();
    return result;
  }

  async terminate(): Promise<void> {
    await this.#worker.terminate();
  }

  #finish(result: InvocationResult): void {
    this.#settle?.(result);
    this.#settle = undefined;
  }

  #end(errorType: string, errorMessage: string, stack?: string): void {
    this.#ended ??= { ok: false, errorType, errorMessage, trace: stack?.split('\n') ?? [] };
    this.#finish(this.#ended);
  }
}
