import { FormatError } from "../format-error.ts";
import type { Pages } from "./pages.ts";
import { localBytes, maxDepth, pageTypes, problem, readPayload, TreePage } from "./tree-page.ts";
import { readVarint } from "./varint.ts";

/** A row that is not taken apart yet. */
export interface TableCell {
  readonly rowid: number;
  readonly payload: Uint8Array;
}

/**
 * The cells of a table tree (fileformat2 §1.6). Each page is visited once, whichever part of the tree points at it,
 * so that neither cycles nor shared pages make more of the file than is in it.
 */
export function* walkTable(
  pages: Pages,
  root: number,
  onProblem: (problem: FormatError) => void,
): Generator<TableCell> {
  const visited = new Set<number>();
  // Last in, first out: children are pushed in reverse.
  const open = [{ number: root, depth: 0 }];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { number, depth } = next;
    const bytes = pages.page(number);
    if (bytes === undefined) onProblem(problem("truncated", `page ${number} lies behind the end of the file`));
    else if (visited.has(number)) onProblem(problem("malformed", `page ${number} is in the tree twice`));
    else {
      visited.add(number);
      const page = new TreePage(bytes, number);
      if (page.type === pageTypes.tableLeaf) yield* readLeaf(pages, page, visited, onProblem);
      else if (page.type !== pageTypes.tableInterior)
        onProblem(problem("malformed", `page ${number} is not part of a table`));
      else if (depth >= maxDepth) onProblem(problem("limit-exceeded", "the tree is too deep"));
      else for (const child of page.children().reverse()) open.push({ number: child, depth: depth + 1 });
    }
  }
}

function* readLeaf(
  pages: Pages,
  page: TreePage,
  visited: Set<number>,
  onProblem: (problem: FormatError) => void,
): Generator<TableCell> {
  // Cells of a sound page do not overlap.
  let room = page.bytes.length;
  const seen = new Set<number>();
  for (const at of page.cells()) {
    const length = readVarint(page.bytes, at);
    const rowid = length === undefined ? undefined : readVarint(page.bytes, length.end);
    if (length === undefined || rowid === undefined) {
      onProblem(problem("malformed", `a cell of page ${page.number} cannot be read`));
      continue;
    }
    room -= localBytes(pages.usable, length.value, pageTypes.tableLeaf);
    if (seen.has(at) || room < 0) {
      onProblem(problem("malformed", `cells of page ${page.number} overlap`));
      return;
    }
    seen.add(at);
    const payload = readPayload(pages, page, rowid.end, length.value, visited);
    if (payload instanceof FormatError) onProblem(payload);
    else yield { rowid: rowid.value, payload };
  }
}
