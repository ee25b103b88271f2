import * as fc from 'fast-check';
import { highlight } from '../../web/highlight.ts';

/** Joins the parts, with round brackets around people and square brackets around places. */
function marked(text: string, persons: string[], locations: string[]): string {
  return highlight(text, { persons, locations })
    .map(({ text, kind }) => (kind === 'person' ? `(${text})` : kind === 'place' ? `[${text}]` : text))
    .join('');
}

it('marks every mention of people and places', () => {
  expect(marked('Joe is going to Spain. Joe!', ['Joe'], ['Spain'])).toBe('(Joe) is going to [Spain]. (Joe)!');
});

it('marks the longer of two names that begin at the same position', () => {
  expect(marked('New York City, New York', [], ['New York', 'New York City'])).toBe(
    '[New York City], [New York]',
  );
});

it('marks whole names only', () => {
  expect(marked('Joe, Joey, BanjoJoe, Joe9, Zoë, Zo', ['Joe', 'Zo'], [])).toBe(
    '(Joe), Joey, BanjoJoe, Joe9, Zoë, (Zo)',
  );
  expect(marked('Jose\u0301 and Jose', ['Jose'], [])).toBe('Jose\u0301 and (Jose)');
});

it('marks names in scripts without spaces between words', () => {
  expect(marked('王芳住在北京市', ['王芳'], ['北京'])).toBe('(王芳)住在[北京]市');
  expect(marked('철수는 서울에 산다', ['철수'], ['서울'])).toBe('(철수)는 [서울]에 산다');
});

it('matches names literally, not as patterns', () => {
  expect(marked('J.R. (Bob) $1 JxRx', ['J.R.', '(Bob)', '$1', '.*', '[^'], ['|', ''])).toBe(
    '(J.R.) ((Bob)) ($1) JxRx',
  );
});

it('marks nothing in a post without entities', () => {
  expect(highlight('Joe')).toEqual([{ text: 'Joe' }]);
  expect(highlight('')).toEqual([]);
});

it('keeps every character, and marks only names', () => {
  const letters = fc.string({ unit: fc.constantFrom('a', 'b', ' ', '.', '\\', '-', 'é', '北', '😀', '\n') });
  fc.assert(
    fc.property(letters, fc.array(letters), fc.array(letters), (text, persons, locations) => {
      const parts = highlight(text, { persons, locations });
      expect(parts.map((part) => part.text).join('')).toBe(text);
      for (const part of parts) {
        if (part.kind === 'person') expect(persons).toContain(part.text);
        if (part.kind === 'place') expect(locations).toContain(part.text);
        expect(part.text).not.toBe('');
      }
    }),
  );
});
