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

/** A piece of JSON, or the mark before a value that was a text with JSON. */
export type JsonPart = { json: string } | 'text';

/** Deeper values are written in one piece: they are unreadable, and could exhaust the stack. */
const DEEPEST = 100;

/**
 * Returns a value as indented JSON in which texts that contain JSON, such as the bodies of SNS and
 * SQS, are structure too. A mark is before each. A text that is no JSON is returned unchanged.
 */
export function jsonParts(value: unknown): JsonPart[] {
  if (typeof value === 'string' && !structureIn(value)) return [{ json: value }];
  const parts: JsonPart[] = [];
  let json = '';
  const write = (value: unknown, depth: number): void => {
    const indent = `\n${'  '.repeat(depth)}`;
    const inText = typeof value === 'string' && depth < DEEPEST ? structureIn(value) : undefined;
    if (inText) {
      parts.push({ json }, 'text');
      json = ' ';
      write(inText, depth);
    } else if (typeof value === 'object' && value !== null && depth < DEEPEST) {
      const isArray = Array.isArray(value);
      const entries = Object.entries(value);
      json += isArray ? '[' : '{';
      for (const [index, [name, inner]] of entries.entries()) {
        json += `${index > 0 ? ',' : ''}${indent}  ${isArray ? '' : `${JSON.stringify(name)}: `}`;
        write(inner, depth + 1);
      }
      json += `${entries.length > 0 ? indent : ''}${isArray ? ']' : '}'}`;
    } else json += JSON.stringify(value) ?? '';
  };
  write(value, 0);
  return [...parts, { json }].filter((part) => part === 'text' || part.json !== '');
}

/** Returns the object or array in a text; `undefined` for any other text. */
function structureIn(text: string): object | undefined {
  if (!/^\s*[[{]/.test(text)) return undefined;
  const parsed = parsedJson(text);
  return 'value' in parsed && typeof parsed.value === 'object' && parsed.value !== null
    ? parsed.value
    : undefined;
}
