import { randomUUID } from 'node:crypto';
import { type Clock, clockOfHandlers } from '../../core/clock.ts';
import { ConnectionDropped } from '../../core/faults.ts';
import { runHop } from '../../core/hop.ts';
import { type PassageServices, pass } from '../../core/passage.ts';
import type { Outcome } from '../../core/recorder.ts';
import { AwsError } from '../../core/service.ts';
import type { AwsEndpoint } from './aws-call.ts';
import type { Concurrency } from './concurrency.ts';
import {
  ExecutionEnvironment,
  type ExecutionEnvironmentSettings,
  type InvocationResult,
} from './execution-environment.ts';
import { type Invocation, type Invoker, invocationId, traceHeader } from './invocation.ts';

/**
 * More threads per function only compete for the cores of a laptop
 * (docs/decisions/worker-threads.md).
 */
const MAXIMUM_ENVIRONMENTS = 2;
/**
 * The time in milliseconds without the end of an invocation after which the function may have a
 * second environment for those that wait.
 */
const PATIENCE_MS = 250;

export interface FunctionServices extends PassageServices {
  /** As in `EnvironmentServices`. */
  aws?: AwsEndpoint | undefined;
  /** The clock of the services, whose time handlers read. */
  clock: Clock;
  /** The concurrency that the function reserves, or shares with others. */
  concurrency: Concurrency;
  /** The running invocations, by ID. */
  running: Map<string, Invocation>;
}

/** `functionArn` is the ARN by which the function is invoked, with the qualifier if there is one. */
export interface FunctionSettings extends ExecutionEnvironmentSettings {
  /** The ARN without a qualifier. */
  arn: string;
  /** The version that runs: `$LATEST` or a number. */
  version: string;
  /** The name of the function in the source, e.g. `create-post`. */
  label: string;
}

/** Errors of Lambda itself, not of the function. Source: API Reference, `Invoke`. */
const SERVICE_ERRORS = ['ServiceException', 'TooManyRequestsException'];

/**
 * A Lambda function, as invoked without a qualifier or by one: its execution environments, and the
 * queue of invocations that wait for one.
 */
export class LambdaFunction {
  /** The ARN without a qualifier, like the name. */
  readonly arn: string;
  readonly name: string;
  /** The ARN by which the function is invoked, with the qualifier if there is one. */
  readonly invokedArn: string;
  /** The version that runs: `$LATEST` or a number. */
  readonly version: string;
  /** The name of the function in the source, e.g. `create-post`. */
  readonly label: string;
  readonly #settings: FunctionSettings;
  readonly #services: FunctionServices;
  readonly #print: (line: string) => void;
  #code: Promise<string>;
  #idle: ExecutionEnvironment[] = [];
  #busy = new Set<ExecutionEnvironment>();
  /** Busy environments with code that a later deployment has replaced. */
  readonly #outdated = new Set<ExecutionEnvironment>();
  #waiting: (() => void)[] = [];
  /** The number of environments that the function may have at present. */
  #limit: number;
  #patience: NodeJS.Timeout | undefined;

  /** @param folder the unzipped code */
  constructor(
    folder: string,
    settings: FunctionSettings,
    services: FunctionServices,
    print: (line: string) => void,
  ) {
    this.arn = settings.arn;
    this.name = settings.functionName;
    this.invokedArn = settings.functionArn;
    this.version = settings.version;
    this.label = settings.label;
    this.#settings = settings;
    this.#services = services;
    this.#print = print;
    this.#code = Promise.resolve(folder);
    // A clock that jumps while an invocation waits would make the order depend on the machine.
    this.#limit = services.clock.jumps ? MAXIMUM_ENVIRONMENTS : 1;
  }

  /**
   * Replaces the code. Invocations that start after this call wait for `folder` and run the new
   * code, or the present code if `folder` rejects. Running invocations keep the old code.
   */
  deploy(folder: Promise<string>): void {
    const present = this.#code;
    this.#replace(folder.catch(() => present));
  }

