import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { DynamoDBDocumentClient, PutCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import { mockClient } from 'aws-sdk-client-mock';
import fc from 'fast-check';
import { validate, version } from 'uuid';
import { handler } from '../../lambdas/create-post.ts';
import { feedKeys } from '../../lambdas/posts/post-feed.ts';
import { Environment } from '../../lambdas/runtime/environment.ts';
import { logger } from '../../lambdas/runtime/logger.ts';
import { BlogPostCreated } from '../../model/events.ts';
import { Problem } from '../../model/problem.ts';

process.env[Environment.postsTable] = 'posts';
process.env[Environment.blogBus] = 'blog-bus';

const table = mockClient(DynamoDBDocumentClient);
const eventBridge = mockClient(EventBridgeClient);
const logged = jest.spyOn(logger, 'error').mockImplementation();
jest.spyOn(logger, 'info').mockImplementation();

beforeEach(() => {
  table.reset();
  eventBridge.reset();
  eventBridge.on(PutEventsCommand).resolves({ FailedEntryCount: 0, Entries: [{ EventId: '1' }] });
  logged.mockClear();
});

const valid = { author: 'hunter s thompson', title: 'Title', body: 'Joe is going to Spain', topic: 'Summer' };

const request = (body: string | null, more: object = {}) => ({
  body,
  isBase64Encoded: false,
  headers: { Host: 'api.example.com', 'X-Forwarded-Proto': 'https', accept: '*/*' },
  requestContext: { path: '/dev/posts', stage: 'dev' },
  ...more,
});

const post = (body: object, more?: object) => handler(request(JSON.stringify(body), more));

/** Sends what has to be refused; the answer's problem, after checking what all refusals have in common. */
async function refusal(event: unknown, status: number) {
  const answer = await handler(event);
  expect(answer.statusCode).toBe(status);
  expect(answer.headers).toMatchObject({
    'Content-Type': 'application/problem+json',
    'Access-Control-Allow-Origin': '*',
    'Access-Control-Expose-Headers': 'Location, ETag, Idempotency-Replayed, Retry-After',
  });
  const problem = Problem.parse(JSON.parse(answer.body));
  expect(problem.status).toBe(status);
  expect(answer.body).not.toMatch(/posts|arn:|\bat /);
  return problem;
}

function nothingHappened() {
  expect(table.calls()).toHaveLength(0);
  expect(eventBridge.calls()).toHaveLength(0);
}

describe('a valid post', () => {
  test('is answered as saved', async () => {
    const answer = await post(valid);
    expect(answer.statusCode).toBe(201);
    const { id, createdAt, ...rest } = JSON.parse(answer.body);
    expect(validate(id) && version(id)).toBe(7);
    expect(new Date(createdAt).toISOString()).toBe(createdAt);
    expect(rest).toEqual({ ...valid, topic: 'summer' });
    expect(answer.headers).toEqual({
      'Content-Type': 'application/json',
      'Access-Control-Allow-Origin': '*',
      'Access-Control-Expose-Headers': 'Location, ETag, Idempotency-Replayed, Retry-After',
      Location: `/dev/posts/${id}`,
    });
  });

  test('is in the table with its revision, its marker and the keys of its feeds, if it is not there', async () => {
    const answer = await post({ ...valid, language: 'es' });
    const saved = JSON.parse(answer.body);
    const marker = {
      outboxShard: expect.stringMatching(/^(\d|1[0-5])$/),
      outboxSince: expect.stringMatching(`^${saved.createdAt}#.`),
      outboxUrl: `https://api.example.com/dev/posts/${saved.id}`,
    };
    expect(table.commandCalls(PutCommand).map(({ args }) => args[0].input)).toEqual([
      {
        TableName: 'posts',
        Item: { ...saved, ...feedKeys(saved), revision: 1, ...marker },
        ConditionExpression: 'attribute_not_exists(id)',
        ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
      },
    ]);
    expect(saved).toEqual({
      id: expect.any(String),
      createdAt: expect.any(String),
      ...valid,
      topic: 'summer',
      language: 'es',
    });
  });

  test('is announced on the bus', async () => {
    const answer = await post(valid, { requestContext: { path: '/posts/' } });
    const saved = JSON.parse(answer.body);
    const { Entries } = eventBridge.commandCalls(PutEventsCommand)[0]?.args[0].input ?? {};
    expect(Entries).toEqual([
      {
        EventBusName: 'blog-bus',
        Source: 'blog',
        DetailType: 'BlogPostCreated',
        Detail: expect.any(String),
      },
    ]);
    const detail = JSON.parse(Entries?.[0]?.Detail ?? '');
    expect(detail).toEqual({
      version: 1,
      post: saved,
      summary: 'New post in summer: Title, by hunter s thompson',
      url: `https://api.example.com/posts/${saved.id}`,
    });
    expect(BlogPostCreated.parse(detail)).toEqual(detail);
    expect(answer.headers.Location).toBe(`/posts/${saved.id}`);
  });

  test('loses its marker, and only that, while it has one', async () => {
    const { id } = JSON.parse((await post(valid)).body);
    expect(table.commandCalls(UpdateCommand).map(({ args }) => args[0].input)).toEqual([
      {
        TableName: 'posts',
        Key: { id },
        UpdateExpression: 'REMOVE outboxShard, outboxSince, outboxUrl',
        ConditionExpression: 'attribute_exists(outboxShard)',
      },
    ]);
  });

  test('is saved before it is announced, and keeps its marker until then', async () => {
    const steps: string[] = [];
    table.on(PutCommand).callsFake(() => void steps.push('saved'));
    eventBridge.on(PutEventsCommand).callsFake(() => {
      steps.push('announced');
      return { Entries: [{ EventId: '1' }] };
    });
    table.on(UpdateCommand).callsFake(() => void steps.push('marker removed'));
    await post(valid);
    expect(steps).toEqual(['saved', 'announced', 'marker removed']);
  });

  test('keeps its id and time to itself: a client’s own are ignored', async () => {
    const { id, createdAt, entities } = JSON.parse(
      (await post({ ...valid, id: 'mine', createdAt: 'then', entities: {} })).body,
    );
    expect([id, createdAt, entities]).not.toContain('mine');
    expect(createdAt).not.toBe('then');
    expect(entities).toBeUndefined();
  });

  test('says what it was sent, whatever is in it', async () => {
    const text = fc
      .string({ unit: 'binary', minLength: 1, maxLength: 20 })
      .map((s) => `a${s}"\\<topic>\${x}\nz`);
    await fc.assert(
      fc.asyncProperty(text, async (body) => {
        eventBridge.resetHistory();
        expect(JSON.parse((await post({ ...valid, body })).body).body).toBe(body);
        const [entry] = eventBridge.commandCalls(PutEventsCommand)[0]?.args[0].input.Entries ?? [];
        expect(JSON.parse(entry?.Detail ?? '').post.body).toBe(body);
      }),
      { numRuns: 50 },
    );
  });
});

describe('a request that is refused leaves no trace', () => {
  afterEach(nothingHappened);

  test.each([
    ['no body', null, 'The request body is not valid JSON.'],
    ['an empty body', '', 'The request body is not valid JSON.'],
    ['text', 'hello', 'The request body is not valid JSON.'],
    ['an array', '[]', 'The request body must be a JSON object.'],
    ['a number', '3', 'The request body must be a JSON object.'],
    ['null', 'null', 'The request body must be a JSON object.'],
    [
      'what is nested too deeply',
      `{"a":${'['.repeat(45_000)}${']'.repeat(45_000)}}`,
      'The request body is nested too deeply.',
    ],
  ])('%s is a 400 of one sentence', async (_, body, detail) => {
    expect(await refusal(request(body), 400)).toEqual({
      type: 'about:blank',
      title: 'Bad Request',
      status: 400,
      detail,
    });
  });

  test('all fields that are not valid are listed by JSON Pointer', async () => {
    const { errors } = await refusal(
      request(JSON.stringify({ author: '', title: 3, topic: 'a\u0000b' })),
      400,
    );
    expect(errors).toEqual([
      { path: '/author', message: 'must not be empty' },
      { path: '/title', message: 'must be a string' },
      { path: '/body', message: 'is required' },
      { path: '/topic', message: 'must not contain control characters' },
    ]);
  });

  test.each([
    ['a post', JSON.stringify({ ...valid, body: 'x'.repeat(100_000) })],
    ['with fields that are not valid', JSON.stringify({ author: 'x'.repeat(100_000) })],
    ['in bytes, not characters', JSON.stringify({ ...valid, body: 'é'.repeat(50_000) })],
    ['an array', JSON.stringify(['x'.repeat(100_000)])],
    ['not JSON', 'x'.repeat(100_001)],
  ])('over 100,000 bytes is a 413: %s', async (_, body) => {
    const { title } = await refusal(request(body), 413);
    expect(title).toBe('Payload Too Large');
  });

  test('an event that is none of API Gateway’s is a 500, and logged', async () => {
    await refusal({}, 500);
    expect(logged).toHaveBeenCalledTimes(1);
  });
});

test('exactly 100,000 bytes are taken, and white space around the JSON does not count', async () => {
  const rest = JSON.stringify({ ...valid, body: '' }).length;
  const text = JSON.stringify({ ...valid, body: 'x'.repeat(100_000 - rest) });
  expect(Buffer.byteLength(text)).toBe(100_000);
  expect((await handler(request(`${' '.repeat(5_000)}${text}`))).statusCode).toBe(201);
});

test('whatever is sent is answered, never thrown', async () => {
  const body = fc.oneof(fc.string({ unit: 'binary' }), fc.json(), fc.constant(null));
  await fc.assert(
    fc.asyncProperty(body, async (sent) => {
      expect([201, 400]).toContain((await handler(request(sent))).statusCode);
    }),
  );
});

describe('when AWS fails', () => {
  test('a post that cannot be saved is a 503, logged, and not announced', async () => {
    const error = new Error('no access to arn:aws:dynamodb:posts');
    table.on(PutCommand).rejects(error);
    const answer = await post(valid);
    expect(answer.headers['Retry-After']).toBe('1');
    await refusal(request(JSON.stringify(valid)), 503);
    expect(logged).toHaveBeenCalledWith('The post could not be saved.', { error });
    expect(eventBridge.calls()).toHaveLength(0);
  });

  const left = 'The announcement of the saved post is left to the relay.';

  test('a post whose event cannot be put is saved with its marker: 201, and logged', async () => {
    const error = new Error('throttled');
    eventBridge.on(PutEventsCommand).rejects(error);
    expect((await post(valid)).statusCode).toBe(201);
    expect(logged).toHaveBeenCalledWith(left, { error });
    expect(table.commandCalls(UpdateCommand)).toHaveLength(0);
  });

  test('a post whose event is refused is saved with its marker: 201, and logged', async () => {
    const Entries = [{ ErrorCode: 'InternalFailure', ErrorMessage: 'x' }];
    eventBridge.on(PutEventsCommand).resolves({ FailedEntryCount: 1, Entries });
    expect((await post(valid)).statusCode).toBe(201);
    expect(logged).toHaveBeenCalledWith(left, {
      error: new Error('The bus refused the event: [{"ErrorCode":"InternalFailure","ErrorMessage":"x"}]'),
    });
    expect(table.commandCalls(UpdateCommand)).toHaveLength(0);
  });

  test('a post whose marker stays is announced: 201, and logged, for its event will come again', async () => {
    table.on(UpdateCommand).rejects(new Error('throttled'));
    expect((await post(valid)).statusCode).toBe(201);
    expect(logged).toHaveBeenCalledWith(left, {
      error: new Error('The event is put and the marker is still there: it will be put again.'),
    });
  });

  test('a marker that somebody else has removed is no failure', async () => {
    table.on(UpdateCommand).rejects(new ConditionalCheckFailedException({ $metadata: {}, message: '' }));
    expect((await post(valid)).statusCode).toBe(201);
    expect(logged).not.toHaveBeenCalled();
  });
});

const withKey = (key: string) => ({
  headers: { Host: 'api.example.com', 'X-Forwarded-Proto': 'https', 'IDEMPOTENCY-Key': key },
});

test.each([
  ['without a key', undefined],
  ['with a key', withKey('k')],
])('a put that finds what an earlier attempt of it has saved has saved it: %s', async (_, more) => {
  table.on(PutCommand).callsFake(({ Item }) => {
    throw new ConditionalCheckFailedException({ $metadata: {}, message: '', Item: marshall(Item) });
  });
  const answer = await post(valid, more);
  expect(answer.statusCode).toBe(201);
  expect(answer.headers).not.toHaveProperty('Idempotency-Replayed');
  expect(eventBridge.commandCalls(PutEventsCommand)).toHaveLength(1);
  expect(table.commandCalls(UpdateCommand)).toHaveLength(1);
});

describe('with an Idempotency-Key', () => {
  /** The table as it is once the post is saved: a put on condition fails and returns it. */
  const isSaved = (Item: object) =>
    table
      .on(PutCommand)
      .rejects(new ConditionalCheckFailedException({ $metadata: {}, message: '', Item: marshall(Item) }));

  /** Saves a post with the key; its marker is there for as long as the request has not removed it. */
  async function savedAndMarked(key: string, more: object = {}) {
    const first = await post(valid, withKey(key));
    const [put] = table.commandCalls(PutCommand);
    table.reset();
    eventBridge.resetHistory();
    isSaved({ ...put?.args[0].input.Item, ...more });
    return first;
  }

  /** What the table has once a post with the key is enriched. */
  const savedAndEnriched = (key: string) =>
    savedAndMarked(key, {
      entities: { locations: ['Spain'], persons: ['Joe'] },
      revision: 2,
      updatedAt: '2026-01-31T09:30:00.000Z',
    });

  test('a post is saved under an id of the key and announced', async () => {
    const { id } = JSON.parse((await post(valid, withKey('a'))).body);
    expect(validate(id) && version(id)).toBe(5);
    expect(JSON.parse((await post(valid, withKey('b'))).body).id).not.toBe(id);
    const again = await post(valid, withKey('a'));
    expect(JSON.parse(again.body).id).toBe(id);
    expect(again.headers).not.toHaveProperty('Idempotency-Replayed');
    expect(eventBridge.commandCalls(PutEventsCommand)).toHaveLength(3);
  });

  test('a repeated request is answered as the first was, and nothing happens', async () => {
    const first = await savedAndEnriched('k');
    const again = await post({ ...valid, title: ' Title ', topic: 'SUMMER', more: 1 }, withKey('k'));
    expect(again).toEqual({ ...first, headers: { ...first.headers, 'Idempotency-Replayed': 'true' } });
    expect(eventBridge.calls()).toHaveLength(0);
    expect(table.commandCalls(UpdateCommand)).toHaveLength(0);
  });

  test('a repeated request in the very same millisecond is one too', async () => {
    jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate'], now: 0 });
    try {
      const first = await savedAndMarked('k');
      const again = await post(valid, withKey('k'));
      expect(again).toEqual({ ...first, headers: { ...first.headers, 'Idempotency-Replayed': 'true' } });
      expect(eventBridge.calls()).toHaveLength(0);
      expect(table.commandCalls(UpdateCommand)).toHaveLength(0);
    } finally {
      jest.useRealTimers();
    }
  });

  test.each([
    ['author', 'x'],
    ['title', 'x'],
    ['body', 'x'],
    ['topic', 'x'],
    ['language', 'en'],
  ])('another %s is a 422, and nothing happens', async (field, value) => {
    await savedAndEnriched('k');
    const { detail } = await refusal(
      request(JSON.stringify({ ...valid, [field]: value }), withKey('k')),
      422,
    );
    expect(detail).toBe('The Idempotency-Key was sent before, with another post.');
    expect(eventBridge.calls()).toHaveLength(0);
  });

  test.each([
    ['nothing', ''],
    ['256 characters', 'x'.repeat(256)],
    ['a space', 'a b'],
    ['é', 'é'],
    ['a control character', 'a\u0000'],
  ])('%s is a 400, and nothing happens', async (_, key) => {
    const { detail } = await refusal(request(JSON.stringify(valid), withKey(key)), 400);
    expect(detail).toBe('The header Idempotency-Key must be 1 to 255 visible ASCII characters.');
    nothingHappened();
  });

  test.each(['!', '~', 'x'.repeat(255), '"8e03978e-40d5-43dd-bc93-6894a57f9324"'])(
    '%s will do',
    async (key) => {
      expect((await post(valid, withKey(key))).statusCode).toBe(201);
    },
  );

  test('a key that somebody saved something else under is a 500, and tells nothing of it', async () => {
    isSaved({ id: 'broken', secret: 'posts' });
    await refusal(request(JSON.stringify(valid), withKey('k')), 500);
  });
});

test('logs carry the id of the post', async () => {
  const { id } = JSON.parse((await post(valid)).body);
  expect(logger.getCorrelationId()).toBe(id);
});
