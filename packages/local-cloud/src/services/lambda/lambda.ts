import { randomUUID } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod/mini';
import { inBackground } from '../../core/background.ts';
import { eventQueueOf } from '../../core/hop.ts';
import type { Journal, Section } from '../../core/journal.ts';
import { parseJsonOrThrow } from '../../core/json.ts';
import type { Log } from '../../core/log.ts';
import type { PassageServices } from '../../core/passage.ts';
import { AwsError } from '../../core/service.ts';
import { type Cause, KeptCause, keptCause } from '../../core/trace.ts';
import type { Resource } from '../../template/resource.ts';
import type { Account } from '../../template/resource-type.ts';
import { type Template, TemplateError } from '../../template/template.ts';
import type { Metrics } from '../cloudwatch/metrics.ts';
import {
  type InvokeConfig,
  invokeAsynchronously,
  invokeConfig,
  Progress,
} from './asynchronous-invocation.ts';
import type { AwsEndpoint } from './aws-call.ts';
import { Concurrency } from './concurrency.ts';
import type { InvocationResult } from './execution-environment.ts';
import type { FailureServices } from './failure-report.ts';
import { LambdaFunction } from './function.ts';
import { functionArn, functionName, LATEST, qualifiedName } from './function-arn.ts';
import { functionLabel } from './function-label.ts';
import { type Invocation, type Invoker, invocationIn } from './invocation.ts';
import { EventInvokeConfigResource, type FunctionProperties, FunctionResource } from './lambda-resources.ts';
import { printLogLine } from './log-line.ts';
import { type InvocableFunction, invocableFunctions } from './qualifiers.ts';
import { runtimeEnvironment } from './runtime-environment.ts';

export interface LambdaServices extends FailureServices, PassageServices {
  account: Account;
  /** @throws {AwsError} if the function has no permission for the service, action and source */
  authorizeService: (principal: string, action: string, resource: string, sourceArn: string) => void;
  /**
   * The concurrency of all functions that reserve none; if absent, the part of AWS's default of
   * 1,000 that is not reserved.
   */
  concurrency?: number;
  /** Keeps the events that wait in the event queues. */
  journal: Journal;
  log: Log;
  /**
   * Replaces the URLs of AWS with those of this machine in the value of an environment variable.
   */
  localize: (value: string) => string;
  /** Receives the metrics in the lines that the functions log. */
  metrics: Metrics;
  /** The URL of the AWS port, which the SDKs of the handlers call. */
  awsUrl: string;
  /** Answers these calls as the AWS port does. If absent, they use the network. */
  answerCall?: AwsEndpoint['answer'];
}

/** The maximum size of an event, in bytes. Source: AWS Lambda Developer Guide, "Lambda quotas". */
const MAXIMUM_PAYLOAD = { RequestResponse: 6 * 1024 ** 2, Event: 1024 ** 2 };

/**
 * The concurrency of an account, and the part of it that functions cannot reserve. Source: AWS
 * Lambda Developer Guide, "Configuring reserved concurrency for a function".
 */
const ACCOUNT_CONCURRENCY = 1000;
const MINIMUM_UNRESERVED = 100;

/** An event that waits in the event queue of a function; its key is the ID of the request. */
const KeptEvent = z.object({
  /** With the qualifier. */
  functionName: z.string(),
  payload: z.string(),
  cause: KeptCause,
  progress: Progress,
});

/** The functions of the stack. */
export class Lambda {
  /** The functions by their names, with the qualifiers by which they can be invoked. */
  readonly #functions: ReadonlyMap<string, LambdaFunction>;
  readonly #invokeConfigs: ReadonlyMap<string, InvokeConfig>;
  readonly #running = new Map<string, Invocation>();
  readonly #services: LambdaServices;
  readonly #skipped: Template['skipped'];
  readonly #events: Section<typeof KeptEvent>;

