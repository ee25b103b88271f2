/** Returns a word of a POSIX shell command that stands for exactly this text. */
export function quoted(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}

/** Returns a shell command; `undefined` if a word has a NUL, which no shell can pass. */
export function shellCommand(words: readonly string[]): string | undefined {
  return words.some((word) => word.includes('\0')) ? undefined : words.map(quoted).join(' ');
}
