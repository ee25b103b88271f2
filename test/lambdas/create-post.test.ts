import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { PutCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import fc from 'fast-check';
import { validate, version } from 'uuid';
import { handler } from '../../lambdas/create-post.ts';
import { feedKeys } from '../../lambdas/posts/post-feed.ts';
import { logger } from '../../lambdas/runtime/logger.ts';
import { BlogPostCreated } from '../../model/events.ts';
import {
  eventBridge,
  logged,
  nothingHappened,
  post,
  refusal,
  request,
  resetAws,
  table,
  valid,
} from './post-requests.ts';

beforeEach(resetAws);

describe('a valid post', () => {
  test('is returned as saved', async () => {
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

  test('is put with its revision, its marker and the keys of its feeds, unless the item exists', async () => {
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
        Item: { ...saved, ...feedKeys(saved), requestId: 'request-1', revision: 1, ...marker },
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
    const answer = await post(valid, { requestContext: { path: '/posts/', requestId: 'request-1' } });
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
      metadata: {
        eventId: `${saved.id}:1:BlogPostCreated`,
        correlationId: saved.id,
        causationId: 'request-1',
        time: saved.createdAt,
        schemaVersion: '1.2',
      },
      post: saved,
      summary: 'New post in summer: Title, by hunter s thompson',
      url: `https://api.example.com/dev/posts/${saved.id}`,
    });
    expect(BlogPostCreated.parse(detail)).toEqual(detail);
    expect(answer.headers.Location).toBe(`/posts/${saved.id}`);
  });

  test('is linked by the URL of the API, whatever host the request names', async () => {
    const headers = {
      Host: 'other.example',
      Forwarded: 'host=other.example;proto=http',
      'X-Forwarded-Host': 'other.example',
      'X-Forwarded-Proto': 'http',
      'X-Original-Host': 'other.example',
    };
    const requestContext = { path: '/posts', domainName: 'other.example' };
    const { id } = JSON.parse((await post(valid, { headers, requestContext })).body);
    const { Detail = '' } = eventBridge.commandCalls(PutEventsCommand)[0]?.args[0].input.Entries?.[0] ?? {};
    expect(JSON.parse(Detail).url).toBe(`https://api.example.com/dev/posts/${id}`);
    const [put] = table.commandCalls(PutCommand);
    expect(JSON.stringify(put?.args[0].input)).not.toContain('other.example');
  });

  test('loses its marker and nothing else, on condition that it has one', async () => {
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

  test('has an id and a time of the server: those that a client sends are ignored', async () => {
    const { id, createdAt, entities } = JSON.parse(
      (await post({ ...valid, id: 'mine', createdAt: 'then', entities: {} })).body,
    );
    expect([id, createdAt, entities]).not.toContain('mine');
    expect(createdAt).not.toBe('then');
    expect(entities).toBeUndefined();
  });

  test('has the text that was sent, whatever it contains', async () => {
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
      'JSON that is nested too deeply',
      `{"a":${'['.repeat(45_000)}${']'.repeat(45_000)}}`,
      'The request body is nested too deeply.',
    ],
  ])('returns 400 with one sentence for %s', async (_, body, detail) => {
    expect(await refusal(request(body), 400)).toEqual({
      type: 'about:blank',
      title: 'Bad Request',
      status: 400,
      detail,
    });
  });

  test('lists all invalid fields by JSON Pointer', async () => {
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
    ['with invalid fields', JSON.stringify({ author: 'x'.repeat(100_000) })],
    ['in bytes, not characters', JSON.stringify({ ...valid, body: 'é'.repeat(50_000) })],
    ['an array', JSON.stringify(['x'.repeat(100_000)])],
    ['not JSON', 'x'.repeat(100_001)],
  ])('returns 413 for more than 100,000 bytes: %s', async (_, body) => {
    const { title } = await refusal(request(body), 413);
    expect(title).toBe('Payload Too Large');
  });

  test('returns 500 for an event that is not of API Gateway, and logs it', async () => {
    await refusal({}, 500);
    expect(logged).toHaveBeenCalledTimes(1);
  });
});

test('accepts exactly 100,000 bytes, not counting white space around the JSON', async () => {
  const rest = JSON.stringify({ ...valid, body: '' }).length;
  const text = JSON.stringify({ ...valid, body: 'x'.repeat(100_000 - rest) });
  expect(Buffer.byteLength(text)).toBe(100_000);
  expect((await handler(request(`${' '.repeat(5_000)}${text}`))).statusCode).toBe(201);
});

test('answers any body without throwing', async () => {
  const body = fc.oneof(fc.string({ unit: 'binary' }), fc.json(), fc.constant(null));
  await fc.assert(
    fc.asyncProperty(body, async (sent) => {
      expect([201, 400]).toContain((await handler(request(sent))).statusCode);
    }),
  );
});

describe('when AWS fails', () => {
  test('returns 503 if the post cannot be saved, logs the error and announces nothing', async () => {
    const error = new Error('no access to arn:aws:dynamodb:posts');
    table.on(PutCommand).rejects(error);
    const answer = await post(valid);
    expect(answer.headers['Retry-After']).toBe('1');
    await refusal(request(JSON.stringify(valid)), 503);
    expect(logged).toHaveBeenCalledWith('The post could not be saved.', { error });
    expect(eventBridge.calls()).toHaveLength(0);
  });

  const left = 'The announcement of the saved post is left to the relay.';

  test('returns 201 and keeps the marker if the call that puts the event fails, and logs the error', async () => {
    const error = new Error('throttled');
    eventBridge.on(PutEventsCommand).rejects(error);
    expect((await post(valid)).statusCode).toBe(201);
    expect(logged).toHaveBeenCalledWith(left, { error });
    expect(table.commandCalls(UpdateCommand)).toHaveLength(0);
  });

  test('returns 201 and keeps the marker if the bus refuses the event, and logs the error', async () => {
    const Entries = [{ ErrorCode: 'InternalFailure', ErrorMessage: 'x' }];
    eventBridge.on(PutEventsCommand).resolves({ FailedEntryCount: 1, Entries });
    expect((await post(valid)).statusCode).toBe(201);
    expect(logged).toHaveBeenCalledWith(left, {
      error: new Error('The bus refused the event: InternalFailure, x'),
    });
    expect(table.commandCalls(UpdateCommand)).toHaveLength(0);
  });

  test('returns 201 if the marker cannot be removed, and logs that the event will be put again', async () => {
    table.on(UpdateCommand).rejects(new Error('throttled'));
    expect((await post(valid)).statusCode).toBe(201);
    expect(logged).toHaveBeenCalledWith(left, {
      error: new Error('The event is put, but its marker could not be removed, so it will be put again.'),
    });
  });

  test('logs no error if another process has removed the marker', async () => {
    table.on(UpdateCommand).rejects(new ConditionalCheckFailedException({ $metadata: {}, message: '' }));
    expect((await post(valid)).statusCode).toBe(201);
    expect(logged).not.toHaveBeenCalled();
  });
});

test('logs carry the id of the post', async () => {
  const { id } = JSON.parse((await post(valid)).body);
  expect(logger.getCorrelationId()).toBe(id);
});
