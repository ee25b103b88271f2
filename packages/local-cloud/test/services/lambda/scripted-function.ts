import type { InvocationResult } from '../../../src/services/lambda/execution-environment.ts';
import { LambdaFunction } from '../../../src/services/lambda/function.ts';
import type { Invoker } from '../../../src/services/lambda/invocation.ts';
import { ManualClock } from '../../fixtures/manual-clock.ts';
import { functionServices } from './function-services.ts';

/** A function without code: `answer` returns its result. */
export class ScriptedFunction extends LambdaFunction {
  readonly invocations: unknown[] = [];
  readonly #answer: (event: unknown) => InvocationResult;

  constructor(answer: (event: unknown) => InvocationResult) {
    const settings = {
      functionName: 'Stack-Scripted',
      functionArn: 'arn:aws:lambda:eu-west-1:123456789012:function:Stack-Scripted',
      handler: 'scripted.handler',
      label: 'scripted',
      environment: {},
      timeoutMs: 3_000,
      memoryMb: 128,
    };
    super('/nowhere', settings, functionServices(new ManualClock()), () => {});
    this.#answer = answer;
  }

  override async invoke(payload: string, _invoker?: Invoker): Promise<InvocationResult> {
    const event: unknown = JSON.parse(payload);
    this.invocations.push(event);
    return this.#answer(event);
  }
}

export function succeed(answer: unknown = null): InvocationResult {
  return { ok: true, payload: JSON.stringify(answer) };
}

export function fail(errorMessage = 'broken'): InvocationResult {
  return { ok: false, errorType: 'Error', errorMessage, trace: [`Error: ${errorMessage}`] };
}
