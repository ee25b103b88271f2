import { once } from 'node:events';
import type { Server } from 'node:http';
import { setImmediate } from 'node:timers/promises';
import { ApiGatewayManagementApi } from '@aws-sdk/client-apigatewaymanagementapi';
import WebSocket from 'ws';
import * as z from 'zod/mini';
import { AwsPort } from '../../../src/cloud/aws-port.ts';
import { resourceTypes } from '../../../src/cloud/resource-types.ts';
import { seededChance } from '../../../src/core/chance.ts';
import { Faults } from '../../../src/core/faults.ts';
import { Recorder } from '../../../src/core/recorder.ts';
import { AwsError } from '../../../src/core/service.ts';
import { Tracer } from '../../../src/core/trace.ts';
import { listen, portOf, serve, serveUpgrades } from '../../../src/http/http-server.ts';
import { WebSocketApi } from '../../../src/services/apigateway/websocket-api.ts';
import type { InvocationResult } from '../../../src/services/lambda/execution-environment.ts';
import { Template } from '../../../src/template/template.ts';
import { account, functionResource, writeAssembly } from '../../fixtures/assembly.ts';
import { eventually } from '../../fixtures/eventually.ts';
import { ManualClock } from '../../fixtures/manual-clock.ts';
import { RecordedLog } from '../../fixtures/recorded-log.ts';

/** The parts of a route's event by which the tests distinguish events. */
const RouteEvent = z.looseObject({
  body: z.optional(z.string()),
  queryStringParameters: z.optional(z.record(z.string(), z.string())),
  requestContext: z.looseObject({ connectionId: z.string(), routeKey: z.string() }),
});

/** Records every event. The query of `$connect`, and later the message, determines its answer. */
class Handler {
  readonly events: z.infer<typeof RouteEvent>[] = [];
  readonly invokers: unknown[] = [];
  /** Resumes the invocation that waits because of `&wait=1`. */
  proceed = (): void => {};

  async invoke(_arn: string, event: object, invoker: unknown): Promise<InvocationResult> {
    const { body, queryStringParameters, requestContext } = RouteEvent.parse(event);
    // As JSON, without undefined fields.
    this.events.push(RouteEvent.parse(JSON.parse(JSON.stringify(event))));
    this.invokers.push(invoker);
    const { status = '200', wait, refuse } = queryStringParameters ?? {};
    if (wait) await new Promise<void>((resolve) => (this.proceed = resolve));
    if (requestContext.routeKey === 'slow') return new Promise(() => {});
    if (refuse) throw new AwsError(refuse, 'secret', 403);
    if ((body ?? status) === 'throw')
      return { ok: false, errorType: 'Error', errorMessage: 'secret', trace: [] };
    if ((body ?? status) === 'nothing') return { ok: true, payload: 'null' };
    const text = body && `${requestContext.routeKey} ${body}`;
    return { ok: true, payload: JSON.stringify({ statusCode: Number(status), body: text }) };
  }

  of(routeKey: string) {
    return this.events.filter(({ requestContext }) => requestContext.routeKey === routeKey);
  }
}

const ApiId = { Ref: 'Api' };
const route = (RouteKey: string, responds: boolean, integration = 'Integration') => ({
  Type: 'AWS::ApiGatewayV2::Route',
  Properties: {
    ApiId,
    RouteKey,
    AuthorizationType: 'NONE',
    Target: { 'Fn::Join': ['/', ['integrations', { Ref: integration }]] },
    ...(responds && { RouteResponseSelectionExpression: '$default' }),
  },
});
const integration = (settings: object = {}) => ({
  Type: 'AWS::ApiGatewayV2::Integration',
  Properties: {
    ApiId,
    IntegrationType: 'AWS_PROXY',
    IntegrationUri: {
      'Fn::Sub': `arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/functions/$\{Note.Arn}/invocations`,
    },
    ...settings,
  },
});
const response = (RouteId: unknown) => ({
  Type: 'AWS::ApiGatewayV2::RouteResponse',
  Properties: { ApiId, RouteId, RouteResponseKey: '$default' },
});
const read = (folder: string, throttle: object, defaultRoute: string) =>
  new Template(
    writeAssembly(folder, {
      Resources: {
        Note: functionResource('note'),
        Api: {
          Type: 'AWS::ApiGatewayV2::Api',
          Properties: {
            Name: 'api',
            ProtocolType: 'WEBSOCKET',
            RouteSelectionExpression: '$request.body.action',
          },
        },
        Stage: {
          Type: 'AWS::ApiGatewayV2::Stage',
          Properties: {
            ApiId,
            StageName: 'prod',
            AutoDeploy: true,
            DefaultRouteSettings: throttle,
          },
        },
        Integration: integration(),
        SlowIntegration: integration({ TimeoutInMillis: 50 }),
        Connect: route('$connect', false),
        Disconnect: route('$disconnect', false),
        Default: route(defaultRoute, true),
        DefaultResponse: response({ Ref: 'Default' }),
        Shout: route('shout', true),
        ShoutResponse: response({ Ref: 'Shout' }),
        Quiet: route('quiet', false),
        Slow: route('slow', false, 'SlowIntegration'),
      },
    }),
    account,
    resourceTypes,
  );

