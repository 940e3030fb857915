import { displayWidth, wrapText } from "./display-width.ts";

/** One line of a cell: plain text, and how to paint it once it is padded. */
export interface CellLine {
  readonly text: string;
  readonly paint?: (text: string) => string;
  /** Where a click on it leads, on terminals that have links (OSC 8). */
  readonly href?: string | undefined;
}

export interface Column {
  readonly heading: string;
  /** Never narrower than this, however narrow the terminal is. */
  readonly minimum: number;
  /** Never wider than this, however wide the content is. */
  readonly maximum: number;
}

/** A row of cells; `joined` ones leave out the rule between this row and the one above. */
export interface Row {
  readonly cells: readonly (readonly CellLine[])[];
  /** How many leading cells continue the row above: left empty, without a rule above them. */
  readonly continued: number;
}

const padding = 3;

/** Draws a box-drawing table no wider than `width` where the columns' minimums allow. */
export function* drawGrid(columns: readonly Column[], rows: readonly Row[], width: number): Iterable<string> {
  const widths = columnWidths(columns, rows, width);
  yield rule(widths, "┌", "┬", "┐", 0);
  const headings = columns.map((column) => [{ text: column.heading }]);
  yield* drawRow(headings, widths);
  for (const row of rows) {
    yield rule(widths, "├", "┼", "┤", row.continued);
    yield* drawRow(row.cells, widths);
  }
  yield rule(widths, "└", "┴", "┘", 0);
}

/** Columns take what their content needs; where that is too much, the widest gives way first. */
function columnWidths(columns: readonly Column[], rows: readonly Row[], width: number): number[] {
  const widths = columns.map((column, index) => {
    const needed = rows.reduce(
      (most, row) => Math.max(most, ...(row.cells[index] ?? []).map((line) => displayWidth(line.text))),
      displayWidth(column.heading),
    );
    return Math.min(needed, column.maximum);
  });
  const room = width - 1 - columns.length * padding;
  let excess = widths.reduce((sum, each) => sum + each, 0) - room;
  while (excess > 0) {
    let widest = -1;
    for (const [index, column] of columns.entries()) {
      const spare = (widths[index] ?? 0) - column.minimum;
      if (spare > 0 && (widest < 0 || (widths[index] ?? 0) > (widths[widest] ?? 0))) widest = index;
    }
    if (widest < 0) break;
    widths[widest] = (widths[widest] ?? 0) - 1;
    excess--;
  }
  return widths;
}

function rule(widths: readonly number[], left: string, middle: string, right: string, continued: number): string {
  const parts = widths.map((width, index) => (index < continued ? " " : "─").repeat(width + 2));
  const start = continued > 0 ? "│" : left;
  return `${parts.reduce((line, part, index) => {
    if (index === 0) return start + part;
    const joint = index < continued ? "│" : index === continued && continued > 0 ? "├" : middle;
    return line + joint + part;
  }, "")}${right}\n`;
}

/** A link of the terminal: OSC 8, the address, the text, OSC 8 without address. What is no plain address is left out. */
function linked(text: string, href: string | undefined): string {
  if (href === undefined || text === "" || !/^https:\/\/[\x21-\x7e]+$/.test(href)) return text;
  return `\u001b]8;;${href}\u001b\\${text}\u001b]8;;\u001b\\`;
}

function* drawRow(cells: readonly (readonly CellLine[])[], widths: readonly number[]): Iterable<string> {
  const wrapped = widths.map((width, index) =>
    (cells[index] ?? []).flatMap(({ text, paint, href }) =>
      wrapText(text, width).map((line) => ({ line, paint, href })),
    ),
  );
  const height = Math.max(1, ...wrapped.map((lines) => lines.length));
  for (let at = 0; at < height; at++) {
    const parts = widths.map((width, index) => {
      const { line = "", paint, href } = wrapped[index]?.[at] ?? {};
      const padded = linked(line, href) + " ".repeat(Math.max(0, width - displayWidth(line)));
      return ` ${paint === undefined ? padded : paint(padded)} `;
    });
    yield `│${parts.join("│")}│\n`;
  }
}
