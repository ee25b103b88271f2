/*
 * The characters of XML 1.0. SQS accepts no others in a message, and no others can be sent in the
 * query protocol, even escaped.
 * Source: Amazon SQS API Reference, `SendMessage`.
 */
const OTHERS = /[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu;

/** Returns whether a text has only characters of XML. */
export function isXmlText(text: string): boolean {
  return text.search(OTHERS) === -1;
}

/** Returns a text with U+FFFD in place of each character that XML cannot represent. */
export function asXmlText(text: string): string {
  return text.replace(OTHERS, '\uFFFD');
}
