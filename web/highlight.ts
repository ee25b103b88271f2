import type { Entities } from '../model/post.ts';

/** The kinds of names that are marked in a text. */
export type NameKind = 'person' | 'place';

/** A part of a text: a name with its kind, or the text between names. */
export interface TextPart {
  text: string;
  kind?: NameKind;
}

/**
 * A character of a word, in the scripts that separate words. In other scripts, a name can be
 * surrounded by characters of other words.
 */
const wordCharacter =
  '(?![\\p{Script=Han}\\p{Script=Hiragana}\\p{Script=Katakana}\\p{Script=Hangul}\\p{Script=Thai}])[\\p{L}\\p{M}\\p{N}]';

/**
 * Splits a text at the names of people and places. Joined, the parts are the text. It finds whole
 * names only, and the longest of those that begin at the same place. A name of a person and a place
 * counts as the person's.
 */
export function highlight(text: string, entities?: Pick<Entities, 'persons' | 'locations'>): TextPart[] {
  const kinds = new Map<string, NameKind>();
  for (const name of entities?.locations ?? []) kinds.set(name, 'place');
  for (const name of entities?.persons ?? []) kinds.set(name, 'person');
  kinds.delete('');
  if (kinds.size === 0) return text === '' ? [] : [{ text }];
  const names = [...kinds.keys()].sort((one, other) => other.length - one.length);
  const pattern = names.map((name) => name.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&')).join('|');
  // The split puts the names at the odd indexes.
  return text
    .split(new RegExp(`(?<!${wordCharacter})(${pattern})(?!${wordCharacter})`, 'u'))
    .flatMap((part) => (part === '' ? [] : [{ text: part, ...partKind(part) }]));

  function partKind(part: string): { kind?: NameKind } {
    const kind = kinds.get(part);
    return kind === undefined ? {} : { kind };
  }
}
