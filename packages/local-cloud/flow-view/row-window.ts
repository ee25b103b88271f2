/** Returns the range of rows to render: the visible ones, and some on either side. */
export function rowWindow(
  rows: number,
  rowHeight: number,
  scrolled: number,
  height: number,
): { first: number; end: number } {
  const around = 8;
  const first = Math.max(0, Math.min(rows, Math.floor(scrolled / rowHeight)) - around);
  const end = Math.min(rows, Math.ceil((scrolled + height) / rowHeight) + around);
  return { first, end };
}

/** Returns the row to which a key moves the focus; `undefined` if it moves nothing. */
export function rowAfterKey(key: string, row: number, rows: number, page: number): number | undefined {
  const moves: Readonly<Record<string, number>> = {
    ArrowDown: row + 1,
    ArrowUp: row - 1,
    PageDown: row + page,
    PageUp: row - page,
    Home: 0,
    End: rows - 1,
  };
  const next = moves[key];
  return next === undefined || rows === 0 ? undefined : Math.max(0, Math.min(rows - 1, next));
}
