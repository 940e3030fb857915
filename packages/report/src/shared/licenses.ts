import { parseSpdxExpression } from "@plimsoll/formats";

/** What a licence text is: an id of the SPDX list, an expression made of such ids, or free text. */
export type License =
  | { readonly kind: "id"; readonly text: string }
  | { readonly kind: "expression"; readonly text: string }
  | { readonly kind: "name"; readonly text: string };

/** Longer texts are no expressions; reading them would only cost time. */
const maxExpression = 1000;
const known = new Map<string, License["kind"]>();

/** Classifies a licence text strictly by the SPDX list and grammar (SPDX 2.3 annex D), without guessing. */
export function licenseOf(text: string): License {
  const trimmed = text.trim();
  if (trimmed.length > maxExpression) return { kind: "name", text };
  let kind = known.get(trimmed);
  if (kind === undefined) {
    kind = kindOf(trimmed);
    if (known.size >= 10_000) known.clear();
    known.set(trimmed, kind);
  }
  return kind === "name" ? { kind, text } : { kind, text: trimmed };
}

function kindOf(text: string): License["kind"] {
  const tree = parseSpdxExpression(text);
  if (tree === undefined) return "name";
  return "license" in tree &&
    tree.plus !== true &&
    tree.exception === undefined &&
    !text.includes("LicenseRef-") &&
    tree.license === text
    ? "id"
    : "expression";
}
