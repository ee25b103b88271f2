/** The response to a request to the AWS port. */
export interface AwsAnswer {
  status: number;
  type: string;
  body: string | Buffer;
  headers?: Record<string, string>;
}
