import * as fc from 'fast-check';
import { excerpt } from '../../web/excerpt.ts';

it('ends between words', () => {
  expect(excerpt('Joe is going to Spain', 21)).toBe('Joe is going to Spain');
  expect(excerpt('Joe is going to Spain', 20)).toBe('Joe is going to…');
});

it('is a well-formed beginning of the text within the length', () => {
  const texts = fc.string({ unit: fc.constantFrom('a', ' ', '\n', '😀', '北') });
  fc.assert(
    fc.property(texts, fc.integer({ min: 2, max: 10 }), (text, length) => {
      const part = excerpt(text, length);
      expect(part.length).toBeLessThanOrEqual(length + 1);
      expect(part.isWellFormed()).toBe(true);
      if (part !== text) expect(text.startsWith(part.slice(0, -1)) && part.endsWith('…')).toBe(true);
    }),
  );
});
