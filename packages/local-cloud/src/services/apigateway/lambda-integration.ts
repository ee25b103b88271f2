import { type Clock, clockOfHandlers } from '../../core/clock.ts';
import { hopName } from '../../core/hop.ts';
import type { Log } from '../../core/log.ts';
import type { PassageServices } from '../../core/passage.ts';
import type { Outcome } from '../../core/recorder.ts';
import { AwsError } from '../../core/service.ts';
import type { Cause, Tracer } from '../../core/trace.ts';
import type { Account } from '../../template/resource-type.ts';
import { describeFailure } from '../lambda/failed-invocation.ts';
import type { Lambda } from '../lambda/lambda.ts';
import { type GatewayResponseType, gatewayResponses, type HttpAnswer } from './gateway-response.ts';
import { MalformedProxyResponse, proxyResponse } from './proxy-response.ts';

/** A Lambda proxy integration of a REST or a WebSocket API. */
export interface LambdaIntegration {
  functionArn: string;
  timeoutMs: number;
}

/** The services that an API uses. */
export interface ApiServices extends PassageServices {
  account: Account;
  clock: Clock;
  lambda: Pick<Lambda, 'invoke'>;
  log: Log;
  tracer: Tracer;
}

/** A request to an integration. */
interface IntegrationRequest {
  /** The name in logs, e.g. `POST /posts`. */
  name: string;
  cause: Cause;
  /**
   * The source that the function's permission names: `<API's id>/<stage>/<method><path>` or `<API's
   * id>/<stage>/<route>`.
   */
  source: string;
  event: object;
  /** Whether to decode a base64 body of the result. */
  binaryAnswer: boolean;
}

/**
 * Invokes a function.
 * @returns its response, or the gateway response in its place: 502 for a function that fails, 500
 * if Lambda refuses API Gateway, for lack of a permission or of concurrency
 * Source: AWS Lambda Developer Guide, "Handling Lambda errors with an API Gateway API".
 */
export async function callFunction(
  { account, clock, lambda, log }: ApiServices,
  { functionArn, timeoutMs }: LambdaIntegration,
  { name, cause, source, event, binaryAnswer }: IntegrationRequest,
): Promise<HttpAnswer | GatewayResponseType> {
  log.trace(hopName({ from: name, to: 'integration' }), event);
  const sourceArn = `arn:aws:execute-api:${account.region}:${account.id}:${source}`;
  const service = { principal: 'apigateway.amazonaws.com', sourceArn };
  let callOff = (): void => {};
  const timeout = new Promise<'timeout'>((resolve) => {
    callOff = clockOfHandlers(clock).schedule(() => resolve('timeout'), timeoutMs);
  });
  try {
    const result = await Promise.race([lambda.invoke(functionArn, event, { name, cause, service }), timeout]);
    if (result === 'timeout') {
      log.error(name, `No response within ${timeoutMs / 1000} s, so the client receives a 504.`);
      return 'INTEGRATION_TIMEOUT';
    }
    if (result.ok) return proxyResponse(result.payload, binaryAnswer);
    log.error(name, `The function failed, so the client receives a 502. ${describeFailure(result)}`);
    return 'MALFORMED_PROXY_RESPONSE';
  } catch (error) {
    if (error instanceof MalformedProxyResponse) {
      log.error(name, `Malformed proxy response, so the client receives a 502. ${error.message}`);
      return 'MALFORMED_PROXY_RESPONSE';
    }
    if (!(error instanceof AwsError)) throw error;
    // The event exceeds Lambda's limit.
    return error.status === 413 ? 'REQUEST_TOO_LARGE' : 'API_CONFIGURATION_ERROR';
  } finally {
    callOff();
  }
}

/** Returns the outcome to record of a response: a 5xx is a failure. */
export function outcomeOfAnswer(answer: HttpAnswer | GatewayResponseType): Outcome {
  if (typeof answer === 'string') {
    const { status, message } = gatewayResponses[answer];
    return { error: `${status} ${message}`, result: JSON.stringify({ status }) };
  }
  const { status, headers, body } = answer;
  const location = headers.find(([name]) => name.toLowerCase() === 'location')?.[1];
  return {
    error: status >= 500 ? `The answer is a ${status}.` : undefined,
    result: JSON.stringify({ status, body: body.toString() }),
    createdId: location?.split('/').at(-1),
  };
}

/**
 * Returns the function's ARN in the integration URI
 * `arn:aws:apigateway:<region>:lambda:path/2015-03-31/functions/<function's ARN>/invocations`.
 */
export function functionArnOf(integrationUri: string): string {
  const arn = /\/functions\/(arn:[^/]+)\/invocations$/.exec(integrationUri)?.[1];
  if (!arn) throw new Error(`The integration must be a Lambda function, not ${integrationUri}.`);
  return arn;
}
