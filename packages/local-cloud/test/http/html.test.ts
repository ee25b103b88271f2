import fc from 'fast-check';
import { html, page } from '../../src/http/html.ts';

describe('a template', () => {
  test('escapes values and keeps markup, in lists too', () => {
    const items = ['<b>', 'a & "b"'].map((item) => html`<li title="${item}">${item}</li>`);
    expect(html`<ul>${items}</ul>${1}`.markup).toBe(
      '<ul><li title="&lt;b&gt;">&lt;b&gt;</li><li title="a &amp; &quot;b&quot;">a &amp; &quot;b&quot;</li></ul>1',
    );
  });

  test('never turns text into markup', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'<>&"\'`$\\;ab') }), (text) => {
        const { markup } = html`${text}`;
        expect(markup).not.toMatch(/[<>"']/);
        const entities: Record<string, string> = { lt: '<', gt: '>', quot: '"', '#39': "'", amp: '&' };
        expect(markup.replace(/&([^;]+);/g, (_, name: string) => entities[name] ?? '?')).toBe(text);
      }),
    );
  });
});

test('a page escapes its title', () => {
  expect(page('<script>', html``)).toContain('<h1>&lt;script&gt;</h1>');
});
