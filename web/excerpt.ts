/** The beginning of a text, at most `length` UTF-16 code units; cut between words, if it can be, and marked as cut. */
export function excerpt(text: string, length: number): string {
  if (text.length <= length) return text;
  const beginning = text.slice(0, length);
  const words = /^.*(?=\s)/su.exec(beginning)?.[0].trimEnd();
  // Half a surrogate pair is no character.
  return `${words || beginning.replace(/[\uD800-\uDBFF]$/, '')}…`;
}
