import type { AnyConfigDocument } from "@plimsoll/configs";
import type { TextEdit } from "../../finding.ts";
import type { Change } from "./change.ts";
import { memberEdit, removalEdit } from "./member-edits.ts";

/** The edits of the text that make the changes; undefined when one of them cannot be written without guessing. */
export function editsOf(document: AnyConfigDocument, changes: readonly Change[]): readonly TextEdit[] | undefined {
  const edits: TextEdit[] = [];
  for (const change of changes) {
    const edit = editOf(document, change);
    if (edit === undefined) return undefined;
    edits.push(edit);
  }
  return edits.length === 0 ? undefined : edits;
}

function editOf(document: AnyConfigDocument, change: Change): TextEdit | undefined {
  switch (change.kind) {
    case "replace": {
      const range = document.at(["instructions", change.instruction]);
      if (range === undefined || document.format === "image-config") return undefined;
      // An instruction over several lines would lose its breaks.
      if (range.endLine !== range.line) return undefined;
      const { line, column, endLine, endColumn } = range;
      return {
        path: document.path,
        start: { line, column },
        end: { line: endLine, column: endColumn },
        text: change.text,
      };
    }
    case "set":
      return memberEdit(document, change.path, change.value);
    case "remove":
      return removalEdit(document, change.path);
  }
}
