import type { InvocationResult } from '../../../src/services/lambda/execution-environment.ts';
import { LambdaFunction } from '../../../src/services/lambda/function.ts';
import type { Invoker } from '../../../src/services/lambda/invocation.ts';
import { ManualClock } from '../../fixtures/manual-clock.ts';
import { functionServices } from './function-services.ts';

/** A function without code: `answer` returns its result. */
export class ScriptedFunction extends LambdaFunction {
  readonly invocations: unknown[] = [];
  readonly #answer: (event: unknown) => InvocationResult;

  /** @param alias the alias of version 1 by which it is invoked; none if absent */
  constructor(answer: (event: unknown) => InvocationResult, alias?: string) {
    const arn = 'arn:aws:lambda:eu-west-1:123456789012:function:Stack-Scripted';
    const settings = {
      functionName: 'Stack-Scripted',
      arn,
      functionArn: alias === undefined ? arn : `${arn}:${alias}`,
      version: alias === undefined ? '$LATEST' : '1',
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
