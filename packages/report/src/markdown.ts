import type { TextTable } from './terminal.ts';

/**
 * `table` as a Markdown table (GitHub Flavored Markdown, section 4.10). What Markdown or HTML would read in a cell is
 * escaped.
 */
export function tableToMarkdown({ columns, rows }: TextTable): string {
  return [
    line(columns.map(({ head }) => escapeCell(head))),
    line(columns.map(({ align }) => (align === 'right' ? '--:' : ':--'))),
    ...rows.map((row) => line(row.map(escapeCell))),
  ].join('');
}

function line(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |\n`;
}

function escapeCell(text: string): string {
  return text
    .replaceAll(/\s+/g, ' ')
    .replaceAll(/[\\|*_`<>[\]~]/g, String.raw`\$&`)
    .replaceAll('&', '&amp;');
}
