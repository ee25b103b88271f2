import type { Cause } from './trace.ts';

/**
 * An emulated AWS service. The SDKs of handlers, the AWS CLI and other services all call it here.
 */
export interface Service {
  /**
   * Answers an operation, e.g. `PutEvents`.
   * @param input the operation's input as in AWS's API reference, not yet validated
   * @param cause the cause of the call, if it is known
   * @throws {AwsError} the error of the real service
   */
  call(operation: string, input: unknown, cause?: Cause): Promise<object>;
}

/** An error response of an AWS service. SDKs use `code` as the error's name. */
export class AwsError extends Error {
  readonly code: string;
  readonly status: number;
  /** The other fields of the response, as in the API reference. */
  readonly fields: object;

  constructor(code: string, message: string, status = 400, fields: object = {}) {
    super(message);
    this.name = code;
    this.code = code;
    this.status = status;
    this.fields = fields;
  }
}
