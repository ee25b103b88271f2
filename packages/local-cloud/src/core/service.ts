import type { Cause } from './trace.ts';

/** One emulated AWS service. Whoever calls it, a handler's SDK, the AWS CLI or another service, calls it here. */
export interface Service {
  /**
   * Answers one operation, e.g. `PutEvents`.
   * @param input the operation's input as AWS's API reference has it, not yet validated
   * @param cause what the call goes back to, if that is known
   * @throws {AwsError} as the real service would answer
   */
  call(operation: string, input: unknown, cause?: Cause): Promise<object>;
}

/** An error answer of an AWS service. `code` is what the SDKs show as the error's name. */
export class AwsError extends Error {
  readonly code: string;
  readonly status: number;
  /** What the answer has besides, by the API reference. */
  readonly fields: object;

  constructor(code: string, message: string, status = 400, fields: object = {}) {
    super(message);
    this.name = code;
    this.code = code;
    this.status = status;
    this.fields = fields;
  }
}
