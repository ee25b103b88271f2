import * as z from 'zod/mini';
import { isFromClient } from '../src/core/hop.ts';
import type { Endpoints, Step } from '../src/core/steps.ts';
import { shellCommand } from './shell-command.ts';

/** A shell command that does again what a step did. */
export interface StepCommand {
  program: 'curl' | 'aws' | 'wscat';
  text: string;
  /** What the user must set first. */
  hint?: string;
}

/** The event of an invocation by a REST API. */
const ProxyEvent = z.object({
  httpMethod: z.string(),
  path: z.string(),
  multiValueQueryStringParameters: z.nullish(z.record(z.string(), z.array(z.string()))),
  headers: z.nullish(z.record(z.string(), z.string())),
  body: z.nullish(z.string()),
});
type ProxyEvent = z.infer<typeof ProxyEvent>;

/** The event of an invocation by a WebSocket API. */
const WebSocketEvent = z.object({
  requestContext: z.object({ eventType: z.enum(['CONNECT', 'MESSAGE']) }),
  multiValueQueryStringParameters: z.nullish(z.record(z.string(), z.array(z.string()))),
  body: z.nullish(z.string()),
});

/** Headers that the client program or the gateway sets, in lower case. */
const OWN_HEADERS =
  /^(?:host|connection|content-length|accept-encoding|user-agent|transfer-encoding|via|sec-.*|x-amzn-.*|x-forwarded-.*)$/;

/** The commands of the AWS CLI by the services of steps. */
const CLI: Readonly<Record<string, string>> = {
  cloudformation: 'cloudformation',
  comprehend: 'comprehend',
  dynamodb: 'dynamodb',
  events: 'events',
  secretsmanager: 'secretsmanager',
  sns: 'sns',
  sqs: 'sqs',
};

/**
 * Returns the command that sends the request of a step again: `curl` for a request to a REST API,
 * `wscat` for a message of a WebSocket client, and `aws` for a call of a service or a message to a
 * client. `undefined` for other steps, and for those whose payload is not kept whole.
 */
export function commandOf(step: Step, steps: readonly Step[], endpoints: Endpoints): StepCommand | undefined {
  const { kind, hop, payload, truncated } = step;
  if (truncated) return undefined;
  if (hop.operation !== undefined) return awsCommand(hop.to, hop.operation, payload, endpoints);
  if (kind === 'message') return awsCommand('execute-api', 'PostToConnection', payload, endpoints);
  if (kind === 'run') return eventCommand(payload, endpoints);
  if (kind !== 'request' || !isFromClient(hop)) return undefined;
  // The event of the run has what the step has not: the real path, the query and the headers.
  const run = steps.find((other) => other.cause === step.id && other.kind === 'run' && !other.truncated);
  const command = run && eventCommand(run.payload, endpoints);
  const [, httpMethod, path] = /^([A-Z]+) (\/[^{}]*)$/.exec(hop.to) ?? [];
  if (command || httpMethod === undefined || path === undefined) return command;
  const headers = { 'content-type': 'application/json' };
  return curl(
    { httpMethod, path, headers, body: payload === undefined ? null : compact(payload) },
    endpoints,
  );
}

function eventCommand(payload: unknown, endpoints: Endpoints): StepCommand | undefined {
  const { data: request } = ProxyEvent.safeParse(payload);
  if (request) return curl(request, endpoints);
  const { data: event } = WebSocketEvent.safeParse(payload);
  if (!event || endpoints.webSocketApi === undefined) return undefined;
  const query = queryOf(event.multiValueQueryStringParameters);
  const message = event.requestContext.eventType === 'MESSAGE' ? ['-x', event.body ?? ''] : [];
  return command('wscat', ['npx', 'wscat', '-c', `${endpoints.webSocketApi}${query}`, ...message]);
}

function curl(
  { httpMethod, path, multiValueQueryStringParameters, headers, body }: ProxyEvent,
  { restApi }: Endpoints,
): StepCommand | undefined {
  if (restApi === undefined) return undefined;
  const sent = Object.entries(headers ?? {}).filter(([name]) => !OWN_HEADERS.test(name.toLowerCase()));
  return command('curl', [
    'curl',
    // Otherwise curl takes brackets in the URL for patterns.
    '--globoff',
    '-X',
    httpMethod,
    `${restApi}${path}${queryOf(multiValueQueryStringParameters)}`,
    ...sent.flatMap(([name, value]) => ['-H', `${name}: ${value}`]),
    // With --data, a body that begins with @ would be read from a file.
    ...(body ? ['--data-raw', body] : []),
  ]);
}

function awsCommand(
  service: string,
  operation: string,
  payload: unknown,
  { aws, region, management }: Endpoints,
): StepCommand | undefined {
  const credentials = ['env', 'AWS_ACCESS_KEY_ID=local', 'AWS_SECRET_ACCESS_KEY=local'];
  const cli = [...credentials, 'aws', '--region', region, '--endpoint-url'];
  if (service === 'execute-api') {
    if (management === undefined) return undefined;
    const words = [...cli, management, 'apigatewaymanagementapi', optionOf(operation)];
    const made = command('aws', words);
    // Version 2 of the AWS CLI takes a text for Base64, but a file as it is.
    const sent = operation === 'PostToConnection' ? shellCommand(['printf', '%s', compact(payload)]) : '';
    if (!made || sent === undefined) return undefined;
    const data = sent && ' --data fileb:///dev/stdin';
    return {
      ...made,
      // A variable, because the step does not have the ID.
      text: `${sent && `${sent} | `}${made.text}${data} --connection-id "$CONNECTION_ID"`,
      hint: 'Set CONNECTION_ID to the ID of one of the connections.',
    };
  }
  const name = Object.hasOwn(CLI, service) ? CLI[service] : undefined;
  const input = typeof payload === 'string' ? inputOfQuery(payload) : payload;
  if (name === undefined || input === undefined) return undefined;
  return command('aws', [...cli, aws, name, optionOf(operation), '--cli-input-json', compact(input)]);
}

function command(program: StepCommand['program'], words: readonly string[]): StepCommand | undefined {
  const text = shellCommand(words);
  return text === undefined ? undefined : { program, text };
}

/** Returns the CLI's name of an operation: `put-item` for `PutItem`. */
function optionOf(operation: string): string {
  return operation.replaceAll(/(?<=[a-z0-9])(?=[A-Z])/g, '-').toLowerCase();
}

/** Returns the input of a call in the query protocol; maps are `<name>.entry.<n>.key|value`. */
function inputOfQuery(query: string): Record<string, unknown> | undefined {
  const { Action, Version: _, ...parameters } = Object.fromEntries(new URLSearchParams(query));
  if (Action === undefined) return undefined;
  const input: Record<string, unknown> = {};
  const maps = new Map<string, Record<string, unknown>>();
  for (const [name, value] of Object.entries(parameters)) {
    const [, map, entry, part] = /^(\w+)\.entry\.(\d+)\.(key|value)$/.exec(name) ?? [];
    if (map === undefined) {
      if (name.includes('.')) return undefined;
      input[name] = value;
    } else if (part === 'key') {
      const entries = maps.get(map) ?? {};
      maps.set(map, { ...entries, [value]: parameters[`${map}.entry.${entry}.value`] ?? '' });
    }
  }
  return { ...input, ...Object.fromEntries(maps) };
}

function queryOf(parameters: Record<string, string[]> | null | undefined): string {
  const pairs = Object.entries(parameters ?? {}).flatMap(([name, values]) =>
    values.map((value) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`),
  );
  return pairs.length === 0 ? '' : `?${pairs.join('&')}`;
}

function compact(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
}
