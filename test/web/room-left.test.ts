import * as fc from 'fast-check';
import { NewPost } from '../../model/post.ts';
import { roomLeft } from '../../web/room-left.ts';

const text = { author: 'Ann', title: 'Title', body: 'Joe is going to Spain', topic: 'summer' };

it('says nothing while the text is far from its limit', () => {
  expect(roomLeft('title', text)).toBeUndefined();
  expect(roomLeft('body', text)).toBeUndefined();
});

it('counts code points without surrounding white space', () => {
  expect(roomLeft('title', { ...text, title: ` ${'😀'.repeat(190)} ` })).toBe('10 characters left.');
  expect(roomLeft('author', { ...text, author: 'x'.repeat(101) })).toBe('1 character too long.');
});

it('counts the bytes of the whole request for the text', () => {
  const empty = JSON.stringify({ ...text, body: '' }).length;
  const body = (bytes: number) => 'ü'.repeat((bytes - empty) / 2);
  const size = 100_000 - (empty % 2);
  expect(roomLeft('body', { ...text, body: body(size) })).toMatch(/^[01] bytes? left\.$/);
  expect(roomLeft('body', { ...text, body: body(size + 2) })).toMatch(/^[12] bytes? too long\.$/);
  expect(roomLeft('body', { ...text, body: body(size - 5_000) })).toMatch(/^5,00[01] bytes left\.$/);
});

it('agrees with the API about which texts are too long', () => {
  const lines = fc.string({ unit: 'grapheme', minLength: 30, maxLength: 120, size: 'max' });
  fc.assert(
    fc.property(lines, fc.constantFrom('author', 'topic'), (line, field) => {
      const isTooLong = NewPost.safeParse({ ...text, [field]: line }).error?.issues.some(
        ({ code, path }) => code === 'too_big' && path[0] === field,
      );
      expect(!!roomLeft(field, { ...text, [field]: line })?.endsWith('too long.')).toBe(!!isTooLong);
    }),
  );
});
