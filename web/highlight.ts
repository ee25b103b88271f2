import type { Entities } from '../model/post.ts';

/** What is marked in a text. */
export type NameKind = 'person' | 'place';

/** A part of a text: a name with its kind, or what is between names. */
export interface TextPart {
  text: string;
  kind?: NameKind;
}

/** A character of a word, in the scripts that put something between words. The others have names inside of runs. */
const wordCharacter =
  '(?![\\p{Script=Han}\\p{Script=Hiragana}\\p{Script=Katakana}\\p{Script=Hangul}\\p{Script=Thai}])[\\p{L}\\p{M}\\p{N}]';

/**
 * Splits a text where people and places are named. The parts joined are the text. Only whole names are found, the
 * longer one where several begin; a name that is both is a person's.
 */
export function highlight(text: string, entities?: Pick<Entities, 'persons' | 'locations'>): TextPart[] {
  const kinds = new Map<string, NameKind>();
  for (const name of entities?.locations ?? []) kinds.set(name, 'place');
  for (const name of entities?.persons ?? []) kinds.set(name, 'person');
  kinds.delete('');
  if (kinds.size === 0) return text === '' ? [] : [{ text }];
  const names = [...kinds.keys()].sort((one, other) => other.length - one.length);
  const pattern = names.map((name) => name.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&')).join('|');
  // Names stand at the odd places of what is split.
  return text
    .split(new RegExp(`(?<!${wordCharacter})(${pattern})(?!${wordCharacter})`, 'u'))
    .flatMap((part) => (part === '' ? [] : [{ text: part, ...partKind(part) }]));

  function partKind(part: string): { kind?: NameKind } {
    const kind = kinds.get(part);
    return kind === undefined ? {} : { kind };
  }
}
