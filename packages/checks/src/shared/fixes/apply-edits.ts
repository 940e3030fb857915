import { TextLines } from "@plimsoll/formats";
import type { TextEdit } from "@plimsoll/model";

interface Placed {
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

/**
 * Applies edits to a text. Insertions at the same place keep their order and go before what is replaced there; an insertion inside of
 * removed text takes its place.
 * @throws {RangeError} for edits that overlap otherwise.
 */
export function applyEdits(text: string, edits: readonly TextEdit[]): string {
  const lines = new TextLines(text);
  const crlf = text.includes("\r\n");
  const placed = edits
    .map((edit): Placed => ({
      text: crlf ? edit.text.replaceAll(/\r?\n/g, "\r\n") : edit.text,
      start: lines.offsetOf(edit.start),
      end: lines.offsetOf(edit.end),
    }))
    .sort((a, b) => a.start - b.start || a.end - b.end);
  const parts: string[] = [];
  let at = 0;
  let inner = 0;
  for (const [index, edit] of placed.entries()) {
    // It stands inside of the edit before, and was taken with that.
    if (index < inner) continue;
    if (edit.start < at) throw new RangeError("edits overlap");
    parts.push(text.slice(at, edit.start));
    const inside: Placed[] = [];
    inner = index + 1;
    for (let next = placed[inner]; next !== undefined && next.start < edit.end; next = placed[inner]) {
      if (next.end !== next.start || edit.text !== "") throw new RangeError("edits overlap");
      inside.push(next);
      inner += 1;
    }
    parts.push(inside.length === 0 ? edit.text : insteadOf(text, edit, inside));
    at = edit.end;
  }
  parts.push(text.slice(at));
  return parts.join("");
}

/** Lines that are inserted into lines that are taken away: with the indentation, and the line break, of those. */
function insteadOf(text: string, { start, end }: Placed, inside: readonly Placed[]): string {
  const indent = text.slice(start, inside[0]?.start ?? start);
  const lineBreak = /\r?\n$/.exec(text.slice(start, end))?.[0] ?? "";
  return `${indent}${inside
    .map((each) => each.text)
    .join("")
    .replace(/\r?\n[ \t]*$/, "")}${lineBreak}`;
}
