/** One table of the report with what it says. */
export interface Section {
  readonly title: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** Sentences below the table. */
  readonly notes: readonly string[];
  /** A sentence for each gateway that was not measured to the end. */
  readonly failures: readonly string[];
}

/** As Markdown: the same text on a terminal and in the documentation. */
export function sectionText({ title, columns, rows, notes, failures }: Section): string {
  const widths = columns.map((column, index) =>
    Math.max(column.length, ...rows.map(row => row[index]?.length ?? 0)),
  );
  const line = (cells: readonly string[]) =>
    `| ${widths.map((width, index) => pad(cells[index] ?? '', width, index)).join(' | ')} |`;
  const rule = `| ${widths.map((width, index) => (index === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`)).join(' | ')} |`;
  const table = [line(columns), rule, ...rows.map(line)].join('\n');
  return `### ${title}\n\n${table}\n${[...notes, ...failures].map(note => `\n${note}\n`).join('')}`;
}

/** Names to the left, figures to the right. */
function pad(text: string, width: number, index: number): string {
  return index === 0 ? text.padEnd(width) : text.padStart(width);
}
