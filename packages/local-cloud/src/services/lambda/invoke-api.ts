import { parseJsonOrThrow } from '../../core/json.ts';
import { AwsError } from '../../core/service.ts';
import type { Cause, Tracer } from '../../core/trace.ts';
import { functionName } from './function-arn.ts';
import type { Lambda } from './lambda.ts';

/** The input of `Invoke`. */
interface InvokeInput {
  /** A function's name or ARN, with or without the qualifier `$LATEST`. */
  FunctionName: string;
  /** `RequestResponse` if absent. */
  InvocationType?: string | undefined;
  /** The event, as JSON. */
  Payload: string;
}

interface InvokeOutput {
  StatusCode: 200 | 202;
  /** The handler's result or the error object, as JSON; empty for an event. */
  Payload: string;
  /** Whether the function failed. */
  FunctionError?: 'Unhandled';
}

/**
 * Emulates Lambda's `Invoke`, without `DryRun`, the log tail, client contexts and versions.
 * Source: AWS Lambda API Reference.
 */
export class InvokeApi {
  readonly #lambda: Pick<Lambda, 'invoke' | 'invokeAsynchronously'>;
  readonly #tracer: Tracer;

  constructor(lambda: Pick<Lambda, 'invoke' | 'invokeAsynchronously'>, tracer: Tracer) {
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
    const name = functionName(FunctionName);
    const invoker = { name: 'Invoke', cause };
    if (InvocationType === 'Event') {
      this.#lambda.invokeAsynchronously(name, Payload || '{}', invoker);
      return { StatusCode: 202, Payload: '' };
    }
    if (InvocationType !== 'RequestResponse')
      throw new AwsError('InvalidParameterValueException', `InvocationType ${InvocationType}: not emulated`);
    const { ok, ...result } = await this.#lambda.invoke(name, eventOf(Payload), invoker);
    if ('payload' in result) return { StatusCode: 200, Payload: result.payload };
    return { StatusCode: 200, Payload: JSON.stringify(result), FunctionError: 'Unhandled' };
  }
}

function eventOf(payload: string): unknown {
  try {
    return parseJsonOrThrow(payload || '{}');
  } catch (error) {
    throw new AwsError('InvalidRequestContentException', `Could not parse request body into json: ${error}`);
  }
}
