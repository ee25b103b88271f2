import type { Clock } from '../core/clock.ts';
import type { Journal } from '../core/journal.ts';
import type { Log } from '../core/log.ts';
import type { PassageServices } from '../core/passage.ts';
import type { Service } from '../core/service.ts';
import type { Tracer } from '../core/trace.ts';
import type { WebSocketApi } from '../services/apigateway/websocket-api.ts';
import type { Invocation } from '../services/lambda/invocation.ts';
import type { InvokeApi } from '../services/lambda/invoke-api.ts';
import type { SkippedIn } from './skipped-calls.ts';

/** The services behind the port. */
export interface AwsServices {
  cloudFormation: Service;
  comprehend: Service;
  dynamodb: Service;
  dynamodbStreams: Service;
  events: Service;
  lambda: Pick<InvokeApi, 'invoke'>;
  secretsManager: Service;
  sns: Service;
  sqs: Service;
  webSocketApi: WebSocketApi | undefined;
}

/** The other parts of the cloud that the port uses. */
export interface AwsPortOptions extends PassageServices {
  services: AwsServices;
  /**
   * The functions by their access key IDs. A call with another key is the account administrator's.
   */
  callers: ReadonlyMap<string, Caller>;
  /** Returns the ARN of the function's session, or of the administrator. */
  callerArn(functionName: string | undefined): string;
  /** Returns the running invocation in a trace header. */
  invocation(traceHeader: string | undefined): Invocation | undefined;
  /**
   * Returns the resources of a call. Without a function, the administrator makes the call.
   * @throws {AwsError} if the function's role does not allow the call
   */
  authorize(functionName: string | undefined, service: string, operation: string, input: unknown): string[];
  skippedIn: SkippedIn;
  clock: Clock;
  /** Keeps what a response promises, before it is sent. */
  journal: Pick<Journal, 'written'>;
  log: Log;
  tracer: Tracer;
}

/** A function as the caller of a service; `label` is its name in the source, e.g. `create-post`. */
export interface Caller {
  functionName: string;
  label: string;
}
