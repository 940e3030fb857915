import { parse } from "smol-toml";
import { FormatError } from "../format-error.ts";

/** Nested arrays and inline tables deeper than this are refused. */
const maxDepth = 200;

/**
 * Reads a TOML 1.0 document; integers beyond 2^53 become bigints.
 * @throws FormatError for anything else.
 */
export function parseToml(text: string): Readonly<Record<string, unknown>> {
  try {
    return parse(text, { maxDepth, integersAsBigInt: "asNeeded" });
  } catch (error) {
    const reason = error instanceof Error ? (error.message.split("\n", 1)[0] ?? "") : "not TOML";
    throw new FormatError("toml", "malformed", reason.slice(0, 160), { cause: error });
  }
}

/**
 * Lines, 1-based, of the elements of an array of tables, in order: that of the key `name` where the element has one
 * in its own lines, else that of its header `[[table]]`.
 */
export function tomlTableLines(text: string, table: string): readonly number[] {
  const lines: number[] = [];
  const header = `[[${table}]]`;
  let open = false;
  let number = 1;
  for (let at = 0; at <= text.length; number++) {
    const newline = text.indexOf("\n", at);
    const end = newline === -1 ? text.length : newline;
    if (text.startsWith("[", at)) {
      open = text.startsWith(header, at);
      if (open) lines.push(number);
    } else if (open && /^name\s*=/.test(text.slice(at, Math.min(end, at + 32)))) {
      lines[lines.length - 1] = number;
      open = false;
    }
    at = end + 1;
  }
  return lines;
}
