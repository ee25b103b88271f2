import { LanguageCode } from '@aws-sdk/client-comprehend';
import fc from 'fast-check';
import * as z from 'zod/mini';
import { NewPost, Post, PostId, Topic } from '../../model/post.ts';

const valid = { author: 'hunter s thompson', title: 'Title', body: 'Joe is going to Spain', topic: 'summer' };
const id = '019c1234-5678-7abc-8def-0123456789ab';

const errorsOf = (input: object) =>
  NewPost.safeParse(input).error?.issues.map(({ path, message }) => `${path.join('/')} ${message}`) ?? [];

describe('a new post', () => {
  test('is accepted as sent, without the server’s fields and unknown fields', () => {
    expect(NewPost.parse({ ...valid, id, createdAt: 'x', entities: {}, enrichment: {}, more: 1 })).toEqual(
      valid,
    );
  });

  test('is trimmed in every field', () => {
    expect(NewPost.parse({ author: ' a ', title: '\tb\n', body: '\u00a0c ', topic: ' d' })).toEqual({
      author: 'a',
      title: 'b',
      body: 'c',
      topic: 'd',
    });
  });

  test('reports all invalid fields at once', () => {
    expect(errorsOf({ author: 3, title: ' ', topic: 'a\u0000', language: 'tlh' })).toEqual([
      'author must be a string',
      'title must not be empty',
      'body is required',
      'topic must not contain control characters',
      expect.stringMatching(/^language must be one of ar, de, en, /),
    ]);
  });

  test.each([
    ['author', 100],
    ['title', 200],
    ['topic', 50],
  ])('%s has at most %i Unicode code points', (field, max) => {
    expect(errorsOf({ ...valid, [field]: '👍'.repeat(max) })).toEqual([]);
    expect(errorsOf({ ...valid, [field]: 'a'.repeat(max + 1) })).toEqual([
      `${field} must be at most ${max} characters`,
    ]);
    expect(z.toJSONSchema(NewPost).properties?.[field]).toMatchObject({ minLength: 1, maxLength: max });
  });

  test.each(['author', 'title', 'body', 'topic'])('%s must not contain an unpaired surrogate', (field) => {
    expect(errorsOf({ ...valid, [field]: 'a\ud800b' })).toEqual([
      `${field} must not contain an unpaired surrogate`,
    ]);
  });

  test('may contain control characters in its body only', () => {
    expect(errorsOf({ ...valid, body: 'one\ntwo\u0000\u0085' })).toEqual([]);
    for (const control of ['\n', '\u007f', '\u0085']) {
      expect(errorsOf({ ...valid, title: `a${control}b` })).toEqual([
        'title must not contain control characters',
      ]);
    }
  });

  test('may name any language that Comprehend supports', () => {
    for (const language of Object.values(LanguageCode)) expect(errorsOf({ ...valid, language })).toEqual([]);
    expect(z.toJSONSchema(NewPost).properties?.language).toMatchObject({ enum: Object.values(LanguageCode) });
  });

  test('stays the same when it is parsed again', () => {
    const text = fc.string({ unit: 'binary', minLength: 1, maxLength: 40 });
    fc.assert(
      fc.property(fc.record({ author: text, title: text, body: text, topic: text }), (input) => {
        const { data } = NewPost.safeParse(input);
        if (data) expect(NewPost.parse(data)).toEqual(data);
      }),
    );
  });

  test('is accepted or refused, without an exception', () => {
    fc.assert(fc.property(fc.anything(), (input) => void NewPost.safeParse(input)));
  });
});

describe('a topic', () => {
  test.each([
    ['Summer', 'summer'],
    [' SOMMER\u0308 ', 'sommer̈'.normalize('NFC')],
    ['CAFE\u0301', 'caf\u00e9'],
  ])('reads %j as %j', (sent, topic) => {
    expect(Topic.parse(sent)).toBe(topic);
  });

  test('is normalized to one NFC form, whatever its composition, and stays the same when normalized again', () => {
    const unit = fc.oneof(
      fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
      fc.constantFrom('\u0307', '\u0323', '\u0345', '\u0301', '\u0130', 'Σ', 'İ', 'Å', '\u212b', 'A'),
    );
    fc.assert(
      fc.property(fc.string({ unit, minLength: 1, maxLength: 10 }), (sent) => {
        const { data: topic } = Topic.safeParse(sent);
        if (topic === undefined) return;
        expect(Topic.parse(topic)).toBe(topic);
        expect(topic.normalize('NFC')).toBe(topic);
        expect(Topic.parse(sent.normalize('NFD'))).toBe(topic);
      }),
      { numRuns: 2_000 },
    );
  });
});

test('a post’s id is a UUID in lower case', () => {
  expect(PostId.parse(id.toUpperCase())).toBe(id);
  expect(PostId.safeParse('42').error?.issues[0]?.message).toBe('must be a UUID');
});

test('a stored post is parsed without its internal attributes', () => {
  const entities = { locations: ['Spain'], persons: [] };
  const post = { id, createdAt: '2026-01-31T09:30:00.000Z', ...valid, entities };
  expect(Post.parse({ ...post, revision: 2, updatedAt: 'x', marker: 1 })).toEqual(post);
  expect(Object.keys(Post.parse(post))).toEqual([
    'id',
    'createdAt',
    'author',
    'title',
    'body',
    'topic',
    'entities',
  ]);
});
