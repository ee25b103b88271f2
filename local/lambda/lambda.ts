import { createHash } from 'node:crypto';
import type { Clock } from '../clock.ts';
import type { SendDeadLetter } from '../dead-letter.ts';
import type { Log } from '../log.ts';
import { AwsError } from '../service.ts';
import type { Account } from '../template/resource-type.ts';
import type { Template } from '../template/template.ts';
import { defaultInvokeConfig, type InvokeConfig, invokeAsynchronously } from './asynchronous-invocation.ts';
import type { InvocationResult } from './execution-environment.ts';
import { LambdaFunction, labelOf } from './function.ts';
import { EventInvokeConfigResource, type FunctionProperties, FunctionResource } from './lambda-resources.ts';
import { printLogLine } from './log-line.ts';

export interface LambdaServices {
  account: Account;
  clock: Clock;
  log: Log;
  sendDeadLetter: SendDeadLetter;
  /** Puts the URLs of this machine in place of AWS's in an environment variable. */
  localize: (value: string) => string;
  /** The AWS port, where the SDKs of the handlers call. */
  awsUrl: string;
}

/** The stack's functions, by their names. */
export class Lambda {
  readonly #functions = new Map<string, LambdaFunction>();
  readonly #invokeConfigs = new Map<string, InvokeConfig>();
  readonly #services: LambdaServices;

  constructor(template: Template, services: LambdaServices) {
    this.#services = services;
    for (const { name, arn, properties } of template.resources(FunctionResource)) {
      const label = labelOf(properties.Handler);
      const settings = {
        functionName: name,
        functionArn: arn,
        handler: properties.Handler,
        environment: {
          ...runtimeEnvironment(name, properties, services),
          ...Object.fromEntries(
            Object.entries(properties.Environment.Variables).map(([key, value]) => [
              key,
              services.localize(value),
            ]),
          ),
        },
        timeoutMs: properties.Timeout * 1000,
        memoryMb: properties.MemorySize,
      };
      const print = (line: string) => printLogLine(services.log, label, line);
      const folder = template.asset(properties.Code.S3Key);
      this.#functions.set(name, new LambdaFunction(folder, settings, services.clock, print));
    }
    for (const { properties } of template.resources(EventInvokeConfigResource)) {
      this.#invokeConfigs.set(properties.FunctionName, {
        maximumRetryAttempts: properties.MaximumRetryAttempts,
        maximumEventAgeMs: properties.MaximumEventAgeInSeconds * 1000,
        onFailure: properties.DestinationConfig?.OnFailure?.Destination,
      });
    }
  }

  get functions(): Iterable<LambdaFunction> {
    return this.#functions.values();
  }

  /**
   * @param nameOrArn as an ARN or what stands at its end
   * @throws {AwsError} `ResourceNotFoundException` (404)
   */
  function(nameOrArn: string): LambdaFunction {
    const found = this.#functions.get(nameOrArn.split(':').at(-1) ?? '');
    if (!found) throw new AwsError('ResourceNotFoundException', `Function not found: ${nameOrArn}`, 404);
    return found;
  }

  /** Invokes and waits for the answer. */
  invoke(arn: string, event: object): Promise<InvocationResult> {
    return this.function(arn).invoke(JSON.stringify(event));
  }

  /**
   * Takes an event, as JSON, into the function's event queue and returns; what becomes of it is retried and
   * dead-lettered by the function's `EventInvokeConfig`.
   * @throws {AwsError} `ResourceNotFoundException` (404)
   */
  invokeAsynchronously(arn: string, payload: string): void {
    const target = this.function(arn);
    const config = this.#invokeConfigs.get(arn.split(':').at(-1) ?? '') ?? defaultInvokeConfig;
    void invokeAsynchronously(target, payload, config, this.#services);
  }

  async close(): Promise<void> {
    await Promise.all([...this.#functions.values()].map((target) => target.close()));
  }
}

/**
 * What Lambda sets for a function, and what makes its SDK clients call the AWS port. Each function has an access key
 * of its own, by which the port knows who calls.
 * Source: AWS Lambda Developer Guide, "Defined runtime environment variables".
 */
function runtimeEnvironment(
  functionName: string,
  { Handler, LoggingConfig, MemorySize, Runtime }: FunctionProperties,
  { account, awsUrl }: LambdaServices,
): Record<string, string> {
  return {
    AWS_ACCESS_KEY_ID: accessKeyId(functionName),
    AWS_DEFAULT_REGION: account.region,
    AWS_ENDPOINT_URL: awsUrl,
    AWS_EXECUTION_ENV: `AWS_Lambda_${Runtime}`,
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(MemorySize),
    AWS_LAMBDA_FUNCTION_NAME: functionName,
    AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
    AWS_LAMBDA_LOG_FORMAT: LoggingConfig.LogFormat,
    ...(LoggingConfig.LogFormat === 'JSON' && { AWS_LAMBDA_LOG_LEVEL: LoggingConfig.ApplicationLogLevel }),
    AWS_REGION: account.region,
    AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
    AWS_SECRET_ACCESS_KEY: 'local',
    LANG: 'en_US.UTF-8',
    TZ: ':UTC',
    _HANDLER: Handler,
  };
}

/** `AKIA` and sixteen characters, as AWS makes them, from the function's name. */
export function accessKeyId(functionName: string): string {
  return `AKIA${createHash('sha256').update(functionName).digest('hex').slice(0, 16).toUpperCase()}`;
}
