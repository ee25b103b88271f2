/** A pattern of `wildcard` is malformed. */
export class MalformedWildcard extends Error {}

/** `*` in a wildcard, in contrast to the escaped character. */
export const STAR: unique symbol = Symbol('*');

/**
 * Returns the characters of a wildcard. `*` stands for any text, `\*` and `\\` for the character
 * itself.
 * @throws {MalformedWildcard} with a position that counts bytes from the quote before the text, as
 * in AWS's messages
 */
export function parseWildcard(pattern: string): (string | typeof STAR)[] {
  const tokens: (string | typeof STAR)[] = [];
  const characters = [...pattern];
  let position = 1;
  for (let index = 0; index < characters.length; index++) {
    const character = characters[index] ?? '';
    const next = characters[index + 1];
    if (character === '*') {
      if (next === '*') throw new MalformedWildcard(`Consecutive wildcard characters at pos ${position}`);
      tokens.push(STAR);
    } else if (character === '\\') {
      if (next !== '*' && next !== '\\')
        throw new MalformedWildcard(`Invalid escape character at pos ${position}`);
      tokens.push(next);
      index++;
      position++;
    } else tokens.push(character);
    position += Buffer.byteLength(character);
  }
  return tokens;
}

/** Compiles a wildcard. Matching takes one pass, without backtracking. */
export function compileWildcard(pattern: string): (text: string) => boolean {
  const literals = [''];
  for (const token of parseWildcard(pattern)) {
    if (token === STAR) literals.push('');
    else literals.push(`${literals.pop()}${token}`);
  }
  const [first = '', ...rest] = literals;
  const last = rest.pop();
  if (last === undefined) return (text) => text === first;
  return (text) => {
    if (!text.startsWith(first) || !text.endsWith(last)) return false;
    let from = first.length;
    for (const literal of rest) {
      const at = text.indexOf(literal, from);
      if (at === -1) return false;
      from = at + literal.length;
    }
    return from <= text.length - last.length;
  };
}
