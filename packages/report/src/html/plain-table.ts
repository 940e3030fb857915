import { escapeHtml } from "./escape-html.ts";

/** A column: its label, and the markup of its cell in a row. With `isHeading` its cells are row headings. */
export interface Column<Row> {
  readonly label: string;
  readonly isHeading?: boolean;
  markup(row: Row): string;
}

/** A table that needs no script, row by row. On a narrow screen each row is a block, whose cells stand below one another behind their labels. */
export function* plainTable<Row>(columns: readonly Column<Row>[], rows: readonly Row[]): Iterable<string> {
  const heads = columns.map(({ label }) => `<th scope="col">${escapeHtml(label)}</th>`).join("");
  yield `<div class="scroll"><table class="stacked"><thead><tr>${heads}</tr></thead><tbody>`;
  for (const row of rows) {
    const cells = columns.map(({ label, isHeading = false, markup }) => {
      const [open, close] = isHeading ? ['th scope="row"', "th"] : ["td", "td"];
      return `<${open} data-label="${escapeHtml(label)}">${markup(row)}</${close}>`;
    });
    yield `<tr>${cells.join("")}</tr>`;
  }
  yield "</tbody></table></div>";
}
