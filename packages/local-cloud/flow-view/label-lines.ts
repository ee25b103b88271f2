const WIDEST = 13;
const LINES = 2;

/**
 * Splits a name into at most two lines, after hyphens, at spaces and before capitals. Cuts off the
 * rest.
 */
export function labelLines(label: string): string[] {
  const lines: string[] = [];
  for (const part of label.split(/(?<=[-\s])|(?<=[a-z])(?=[A-Z])/)) {
    const last = lines.at(-1);
    if (last !== undefined && (last + part).trimEnd().length <= WIDEST) lines[lines.length - 1] = last + part;
    else lines.push(part);
  }
  const shown = lines.slice(0, LINES).map((line) => line.trim());
  return shown.map((line, index) => {
    const isCut = line.length > WIDEST || (index === LINES - 1 && lines.length > LINES);
    return isCut ? `${line.slice(0, WIDEST - 1)}…` : line;
  });
}
