import * as z from 'zod/mini';
import { AwsError } from '../../core/service.ts';
import type { Cause, Tracer } from '../../core/trace.ts';
import { functionName } from './function-arn.ts';
import type { Lambda } from './lambda.ts';

/** What `Invoke` is asked for. */
interface InvokeInput {
  /** A function's name or ARN, perhaps with the qualifier `$LATEST`. */
  FunctionName: string;
  /** `RequestResponse` if absent. */
  InvocationType?: string | undefined;
  /** The event, as JSON. */
  Payload: string;
}

interface InvokeOutput {
  StatusCode: 200 | 202;
  /** The handler's answer or the error object, as JSON; empty for an event. */
  Payload: string;
  /** Whether the function failed. */
  FunctionError?: 'Unhandled';
}

const Event = z.record(z.string(), z.unknown());

/**
 * Lambda's `Invoke`, for events that are objects; without `DryRun`, the end of the log, client contexts and versions.
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
   * @param cause what the call goes back to, if it is a function's
   * @throws {AwsError} when Lambda does not take or run it
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

function eventOf(payload: string): z.infer<typeof Event> {
  try {
    return Event.parse(JSON.parse(payload || '{}'));
  } catch (error) {
    throw new AwsError('InvalidRequestContentException', `Could not parse request body into json: ${error}`);
  }
}
