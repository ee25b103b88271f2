import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { shellCommand } from '../../flow-view/shell-command.ts';
import { commandOf } from '../../flow-view/step-command.ts';
import { parseHop } from '../../src/core/hop.ts';
import type { Step } from '../../src/core/steps.ts';

const endpoints = {
  restApi: 'http://localhost:3000',
  webSocketApi: 'ws://localhost:3000',
  management: 'http://127.0.0.1:4566/dev',
  aws: 'http://127.0.0.1:4566',
  region: 'us-east-1',
};

/** Returns the words of a command as a shell reads them. */
function wordsOf(command: string): string[] {
  const script = `set -- ${command}; printf '%s\\0' "$@"`;
  const env = { ...process.env, CONNECTION_ID: 'a connection' };
  return execFileSync('sh', ['-c', script], { encoding: 'utf8', env }).split('\0').slice(0, -1);
}

function step(kind: Step['kind'], hop: string, payload?: unknown, more: Partial<Step> = {}): Step {
  const between = { hop: parseHop(hop), from: 'a', to: 'b' };
  return { id: 1, kind, ...between, startedAt: 0, outcome: 'ok', attempt: 1, payload, ...more };
}

const words = (one: Step, ...others: Step[]) =>
  wordsOf(commandOf(one, [one, ...others], endpoints)?.text ?? 'none');

describe('a shell command', () => {
  it('passes every text unchanged', () => {
    const word = fc.oneof(
      fc.string(),
      fc.string({ unit: fc.constantFrom(...'\'"\\$`!*?~#&|;<>(){}[] \n\t=é') }),
    );
    fc.assert(
      fc.property(fc.array(word, { minLength: 1, maxLength: 20 }), (texts) => {
        const command = shellCommand(texts);
        if (texts.some((text) => text.includes('\0'))) expect(command).toBeUndefined();
        else expect(wordsOf(command ?? '')).toEqual(texts);
      }),
      { numRuns: 40 },
    );
  });
});

describe('the command of a step', () => {
  it('sends a request with its real path, query and headers', () => {
    const request = step('request', 'client → GET /posts/{id}');
    const event = {
      httpMethod: 'GET',
      path: '/posts/[1]',
      headers: { Host: 'localhost:3000', 'X-Forwarded-For': '127.0.0.1', 'If-None-Match': '"a b"' },
      multiValueQueryStringParameters: { q: ['a&b', "it's"] },
      body: null,
    };
    const run = step('run', 'GET /posts/{id} → get-post', event, { id: 2, cause: 1 });
    const url = "http://localhost:3000/posts/[1]?q=a%26b&q=it's";
    const expected = ['curl', '--globoff', '-X', 'GET', url, '-H', 'If-None-Match: "a b"'];
    expect(words(request, run)).toEqual(expected);
    expect(words(run)).toEqual(expected);
  });

  it('sends a request that ran no function', () => {
    const body = { author: "O'Neill $HOME `id`", title: '@file' };
    expect(words(step('request', 'client → POST /posts', body)).slice(4)).toEqual([
      'http://localhost:3000/posts',
      '-H',
      'content-type: application/json',
      '--data-raw',
      JSON.stringify(body),
    ]);
  });

  it('calls a service at the local endpoint', () => {
    const input = { TableName: 'Posts', Key: { id: { S: "it's" } } };
    expect(words(step('call', 'get-post → dynamodb:GetItem', input)).slice(3)).toEqual([
      ...['aws', '--region', 'us-east-1', '--endpoint-url', 'http://127.0.0.1:4566'],
      ...['dynamodb', 'get-item', '--cli-input-json', JSON.stringify(input)],
    ]);
  });

  it('calls a service of the query protocol', () => {
    const query =
      'Action=Subscribe&Version=2010-03-31&Protocol=email&Endpoint=a%40b&Attributes.entry.1.key=K&Attributes.entry.1.value=V';
    expect(words(step('call', 'subscribe → sns:Subscribe', query)).slice(8)).toEqual([
      ...['sns', 'subscribe', '--cli-input-json'],
      '{"Protocol":"email","Endpoint":"a@b","Attributes":{"K":"V"}}',
    ]);
  });

  it('sends a message to a client, whose ID the user sets', () => {
    const steps = [
      step('call', 'push → execute-api:PostToConnection', { text: "it's" }),
      step('message', 'WebSocket → client', { text: "it's" }),
    ];
    for (const one of steps) {
      const [data = '', program = ''] = commandOf(one, [one], endpoints)?.text.split(' | ') ?? [];
      expect(wordsOf(data)).toEqual(['printf', '%s', '{"text":"it\'s"}']);
      expect(wordsOf(program).slice(7)).toEqual([
        ...['http://127.0.0.1:4566/dev', 'apigatewaymanagementapi', 'post-to-connection'],
        ...['--data', 'fileb:///dev/stdin', '--connection-id', 'a connection'],
      ]);
    }
    const ended = step('call', 'push → execute-api:DeleteConnection', {});
    expect(words(ended).slice(8)).toEqual([
      ...['apigatewaymanagementapi', 'delete-connection', '--connection-id', 'a connection'],
    ]);
  });

  it('connects as a client, and sends what the client sent', () => {
    const query = { topic: ['a b'] };
    const connected = { requestContext: { eventType: 'CONNECT' }, multiValueQueryStringParameters: query };
    const sent = { requestContext: { eventType: 'MESSAGE' }, body: '{"action":"ping"}' };
    expect(words(step('run', 'WebSocket $connect → manage', connected))).toEqual([
      ...['npx', 'wscat', '-c', 'ws://localhost:3000?topic=a%20b'],
    ]);
    expect(words(step('run', 'WebSocket $default → manage', sent))).toEqual([
      ...['npx', 'wscat', '-c', 'ws://localhost:3000', '-x', '{"action":"ping"}'],
    ]);
  });

  it('is missing where there is nothing to send', () => {
    for (const other of [
      step('delivery', 'Rule → save-order', {}),
      step('call', 'a → dynamodb:PutItem', undefined),
      step('call', 'a → lambda:Invoke', {}),
      step('call', 'a → dynamodb:PutItem', {}, { truncated: true }),
      step('run', 'event queue of a → a', { detail: {} }),
    ])
      expect(commandOf(other, [other], endpoints)).toBeUndefined();
  });
});
