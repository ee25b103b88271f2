import { randomUUID } from 'node:crypto';
import type { Clock } from '../clock.ts';
import {
  ExecutionEnvironment,
  type ExecutionEnvironmentSettings,
  type InvocationResult,
} from './execution-environment.ts';

/** More threads than this per function only compete for the cores of a laptop (measured: slower at 4 than at 2). */
const MAXIMUM_ENVIRONMENTS = 2;

/** A Lambda function: its execution environments and the invocations that wait for one. */
export class LambdaFunction {
  readonly arn: string;
  /** What it is called in the source, e.g. `create-post`. */
  readonly label: string;
  readonly #settings: ExecutionEnvironmentSettings;
  readonly #clock: Clock;
  readonly #print: (line: string) => void;
  #code: Promise<string>;
  #idle: ExecutionEnvironment[] = [];
  #busy = new Set<ExecutionEnvironment>();
  #waiting: (() => void)[] = [];

  /** @param folder the unzipped code */
  constructor(
    folder: string,
    settings: ExecutionEnvironmentSettings,
    clock: Clock,
    print: (line: string) => void,
  ) {
    this.arn = settings.functionArn;
    this.label = labelOf(settings.handler);
    this.#settings = settings;
    this.#clock = clock;
    this.#print = print;
    this.#code = Promise.resolve(folder);
  }

  /**
   * Puts new code in place of the old: no invocation that starts after this call runs the old code. Invocations wait
   * for `folder`, and fail with its error if there is one; those under way end as they began.
   */
  deploy(folder: Promise<string>): void {
    folder.catch(() => {});
    this.#code = folder;
    for (const environment of this.#idle) void environment.terminate();
    this.#idle = [];
    this.#busy.clear();
    for (const proceed of this.#waiting.splice(0)) proceed();
  }

  /** Invokes the function and waits for its answer. `payload` is the event as JSON. Never rejects. */
  async invoke(payload: string): Promise<InvocationResult> {
    const environment = await this.#acquire();
    if (!(environment instanceof ExecutionEnvironment)) return environment;
    const result = await environment.invoke(randomUUID(), payload);
    this.#release(environment);
    return result;
  }

  /** Ends what is under way; no invocation succeeds afterwards. */
  async close(): Promise<void> {
    const environments = [...this.#idle, ...this.#busy];
    this.deploy(Promise.reject(new Error('The function is closed.')));
    await Promise.all(environments.map((environment) => environment.terminate()));
  }

  async #acquire(): Promise<ExecutionEnvironment | InvocationResult> {
    for (;;) {
      let folder: string;
      const code = this.#code;
      try {
        folder = await code;
      } catch (error) {
        return { ok: false, errorType: 'Runtime.BuildError', errorMessage: String(error), trace: [] };
      }
      if (code !== this.#code) continue;
      this.#idle = this.#idle.filter(({ alive }) => alive);
      const environment = this.#idle.pop() ?? this.#start(folder);
      if (environment) {
        this.#busy.add(environment);
        return environment;
      }
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  #start(folder: string): ExecutionEnvironment | undefined {
    if (this.#busy.size >= MAXIMUM_ENVIRONMENTS) return undefined;
    return new ExecutionEnvironment(folder, this.#settings, this.#clock, this.#print);
  }

  #release(environment: ExecutionEnvironment): void {
    // One that `deploy` has taken out of service is not used again.
    if (!this.#busy.delete(environment)) void environment.terminate();
    else if (environment.alive) this.#idle.push(environment);
    this.#waiting.shift()?.();
  }
}

/** The file of the handler, as the template's `Handler` names it. */
export function labelOf(handler: string): string {
  return handler.replace(/\.[^.]*$/, '');
}
