/** A parsed pattern as the source of a JavaScript pattern (flag `u`, no others) that matches the same. */

import { setSource } from "./code-points.ts";
import type { AssertedPlace, RepeatNode, SyntaxNode } from "./syntax-tree.ts";

const places: Readonly<Record<AssertedPlace, string>> = {
  "text-start": "^",
  "text-end": "$",
  // JavaScript's flag `m` also ends a line at a carriage return and at U+2028; RE2's only at a line feed.
  "line-start": "(?<![^\\n])",
  "line-end": "(?![^\\n])",
  // Without the flag `i`, `\b` is about ASCII here as it is in RE2.
  "word-boundary": "\\b",
  "no-word-boundary": "\\B",
};

/**
 * Source of the JavaScript pattern. A loop in `guarded` matches only where the character before is not one of its own:
 * see `linear.ts` for when that changes nothing.
 */
export function translate(node: SyntaxNode, guarded: ReadonlySet<SyntaxNode> = new Set()): string {
  switch (node.kind) {
    case "set":
      return setSource(node.set);
    case "assert":
      return places[node.place];
    case "capture":
      return `(${translate(node.body, guarded)})`;
    case "sequence":
      return node.items
        .map((item) => (item.kind === "choice" ? `(?:${translate(item, guarded)})` : translate(item, guarded)))
        .join("");
    case "choice":
      return node.items.map((item) => translate(item, guarded)).join("|");
    case "repeat":
      return (guarded.has(node) ? guard(node) : "") + atom(node.body, guarded) + count(node);
  }
}

/** Only repetitions of sets are guarded. */
function guard({ body }: RepeatNode): string {
  return body.kind === "set" ? `(?<!${setSource(body.set)})` : "";
}

function atom(node: SyntaxNode, guarded: ReadonlySet<SyntaxNode>): string {
  const source = translate(node, guarded);
  return node.kind === "set" || node.kind === "capture" ? source : `(?:${source})`;
}

function count({ min, max, greedy }: RepeatNode): string {
  const lazy = greedy ? "" : "?";
  if (max === Infinity) return (min === 0 ? "*" : min === 1 ? "+" : `{${min},}`) + lazy;
  if (min === 0 && max === 1) return `?${lazy}`;
  return (min === max ? `{${min}}` : `{${min},${max}}`) + lazy;
}
