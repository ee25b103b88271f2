/**
 * Returns the first `length` UTF-16 code units of a text at most. It cuts between words if it can,
 * and marks a cut with an ellipsis.
 */
export function excerpt(text: string, length: number): string {
  if (text.length <= length) return text;
  const beginning = text.slice(0, length);
  const words = /^.*(?=\s)/su.exec(beginning)?.[0].trimEnd();
  // The cut may leave half a surrogate pair.
  return `${words || beginning.replace(/[\uD800-\uDBFF]$/, '')}…`;
}