const unused = {
  call: async () => {
    throw new Error('not called');
  },
};

/** Serves a WebSocket API on its own port, together with the management API. */
export class ServedApi {
  readonly clock = new ManualClock();
  readonly sockets: WebSocket[] = [];
  readonly management: ApiGatewayManagementApi;
  handler = new Handler();
  readonly #server: Server;
  readonly #folder: string;
  readonly #log = new RecordedLog();
  readonly #faults = new Faults({ chance: seededChance('seed'), clock: this.clock, log: this.#log });
  readonly #recorder = new Recorder(this.clock, false);
  readonly #rejected: unknown[] = [];
  #api: WebSocketApi;
  #clients = 0;

  private constructor(server: Server, folder: string) {
    this.#server = server;
    this.#folder = folder;
    this.#api = this.#make();
    this.management = new ApiGatewayManagementApi({
      endpoint: `http://127.0.0.1:${this.port}/prod`,
      maxAttempts: 1,
    });
    serveUpgrades(server, (request, socket, head) => {
      this.#api.upgrade(request, socket, head).catch((error) => this.#rejected.push(error));
    });
    serve(server, (request, answer) => this.#awsPort().handle(request, answer));
  }

  static async listen(folder: string): Promise<ServedApi> {
    return new ServedApi(await listen(0), folder);
  }

  get port(): number {
    return portOf(this.#server);
  }

  /** Replaces the API by a new one, with a handler without events. */
  open(throttle?: object, defaultRoute?: string): void {
    this.handler = new Handler();
    this.#api = this.#make(throttle, defaultRoute);
  }

  /** Starts to connect. A name in the query identifies the events of this connection. */
  begin(query = '', path = '/') {
    const name = `client-${this.#clients++}`;
    const socket = new WebSocket(`ws://127.0.0.1:${this.port}${path}?name=${name}${query}`);
    this.sockets.push(socket);
    const messages: string[] = [];
    socket.on('message', (data) => messages.push(data.toString()));
    const connectionId = () =>
      eventually(() => {
        const found = this.handler.of('$connect').find((event) => event.queryStringParameters?.name === name);
        if (!found) throw new Error('The $connect handler has not run.');
        return found.requestContext.connectionId;
      });
    return { socket, messages, connectionId };
  }

  async connect(query = '', path = '/') {
    const client = this.begin(query, path);
    await once(client.socket, 'open');
    return { ...client, id: await client.connectionId() };
  }

  /**
   * Sends a message again and again, until a send waits for the client to read. The operating system
   * buffers some megabytes, and takes a message immediately while it has room.
   */
  async fill(id: string, message: string): Promise<{ waiting: Promise<void> }> {
    for (;;) {
      let waits = true;
      const waiting = this.#api.management.postToConnection(id, Buffer.from(message)).finally(() => {
        waits = false;
      });
      // Handled here too, because it may fail before the test awaits it.
      waiting.catch(() => {});
      for (let turn = 0; turn < 10 && waits; turn++) await setImmediate();
      if (waits) return { waiting };
    }
  }

  disconnectOf(id: string) {
    return eventually(() => {
      const [found, ...more] = this.handler
        .of('$disconnect')
        .filter((event) => event.requestContext.connectionId === id);
      if (!found) throw new Error('The $disconnect handler has not run.');
      expect(more).toEqual([]);
      return found;
    });
  }

  /** Expects no failure and no pending timer. */
  end(): void {
    expect(this.#rejected.splice(0)).toEqual([]);
    for (const socket of this.sockets.splice(0)) socket.terminate();
    this.#api.connections.close();
    expect(this.clock.pending).toBe(0);
  }

  close(): void {
    this.management.destroy();
    this.#server.closeAllConnections();
    this.#server.close();
  }

  #make(throttle: object = {}, defaultRoute = '$default'): WebSocketApi {
    return new WebSocketApi(read(this.#folder, throttle, defaultRoute), {
      account,
      lambda: this.handler,
      clock: this.clock,
      log: this.#log,
      tracer: new Tracer('seed'),
      faults: this.#faults,
      recorder: this.#recorder,
    });
  }

  #awsPort(): AwsPort {
    return new AwsPort({
      journal: { written: async () => {} },
      services: {
        cloudFormation: unused,
        comprehend: unused,
        dynamodb: unused,
        dynamodbStreams: unused,
        events: unused,
        lambda: { invoke: unused.call },
        secretsManager: unused,
        sns: unused,
        sqs: unused,
        webSocketApi: this.#api,
      },
      callers: new Map(),
      callerArn: () => '',
      invocation: () => undefined,
      skippedIn: () => undefined,
      authorize: () => [],
      clock: this.clock,
      faults: this.#faults,
      recorder: this.#recorder,
      log: this.#log,
      tracer: new Tracer('seed'),
    });
  }
}
