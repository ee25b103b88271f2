import { createHash } from 'node:crypto';
import type { Account } from '../../template/resource-type.ts';
import type { FunctionProperties } from './lambda-resources.ts';

/**
 * Returns the environment variables that Lambda sets for a function, and those that direct its SDK
 * clients to the AWS port. Each function has its own access key, by which the port identifies the
 * caller.
 * Source: AWS Lambda Developer Guide, "Defined runtime environment variables".
 */
export function runtimeEnvironment(
  { functionName, version }: { functionName: string; version: string },
  { Handler, LoggingConfig, MemorySize, Runtime }: FunctionProperties,
  account: Account,
  awsUrl: string,
): Record<string, string> {
  return {
    AWS_ACCESS_KEY_ID: accessKeyId(functionName),
    AWS_DEFAULT_REGION: account.region,
    AWS_ENDPOINT_URL: awsUrl,
    AWS_EXECUTION_ENV: `AWS_Lambda_${Runtime}`,
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(MemorySize),
    AWS_LAMBDA_FUNCTION_NAME: functionName,
    AWS_LAMBDA_FUNCTION_VERSION: version,
    AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
    AWS_LAMBDA_LOG_FORMAT: LoggingConfig.LogFormat,
    AWS_LAMBDA_LOG_GROUP_NAME: LoggingConfig.LogGroup ?? `/aws/lambda/${functionName}`,
    AWS_LAMBDA_LOG_STREAM_NAME: 'local',
    ...(LoggingConfig.LogFormat === 'JSON' && { AWS_LAMBDA_LOG_LEVEL: LoggingConfig.ApplicationLogLevel }),
    AWS_REGION: account.region,
    AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
    AWS_SECRET_ACCESS_KEY: 'local',
    LANG: 'en_US.UTF-8',
    TZ: ':UTC',
    _HANDLER: Handler,
  };
}

/**
 * Returns the access key ID of a function: `AKIA` and 16 characters, as in AWS, derived from its
 * name.
 */
export function accessKeyId(functionName: string): string {
  return `AKIA${createHash('sha256').update(functionName).digest('hex').slice(0, 16).toUpperCase()}`;
}