  constructor(template: Template, services: LambdaServices) {
    this.#services = services;
    this.#skipped = template.skipped;
    this.#events = services.journal.section('lambda-events', KeptEvent);
    // The package of the app must not decide whether the code of its functions is CommonJS.
    writeFileSync(join(template.folder, 'package.json'), '{}');
    const functions = template.resources(FunctionResource);
    let left = ACCOUNT_CONCURRENCY;
    for (const { logicalId, properties } of functions) {
      left -= properties.ReservedConcurrentExecutions ?? 0;
      if (left < MINIMUM_UNRESERVED)
        throw new TemplateError(
          `${logicalId}: Specified ReservedConcurrentExecutions for function decreases account's ` +
            `UnreservedConcurrentExecution below its minimum value of [${MINIMUM_UNRESERVED}].`,
        );
    }
    const unreserved = new Concurrency(services.concurrency ?? left, 'ConcurrentInvocationLimitExceeded');
    const concurrencies = new Map(
      functions.map(({ name, properties }) => [name, concurrencyOf(properties) ?? unreserved]),
    );
    const codes = new Map(functions.map((resource) => [resource.name, codeOf(resource, template)]));
    const invocable = invocableFunctions(template);
    this.#functions = new Map(
      invocable.map((one) => {
        const concurrency = concurrencies.get(one.resource.name) ?? unreserved;
        return [one.name, this.#function(one, codes.get(one.resource.name) ?? '', concurrency)];
      }),
    );
    const configs = new Map(
      template
        .resources(EventInvokeConfigResource)
        .map(({ properties }) => [
          `${functionName(properties.FunctionName)}:${properties.Qualifier}`,
          properties,
        ]),
    );
    this.#invokeConfigs = new Map(
      invocable.map(({ arn, qualifier = LATEST, resource }) => {
        const config = configs.get(`${resource.name}:${qualifier}`);
        return [arn, invokeConfig(config, resource.properties)];
      }),
    );
  }

  /** Every function, once for each way to invoke it. */
  get functions(): Iterable<LambdaFunction> {
    return this.#functions.values();
  }

  /**
   * Returns a function.
   * @param nameOrArn with or without a qualifier
   * @throws {AwsError} `ResourceNotFoundException` (404), also for an unknown qualifier
   */
  function(nameOrArn: string): LambdaFunction {
    const name = qualifiedName(nameOrArn);
    const found = this.#functions.get(name);
    if (found) return found;
    const skipped = this.#skipped.sentence(name.replace(/:.*/s, ''), 'lambda');
    if (skipped !== undefined) this.#services.log.error('lambda', skipped);
    const arn = functionArn(name, this.#services.account);
    throw new AwsError('ResourceNotFoundException', skipped ?? `Function not found: ${arn}`, 404);
  }

  /** Whether any function runs. */
  get busy(): boolean {
    return this.#running.size > 0;
  }

  /** Returns whether every running invocation can only proceed when the clock jumps. */
  async waits(): Promise<boolean> {
    // One after the other, with those that begin meanwhile: mostly the first one still computes, and
    // the others need not be asked.
    for (const invocation of this.#running.values()) if (!(await invocation.waits())) return false;
    return true;
  }

  /** Returns the running invocation in a trace header. */
  invocation(traceHeader: string | undefined): Invocation | undefined {
    return this.#running.get(invocationIn(traceHeader) ?? '');
  }

  /**
   * Invokes a function and waits for its result.
   * @param event any value of JSON
   * @throws {AwsError} if Lambda refuses or fails to run the invocation
   */
  async invoke(arn: string, event: unknown, invoker: Invoker): Promise<InvocationResult> {
    const payload = JSON.stringify(event);
    return this.#admit(arn, payload, invoker, 'RequestResponse').invoke(payload, invoker);
  }

  /**
   * Accepts an event, as JSON, into the function's event queue and returns. The function's
   * `EventInvokeConfig` and `DeadLetterConfig` determine retries and dead letters.
   * @throws {AwsError} if Lambda does not accept the event
   */
  invokeAsynchronously(arn: string, payload: string, invoker: Invoker): void {
    const target = this.#admit(arn, payload, invoker, 'Event');
    const now = this.#services.clock.now();
    const progress = { acceptedAt: now, waitsUntil: now, runs: 0, refusals: 0 };
    this.#enqueue(target, { payload, cause: invoker.cause, progress });
  }

  /** Continues with the events that waited in the event queues when the previous process ended. */
  resume(): void {
    for (const [requestId, { functionName, ...event }] of this.#events.left) {
      const target = this.#functions.get(functionName);
      if (target) this.#enqueue(target, event, requestId);
      else {
        this.#services.log.error('lambda', `LOST an event: the function ${functionName} no longer exists`);
        this.#events.delete(requestId);
      }
    }
  }

  #enqueue(
    target: LambdaFunction,
    { payload, cause, progress }: { payload: string; cause: Cause; progress: Progress },
    requestId: string = randomUUID(),
  ): void {
    const config = this.#invokeConfigs.get(target.invokedArn) ?? invokeConfig();
    const invoker = { name: eventQueueOf(target.label), cause, queued: true };
    const kept = { functionName: qualifiedName(target.invokedArn), payload, cause: keptCause(cause) };
    const keep = (progress: Progress) => this.#events.put(requestId, { ...kept, progress });
    keep(progress);
    const event = { target, payload, invoker, requestId, progress, keep };
    const task = invokeAsynchronously(event, config, this.#services).then(() =>
      this.#events.delete(requestId),
    );
    inBackground(target.label, task, this.#services.log);
  }

  async close(): Promise<void> {
    await Promise.all([...this.#functions.values()].map((target) => target.close()));
  }

  /**
   * Returns the function, if the invoker may invoke it with this payload.
   * @throws {AwsError} `ResourceNotFoundException` (404), `AccessDeniedException` (403),
   * `RequestEntityTooLargeException` (413) or `InvalidRequestContentException` (400)
   */
  #admit(
    arn: string,
    payload: string,
    { service }: Invoker,
    type: keyof typeof MAXIMUM_PAYLOAD,
  ): LambdaFunction {
    const target = this.function(arn);
    if (service) {
      const { principal, sourceArn } = service;
      const resource = functionArn(functionName(target.invokedArn), this.#services.account);
      this.#services.authorizeService(principal, 'lambda:InvokeFunction', resource, sourceArn);
    }
    const [size, limit] = [Buffer.byteLength(payload), MAXIMUM_PAYLOAD[type]];
    if (size > limit) {
      const message = `${size} byte payload is too large for the ${type} invocation type (limit ${limit} bytes)`;
      throw new AwsError('RequestEntityTooLargeException', message, 413);
    }
    try {
      parseJsonOrThrow(payload);
    } catch (error) {
      const message = `Could not parse request body into json: ${error}`;
      throw new AwsError('InvalidRequestContentException', message, 400);
    }
    return target;
  }

  #function(
    { arn, resource, version }: InvocableFunction,
    code: string,
    concurrency: Concurrency,
  ): LambdaFunction {
    const { account, answerCall, awsUrl, clock, faults, localize, log, metrics, recorder } = this.#services;
    const { name, properties } = resource;
    const label = functionLabel(resource);
    const variables = Object.entries(properties.Environment.Variables);
    const settings = {
      functionName: name,
      functionArn: arn,
      arn: resource.arn,
      version,
      label,
      handler: properties.Handler,
      environment: {
        ...runtimeEnvironment({ functionName: name, version }, properties, account, awsUrl),
        ...Object.fromEntries(variables.map(([key, value]) => [key, localize(value)])),
      },
      timeoutMs: properties.Timeout * 1000,
      memoryMb: properties.MemorySize,
    };
    return new LambdaFunction(
      code,
      settings,
      {
        aws: answerCall && { url: awsUrl, answer: answerCall },
        clock,
        concurrency,
        faults,
        recorder,
        running: this.#running,
      },
      (line) => {
        printLogLine(log, label, line);
        metrics.read(line);
      },
    );
  }
}

/** Returns the concurrency that a function reserves for all of its versions; `undefined` for none. */
function concurrencyOf({
  ReservedConcurrentExecutions: reserved,
}: FunctionProperties): Concurrency | undefined {
  if (reserved === undefined) return undefined;
  return new Concurrency(reserved, 'ReservedFunctionConcurrentInvocationLimitExceeded');
}

/**
 * Returns the folder of a function's code. Inline code of Node.js is a CommonJS module in
 * `index.js`. Source: AWS CloudFormation Template Reference, "AWS::Lambda::Function Code".
 */
function codeOf({ logicalId, properties }: Resource<FunctionProperties>, template: Template): string {
  const { S3Key = '', ZipFile } = properties.Code;
  if (ZipFile === undefined) return template.asset(S3Key);
  const folder = join(template.folder, 'inline', logicalId);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'index.js'), ZipFile);
  return folder;
}
