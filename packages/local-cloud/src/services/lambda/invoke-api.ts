import { parseJsonOrThrow } from '../../core/json.ts';
import { AwsError } from '../../core/service.ts';
import type { Cause, Tracer } from '../../core/trace.ts';
import { qualifiedName } from './function-arn.ts';
import type { Lambda } from './lambda.ts';

/** The input of `Invoke`. */
interface InvokeInput {
  /** A function's name or ARN, with or without a qualifier. */
  FunctionName: string;
  /** `RequestResponse` if absent. */
  InvocationType?: string | undefined;
  /** The event, as JSON. */
  Payload: string;
}

/** What invokes functions. */
type InvokedLambda = Pick<Lambda, 'invoke' | 'invokeAsynchronously'> & {
  function(name: string): { version: string };
};

interface InvokeOutput {
  StatusCode: 200 | 202;
  /** The handler's result or the error object, as JSON; empty for an event. */
  Payload: string;
  /** The version that ran; absent for an event. */
  ExecutedVersion?: string;
  /** Whether the function failed. */
  FunctionError?: 'Unhandled';
}

/**
 * Emulates Lambda's `Invoke`, without `DryRun`, the log tail and client contexts.
 * Source: AWS Lambda API Reference.
 */
export class InvokeApi {
  readonly #lambda: InvokedLambda;
  readonly #tracer: Tracer;

  constructor(lambda: InvokedLambda, tracer: Tracer) {
    this.#lambda = lambda;
    this.#tracer = tracer;
  }

  /**
   * Invokes a function.
   * @param cause the cause of the call, if a function makes it
   * @throws {AwsError} if Lambda refuses or fails to run the invocation
   */
  async invoke(
    { FunctionName, InvocationType = 'RequestResponse', Payload }: InvokeInput,
    cause: Cause = this.#tracer.begin(`Invoke ${FunctionName} ${Payload}`),
  ): Promise<InvokeOutput> {
    const name = withOneQualifier(qualifiedName(FunctionName));
    const invoker = { name: 'Invoke', cause };
    if (InvocationType === 'Event') {
      this.#lambda.invokeAsynchronously(name, Payload || '{}', invoker);
      return { StatusCode: 202, Payload: '' };
    }
    if (InvocationType !== 'RequestResponse')
      throw new AwsError('InvalidParameterValueException', `InvocationType ${InvocationType}: not emulated`);
    const { ok, ...result } = await this.#lambda.invoke(name, eventOf(Payload), invoker);
    const answer = { StatusCode: 200, ExecutedVersion: this.#lambda.function(name).version } as const;
    if ('payload' in result) return { ...answer, Payload: result.payload };
    return { ...answer, Payload: JSON.stringify(result), FunctionError: 'Unhandled' };
  }
}

/**
 * Returns the name with the qualifier once, which a request can give in the name and as a parameter.
 * @throws {AwsError} if the two differ
 */
function withOneQualifier(name: string): string {
  const [plain, qualifier, other = qualifier] = name.split(':');
  if (qualifier !== other)
    throw new AwsError(
      'InvalidParameterValueException',
      'The derived qualifier from the function name does not match the specified qualifier.',
    );
  return qualifier === undefined ? name : `${plain}:${qualifier}`;
}

function eventOf(payload: string): unknown {
  try {
    return parseJsonOrThrow(payload || '{}');
  } catch (error) {
    throw new AwsError('InvalidRequestContentException', `Could not parse request body into json: ${error}`);
  }
}
