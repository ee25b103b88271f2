/** Returns a value as indented JSON, and a string unchanged. */
export function jsonText(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value, undefined, 2);
}

/** Parses JSON. Returns the value, or the reason why the text is not JSON. */
export function parsedJson(text: string): { value: unknown } | { error: string } {
  try {
    return { value: JSON.parse(text) };
  } catch (error) {
    return { error: error instanceof Error ? error.message : String(error) };
  }
}
