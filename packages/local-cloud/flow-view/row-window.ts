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