  #replace(code: Promise<string>): void {
    this.#code = code;
    for (const environment of this.#idle) void environment.terminate();
    this.#idle = [];
    for (const environment of this.#busy) this.#outdated.add(environment);
    this.#busy.clear();
    clearTimeout(this.#patience);
    this.#patience = undefined;
    for (const proceed of this.#waiting.splice(0)) proceed();
  }

  /** Whether a reserved concurrency of 0 disables the function. */
  get disabled(): boolean {
    return this.#services.concurrency.limit === 0;
  }

  /**
   * Invokes the function and waits for its result. `payload` is the event as JSON. An error of the
   * function is a result too.
   * @param requestId the same for each attempt at an event
   * @throws {AwsError} if Lambda refuses or fails to run the invocation
   */
  async invoke(
    payload: string,
    { name, cause, queued = false }: Invoker,
    requestId: string = randomUUID(),
  ): Promise<InvocationResult> {
    let crashesAtCall = false;
    try {
      const point = { hop: runHop(name, this.label), function: this.label };
      return await pass(this.#services, point, cause, {
        step: { kind: 'run', to: this.arn, payload, outcome: outcomeOf },
        act: (own = cause) => {
          const { concurrency } = this.#services;
          const run = (environment: ExecutionEnvironment) =>
            this.#run(environment, payload, requestId, { cause: own, crashesAtCall });
          // AWS runs a synchronous invocation immediately, so it counts while it waits for a thread
          // here.
          return queued
            ? this.#withEnvironment((environment) => concurrency.run(() => run(environment)))
            : concurrency.run(() => this.#withEnvironment(run));
        },
        crash: (when) => {
          if (when === 'during') crashesAtCall = true;
          else void this.#idle.pop()?.terminate();
        },
      });
    } catch (error) {
      if (error instanceof AwsError && !SERVICE_ERRORS.includes(error.code))
        return { ok: false, errorType: error.code, errorMessage: error.message, trace: [] };
      if (error instanceof ConnectionDropped)
        return { ok: false, errorType: 'Runtime.ExitError', errorMessage: error.message, trace: [] };
      throw error;
    }
  }

  /** Ends the running invocations. Later ones fail. */
  async close(): Promise<void> {
    const environments = [...this.#idle, ...this.#busy, ...this.#outdated];
    const closed = Promise.reject(new Error('The function is closed.'));
    closed.catch(() => {});
    this.#replace(closed);
    await Promise.all(environments.map((environment) => environment.terminate()));
  }

  async #withEnvironment(
    use: (environment: ExecutionEnvironment) => Promise<InvocationResult>,
  ): Promise<InvocationResult> {
    const environment = await this.#acquire();
    if (!(environment instanceof ExecutionEnvironment)) return environment;
    try {
      return await use(environment);
    } finally {
      this.#release(environment);
    }
  }

  async #run(
    environment: ExecutionEnvironment,
    payload: string,
    requestId: string,
    given: Pick<Invocation, 'cause' | 'crashesAtCall'>,
  ): Promise<InvocationResult> {
    const { clock, recorder, running } = this.#services;
    const heldCalls = new Set<string>();
    const invocation: Invocation = {
      id: invocationId(),
      crash: () => void environment.terminate(),
      hold(call) {
        heldCalls.add(call);
        return () => heldCalls.delete(call);
      },
      waits: () => environment.waits(heldCalls),
      ...given,
    };
    running.set(invocation.id, invocation);
    try {
      return await environment.invoke(
        { requestId, payload, traceHeader: traceHeader(invocation, clock.now()), now: clock.now() },
        (line) => recorder.log(invocation.cause, line),
      );
    } finally {
      running.delete(invocation.id);
    }
  }

  async #acquire(): Promise<ExecutionEnvironment | InvocationResult> {
    for (;;) {
      let folder: string;
      const code = this.#code;
      try {
        folder = await code;
      } catch (error) {
        return { ok: false, errorType: 'Runtime.ExitError', errorMessage: String(error), trace: [] };
      }
      if (code !== this.#code) continue;
      this.#idle = this.#idle.filter(({ alive }) => alive);
      const environment = this.#idle.pop() ?? this.#start(folder);
      if (environment) {
        this.#busy.add(environment);
        return environment;
      }
      const turn = new Promise<void>((resolve) => this.#waiting.push(resolve));
      this.#watch();
      await turn;
    }
  }

  /** Allows a second environment if no invocation ends in time while another one waits. */
  #watch(): void {
    if (this.#limit === MAXIMUM_ENVIRONMENTS || this.#waiting.length === 0) return;
    this.#patience ??= setTimeout(() => {
      this.#patience = undefined;
      // Two environments that load their code at once are not ready sooner.
      if ([...this.#busy].some(({ loaded }) => !loaded)) return this.#watch();
      this.#limit = MAXIMUM_ENVIRONMENTS;
      this.#waiting.shift()?.();
    }, PATIENCE_MS);
  }

  #start(folder: string): ExecutionEnvironment | undefined {
    if (this.#busy.size >= this.#limit) return undefined;
    const clock = clockOfHandlers(this.#services.clock);
    const { aws } = this.#services;
    return new ExecutionEnvironment(folder, this.#settings, { aws, clock, print: this.#print });
  }

  #release(environment: ExecutionEnvironment): void {
    if (this.#outdated.delete(environment)) void environment.terminate();
    else if (this.#busy.delete(environment) && environment.alive) this.#idle.push(environment);
    clearTimeout(this.#patience);
    this.#patience = undefined;
    this.#waiting.shift()?.();
    this.#watch();
  }
}

function outcomeOf(result: InvocationResult): Outcome {
  return result.ok ? { result: result.payload } : { error: `${result.errorType}: ${result.errorMessage}` };
}
