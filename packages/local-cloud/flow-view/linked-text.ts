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
const PUNCTUATION = /[.,;:!?'*_~…’”»]$/u;
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

/** Returns an address without the punctuation after it, and without brackets that it does not open. */
function withoutPunctuation(address: string): string {
  for (let left = address; ; left = left.slice(0, -1)) {
    const last = left.at(-1) ?? '';
    const opening = PAIRS.get(last);
    const isUnopened = opening !== undefined && countOf(left, last) > countOf(left, opening);
    if (!PUNCTUATION.test(left) && !isUnopened) return left;
  }
}

function countOf(text: string, character: string): number {
  return text.split(character).length - 1;
}
