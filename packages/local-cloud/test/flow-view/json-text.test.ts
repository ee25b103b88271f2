import fc from 'fast-check';
import { jsonParts, jsonText } from '../../flow-view/json-text.ts';

const MARK = '<text>';
const written = (value: unknown) =>
  jsonParts(value)
    .map((part) => (part === 'text' ? MARK : part.json))
    .join('');

describe('JSON', () => {
  it('in texts is structure too, with a mark', () => {
    const detail = JSON.stringify({ post: { id: 1 } });
    expect(written({ Entries: [{ Detail: detail, Source: 'blog' }] })).toBe(
      `{
  "Entries": [
    {
      "Detail": <text> {
        "post": {
          "id": 1
        }
      },
      "Source": "blog"
    }
  ]
}`,
    );
    expect(written(detail)).toMatch(/^<text> \{\n {2}"post"/);
  });

  it('in texts in texts is structure as well', () => {
    const value = { Message: JSON.stringify({ detail: JSON.stringify([1]) }) };
    expect(written(value).split(MARK)).toHaveLength(3);
  });

  it.each(['plain', '{not JSON', '', '[ERROR] failed'])('is not seen in %j', (text) => {
    expect(written(text)).toBe(text);
    expect(written({ text })).toBe(jsonText({ text }));
  });

  it('without JSON in its texts is written as usual', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        fc.pre(!/"\s*[[{]/.test(JSON.stringify(value)) && typeof value !== 'string');
        expect(written(value)).toBe(JSON.stringify(value, undefined, 2));
      }),
    );
  });

  it('that is very deep is written in one piece', () => {
    let value: unknown = 1;
    for (let depth = 0; depth < 2_000; depth++) value = [value];
    expect(written(value).replaceAll(/\s/g, '')).toBe(JSON.stringify(value));
  });
});
