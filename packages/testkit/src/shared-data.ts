import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../../../shared/", import.meta.url));
const said = new Set<string>();

/** Absolute path of a file or folder of the optional data beside the repository; undefined, with one line said, when it is absent. */
export function sharedPath(relative: string): string | undefined {
  const path = root + relative;
  if (existsSync(path)) return path;
  if (!said.has(relative)) {
    said.add(relative);
    console.warn(`../shared/${relative} not found: the tests that need it are skipped`);
  }
  return undefined;
}

/** Content of a shared file; undefined when absent. */
export function sharedFile(relative: string): string | undefined {
  const path = sharedPath(relative);
  return path === undefined ? undefined : readFileSync(path, "utf8");
}

/** Rows of a shared CSV file as objects by heading; undefined when absent. */
export function sharedTable(relative: string): Record<string, string>[] | undefined {
  const text = sharedFile(relative);
  if (text === undefined) return undefined;
  const [heading = [], ...rows] = parseCsv(text);
  return rows.map((row) => Object.fromEntries(heading.map((name, column) => [name, row[column] ?? ""])));
}

/** RFC 4180. */
export function parseCsv(text: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  let field = "";
  let quoted = false;
  for (let at = 0; at < text.length; at++) {
    const char = text[at];
    if (quoted) {
      if (char !== '"') field += char;
      else if (text[at + 1] === '"') field += text[++at];
      else quoted = false;
    } else if (char === '"') quoted = true;
    else if (char === ",") {
      row.push(field);
      field = "";
    } else if (char === "\n") {
      row.push(field.endsWith("\r") ? field.slice(0, -1) : field);
      rows.push(row);
      row = [];
      field = "";
    } else field += char;
  }
  if (field !== "" || row.length > 0) rows.push([...row, field]);
  return rows;
}
