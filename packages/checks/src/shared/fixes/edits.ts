import type { AnyConfigDocument } from "@plimsoll/configs";
import { pathSegments } from "@plimsoll/formats";
import { asObject, member } from "@plimsoll/kubernetes";
import { refusal } from "./refusal.ts";
import type { TextEdit } from "@plimsoll/model";
import type { Change } from "./change.ts";
import { memberEdit, removalEdits } from "./member-edits.ts";

/**
 * The edits of the text that make the changes; undefined when one of them cannot be written without guessing.
 * @param among All changes that are made, of which these are a part.
 */
export function editsOf(
  document: AnyConfigDocument,
  changes: readonly Change[],
  among: readonly Change[] = changes,
): readonly TextEdit[] | undefined {
  const edits: TextEdit[] = [];
  for (const change of changes) {
    // A template's text is not what will be there, and what is shared would change elsewhere, too.
    if (refusal(document, change) !== undefined) return undefined;
    const made = editsOfChange(document, change, among);
    if (made === undefined) return undefined;
    edits.push(...made);
  }
  return edits.length === 0 && among === changes ? undefined : edits;
}

function editsOfChange(
  document: AnyConfigDocument,
  change: Change,
  among: readonly Change[],
): readonly TextEdit[] | undefined {
  switch (change.kind) {
    case "replace": {
      const range = document.at(["instructions", change.instruction]);
      if (range === undefined || document.format === "image-config") return undefined;
      // An instruction over several lines would lose its breaks.
      if (range.endLine !== range.line) return undefined;
      const { line, column, endLine, endColumn } = range;
      return [
        {
          path: document.path,
          start: { line, column },
          end: { line: endLine, column: endColumn },
          text: change.text,
        },
      ];
    }
    case "set": {
      const edit = memberEdit(document, change.path, change.value);
      return edit === undefined ? undefined : [edit];
    }
    case "remove": {
      const steps = pathSegments(change.path);
      const parent = steps.slice(0, -1);
      const gone = new Set(
        among.flatMap((each) => (each.kind === "remove" ? [JSON.stringify(pathSegments(each.path))] : [])),
      );
      const isFilled = among.some(
        (each) =>
          each.kind === "set" &&
          JSON.stringify(pathSegments(each.path).slice(0, parent.length)) === JSON.stringify(parent),
      );
      const isGone = (key: string | number): boolean => gone.has(JSON.stringify([...parent, key]));
      const names = Object.keys(asObject(member(document.value, ...parent)) ?? {});
      // `capabilities:` with nothing behind it would be null, which means something else than an empty mapping.
      if (!isFilled && parent.length > 0 && names.length > 0 && names.every(isGone)) {
        if (names[0] !== steps.at(-1)) return [];
        const edit = memberEdit(document, parent, {});
        return edit === undefined ? undefined : [edit];
      }
      return removalEdits(document, change.path, isGone);
    }
  }
}
