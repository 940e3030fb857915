import { displayWidth, wrapText } from "./display-width.ts";

/** One line of a cell: plain text, and how to paint it once it is padded. */
export interface CellLine {
  readonly text: string;
  readonly paint?: (text: string) => string;
  /** Address that the text links to, on terminals that support links (OSC 8). */
  readonly href?: string | undefined;
}

export interface Column {
  readonly heading: string;
  /** Least width, in columns of the terminal. */
  readonly minimum: number;
  /** Greatest width, in columns of the terminal. */
  readonly maximum: number;
}

/** A row of cells. */
export interface Row {
  readonly cells: readonly (readonly CellLine[])[];
  /** How many leading cells continue the row above: left empty, without a rule above them. */
  readonly continued: number;
}

const padding = 3;

/** Rows that are made when they are looked at, twice at most: those of a large report all at once take as much memory as the report. */
export function rowsOf<T>(items: readonly T[], rowOf: (item: T, index: number) => Row): Iterable<Row> {
  return {
    *[Symbol.iterator]() {
      for (const [index, item] of items.entries()) yield rowOf(item, index);
    },
  };
}

/** Draws a box-drawing table no wider than `width` where the columns' minimums allow. The rows are gone through twice. */
export function* drawGrid(columns: readonly Column[], rows: Iterable<Row>, width: number): Iterable<string> {
  const widths = columnWidths(columns, rows, width);
  yield rule(widths, "┌", "┬", "┐", 0);
  const headings = columns.map((column) => [{ text: column.heading }]);
  yield rowText(headings, widths);
  const rules = new Map<number, string>();
  const drawn = widths.map(() => new Map<string, readonly string[]>());
  for (const { continued, cells } of rows) {
    const above = rules.get(continued) ?? rule(widths, "├", "┼", "┤", continued);
    rules.set(continued, above);
    yield above;
    yield rowText(cells, widths, drawn);
  }
  yield rule(widths, "└", "┴", "┘", 0);
}

/** Columns take what their content needs; where that is too much, the widest gives way first. */
function columnWidths(columns: readonly Column[], rows: Iterable<Row>, width: number): number[] {
  const widths = columns.map(({ heading, maximum }) => Math.min(displayWidth(heading), maximum));
  const isFull = (column: Column, index: number): boolean => (widths[index] ?? 0) >= column.maximum;
  for (const { cells } of rows) {
    if (columns.every(isFull)) break;
    for (const [index, column] of columns.entries()) {
      if (isFull(column, index)) continue;
      for (const { text } of cells[index] ?? [])
        widths[index] = Math.min(Math.max(widths[index] ?? 0, displayWidth(text)), column.maximum);
    }
  }
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

/** Lines of cells that are no links, by their text, for each column: what is found is often found many times. */
type DrawnCells = readonly Map<string, readonly string[]>[];
/** How many different texts of a column are kept in the form in which they were drawn. */
const mostDrawn = 1000;

/** The lines of a row, all columns side by side. */
function rowText(
  cells: readonly (readonly CellLine[])[],
  widths: readonly number[],
  drawn: DrawnCells | undefined = undefined,
): string {
  const columns = widths.map((width, index) => columnText(cells[index] ?? [], width, drawn?.[index]));
  const height = Math.max(1, ...columns.map((lines) => lines.length));
  const blank = widths.map((width) => `│ ${" ".repeat(width)} `);
  const pieces: string[] = [];
  for (let at = 0; at < height; at++) {
    for (let index = 0; index < columns.length; index++) {
      const line = columns[index]?.[at];
      if (line === undefined) pieces.push(blank[index] ?? "");
      else pieces.push("│ ", line, " ");
    }
    pieces.push("│\n");
  }
  // In one go: a text that is put together bit by bit is put together a second time when it is written.
  return pieces.join("");
}

/** The lines of a cell, each as wide as its column. */
function columnText(
  cell: readonly CellLine[],
  width: number,
  drawn: Map<string, readonly string[]> | undefined,
): readonly string[] {
  const lines: string[] = [];
  for (const { text, paint, href } of cell) {
    const known = href === undefined ? drawn?.get(text) : undefined;
    const padded = known ?? paddedLines(text, width, href);
    if (known === undefined && href === undefined && drawn !== undefined && drawn.size < mostDrawn)
      drawn.set(text, padded);
    for (const line of padded) lines.push(paint === undefined ? line : paint(line));
  }
  return lines;
}

function paddedLines(text: string, width: number, href: string | undefined): readonly string[] {
  return wrapText(text, width).map((line) => linked(line, href) + " ".repeat(Math.max(0, width - displayWidth(line))));
}
