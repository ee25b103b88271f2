import * as fc from 'fast-check';
import { linkedText } from '../../flow-view/linked-text.ts';

function links(text: string): string[] {
  return linkedText(text).flatMap(({ href }) => href ?? []);
}

it.each([
  ['Open http://localhost:3000/a?b=1&c=2.', 'http://localhost:3000/a?b=1&c=2'],
  ['{"url":"https://example.com/p","more":1}', 'https://example.com/p'],
  ['{"message":"see https://example.com/p\\n\\nmore"}', 'https://example.com/p'],
  ['(see https://example.com/a_(b)), then', 'https://example.com/a_(b)'],
  ['<https://example.com/>', 'https://example.com/'],
  ['HTTPS://EXAMPLE.COM/A!?', 'HTTPS://EXAMPLE.COM/A'],
  ['“https://example.com/ü”…', 'https://example.com/ü'],
])('finds the address in %s', (text, address) => {
  expect(links(text)).toEqual([address]);
});

it.each([
  'javascript:alert(1)',
  'data:text/html,x',
  'http://',
  'http://.',
  'https://[',
  'ftp://a.b',
  'http//a',
])('finds none in %s', (text) => {
  expect(links(text)).toEqual([]);
});

it('ends an address before any number of closing brackets and dots', () => {
  const many = ')].'.repeat(20_000);
  expect(links(`https://example.com/a_(b)${many}`)).toEqual(['https://example.com/a_(b)']);
});

it('keeps every character, and links only to http and https, without punctuation at the end', () => {
  const piece = fc.oneof(
    fc.webUrl({ withQueryParameters: true, withFragments: true }),
    fc.string({ unit: 'binary' }),
    fc.constantFrom(
      '. ',
      ').',
      '",',
      '\\n',
      '\n',
      '<',
      '>',
      'http://',
      'https://a',
      'javascript:',
      '(',
      ']',
      '\u202e',
    ),
  );
  fc.assert(
    fc.property(fc.array(piece), (pieces) => {
      const text = pieces.join('');
      const parts = linkedText(text);
      expect(parts.map((part) => part.text).join('')).toBe(text);
      for (const { href, text: shown } of parts) {
        if (href === undefined) continue;
        expect(href).toBe(shown);
        expect(['http:', 'https:']).toContain(new URL(href).protocol);
        expect(href).not.toMatch(/[\s"<>\\\p{Cc}\p{Cf}]|[.,;:!?]$/u);
      }
    }),
  );
});

it('finds the whole address between spaces', () => {
  const path = fc.stringMatching(/^[\w/%?&=()-]*[a-z0-9/]$/);
  fc.assert(
    fc.property(path, fc.constantFrom('', '.', ',', '?!', '",', '…'), (rest, after) => {
      fc.pre(rest.split('(').length === rest.split(')').length);
      const address = `https://example.com/${rest}`;
      expect(links(`Open ${address}${after} Then close.`)).toEqual([address]);
    }),
  );
});
