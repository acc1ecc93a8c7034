import { printableLine } from '../../kernel/index.ts';

/** kubectl's tabwriter: three spaces between columns, a column is at least six wide, the last one is not padded. */
const PADDING = 3;
const MIN_WIDTH = 6;

/** Lines of a table, each ended by a newline; no rows and no header give ''. */
export function formatTable(
  header: readonly string[] | undefined,
  rows: readonly (readonly string[])[],
): string {
  const shown = rows.map(row => row.map(printableLine));
  const lines = header === undefined ? shown : [header, ...shown];
  const widths: number[] = [];
  for (const line of lines)
    line.forEach((cell, column) => {
      widths[column] = Math.max(widths[column] ?? MIN_WIDTH, cell.length + PADDING);
    });
  return lines
    .map(line =>
      line.map((cell, column) => (column === line.length - 1 ? cell : cell.padEnd(widths[column] ?? 0))),
    )
    .map(cells => `${cells.join('')}\n`)
    .join('');
}
