import type { AnyConfigDocument } from "@plimsoll/configs";
import { pathSegments } from "@plimsoll/formats";
import type { Change } from "./change.ts";
import { textPlaces } from "./text-places.ts";

/** Why a change must not be made; undefined when it may be made. */
export function refusal(document: AnyConfigDocument, change: Change): string | undefined {
  if (change.kind === "replace") return undefined;
  const places = textPlaces(document);
  if (places.isTemplate) return "the file is a template";
  const ranges = places.along(pathSegments(change.path));
  for (let length = 1; length < ranges.length; length += 1) {
    const [outer, inner] = [ranges[length - 1], ranges[length]];
    if (inner === undefined || outer === undefined) return undefined;
    if (inner.line < outer.line || inner.endLine > outer.endLine) return "it is shared by an alias";
    const head = places.line(inner.line).slice(inner.column - 1);
    if (places.isAnchored(inner)) return "it is shared by an anchor";
    if (/^[^\s:]+:\s+[&*]/.test(head) || /^-?\s*[&*]\w/.test(head)) return "it is shared by an anchor";
  }
  return undefined;
}
