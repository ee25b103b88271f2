import type { RequestHead } from '../../http/request-head.ts';

/** A call of the SDK in a worker, as a request to the AWS port. */
export interface AwsCall extends RequestHead {
  body: string | Uint8Array;
}

/** The response of the AWS port to a call. */
export interface AwsResponse {
  status: number;
  headers: Record<string, string>;
  body: string | Uint8Array;
}

/** The AWS port, as workers call it. */
export interface AwsEndpoint {
  /** The URL of the port, which the SDK calls. */
  url: string;
  /**
   * Answers a call.
   * @throws {ConnectionDropped} if the connection must end without an answer
   */
  answer(call: AwsCall): Promise<AwsResponse>;
}
