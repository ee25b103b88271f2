import { DeleteCommand, DynamoDBDocumentClient, PutCommand, QueryCommand } from '@aws-sdk/lib-dynamodb';
import { mockClient } from 'aws-sdk-client-mock';
import fc from 'fast-check';
import { Environment } from '../../lambdas/environment.ts';
import { logger } from '../../lambdas/logger.ts';
import { handler } from '../../lambdas/manage-connections.ts';

process.env[Environment.connectionsTable] = 'connections';

const table = mockClient(DynamoDBDocumentClient);
jest.spyOn(logger, 'info').mockImplementation();

const postId = '019c1234-5678-7abc-8def-0123456789ab';

const event = (routeKey: string, more: object = {}) => ({
  requestContext: { routeKey, connectionId: 'c1=', stage: 'dev' },
  isBase64Encoded: false,
  ...more,
});

const connect = (queryStringParameters?: object | null) =>
  handler(event('$connect', { queryStringParameters }));

const rows = () => table.commandCalls(PutCommand).map(({ args }) => args[0].input);

beforeEach(() => {
  table.reset();
});

describe('$connect', () => {
  test.each([
    ['nothing', undefined, ['all']],
    ['no parameters', null, ['all']],
    ['a parameter that nobody knows', { x: '1' }, ['all']],
    ['a topic', { topic: ' Summer' }, ['topic#summer']],
    ['a post', { postId: postId.toUpperCase() }, [`post#${postId}`]],
    ['both', { topic: 'summer', postId }, ['topic#summer', `post#${postId}`]],
  ])('with %s registers', async (_, parameters, channels) => {
    expect(await connect(parameters)).toEqual({ statusCode: 200 });
    expect(rows().map(({ Item }) => Item?.channel)).toEqual(channels);
  });

  test('writes rows that expire a little after the connection must have ended', async () => {
    const before = Date.now();
    await connect();
    const [row] = rows();
    expect(row).toEqual({
      TableName: 'connections',
      Item: {
        channel: 'all',
        connectionId: 'c1=',
        connectedAt: expect.stringMatching(/Z$/),
        expiresAt: expect.any(Number),
      },
    });
    const connectedAt = Date.parse(row?.Item?.connectedAt);
    expect(connectedAt).toBeGreaterThanOrEqual(before);
    expect(row?.Item?.expiresAt).toBe(Math.floor(connectedAt / 1000) + 7_500);
  });

  test.each([
    ['an empty topic', { topic: ' ' }],
    ['a topic that is too long', { topic: 'x'.repeat(51) }],
    ['an id that is none', { postId: '42' }],
    ['one good, one bad', { topic: 'summer', postId: 'x' }],
  ])('is refused with %s', async (_, parameters) => {
    expect(await connect(parameters)).toEqual({ statusCode: 400 });
    expect(rows()).toEqual([]);
  });

  test('is refused when the row cannot be written', async () => {
    table.on(PutCommand).rejects(new Error('throttled'));
    await expect(connect()).rejects.toThrow('throttled');
  });
});

test('$disconnect removes the connection from every channel', async () => {
  const keys = ['topic#summer', `post#${postId}`].map((channel) => ({ channel, connectionId: 'c1=' }));
  table.on(QueryCommand).resolves({ Items: keys });
  expect(await handler(event('$disconnect'))).toEqual({ statusCode: 200 });
  expect(table.commandCalls(QueryCommand)[0]?.args[0].input).toMatchObject({
    TableName: 'connections',
    IndexName: 'byConnection',
    ExpressionAttributeValues: { ':connectionId': 'c1=' },
  });
  expect(table.commandCalls(DeleteCommand).map(({ args }) => args[0].input)).toEqual(
    keys.map((Key) => ({ TableName: 'connections', Key })),
  );
});

describe('$default', () => {
  const send = async (body?: string) => {
    const answer = await handler(event('$default', { body }));
    expect(answer.statusCode).toBe(200);
    return JSON.parse(answer.body ?? '');
  };

  test('answers a ping', async () => {
    expect(await send('{"action":"ping"}')).toEqual({ type: 'pong' });
  });

  test.each([
    ['text', 'hello', 'The message is not JSON.'],
    ['nothing', undefined, 'The message is not JSON.'],
    ['another action', '{"action":"dance"}', 'The message has no action known here; there is "ping".'],
    ['no object', '[]', 'The message has no action known here; there is "ping".'],
  ])('says what is wrong with %s', async (_, body, message) => {
    expect(await send(body)).toEqual({ type: 'error', message });
  });

  test('answers whatever is sent', async () => {
    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.string({ unit: 'binary' }), fc.json()), async (body) => {
        expect(['error', 'pong']).toContain((await send(body)).type);
      }),
    );
  });
});

test('logs carry the id of the connection', async () => {
  await connect();
  expect(logger.getCorrelationId()).toBe('c1=');
});
