/** A part of a text. With an `href`, it is a link. */
export interface TextPart {
  text: string;
  href?: string;
}

/**
 * A web address. Characters that a URL contains only encoded end it, and so does a backslash: in
 * JSON, it is not part of the text.
 */
const ADDRESS = /https?:\/\/[^\s\p{Cc}\p{Cf}"<>\\^`{|}]+/giu;
/** Punctuation that belongs to the sentence if it is at the end of an address. */
const PUNCTUATION = /[.,;:!?'*_~…’”»]/u;
const PAIRS = new Map([
  [')', '('],
  [']', '['],
]);

/** Splits a text into its http and https addresses, and what is between them. */
export function linkedText(text: string): TextPart[] {
  const parts: TextPart[] = [];
  let end = 0;
  for (const { 0: matched, index } of text.matchAll(ADDRESS)) {
    const address = withoutPunctuation(matched);
    if (!URL.canParse(address)) continue;
    if (index > end) parts.push({ text: text.slice(end, index) });
    parts.push({ text: address, href: address });
    end = index + address.length;
  }
  if (end < text.length) parts.push({ text: text.slice(end) });
  return parts;
}

/**
 * Returns an address without the punctuation after it, and without brackets that it does not open.
 * Looks at each character once: a text can end in thousands of them.
 */
function withoutPunctuation(address: string): string {
  const unopened = new Map(
    [...PAIRS].map(([closing, opening]) => [closing, countOf(address, closing) - countOf(address, opening)]),
  );
  let end = address.length;
  for (; end > 0; end--) {
    const last = address.charAt(end - 1);
    const left = unopened.get(last) ?? 0;
    if (left > 0) unopened.set(last, left - 1);
    else if (!PUNCTUATION.test(last)) break;
  }
  return address.slice(0, end);
}

function countOf(text: string, character: string): number {
  return text.split(character).length - 1;
}
