import { isRecord } from "@plimsoll/formats";
/** Characters that JSON allows in strings but that act on a terminal, turn text around, or begin a command in the log of a build. */
const acting = /[\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]|#(?=#(?:\[|vso\[))/gi;

/**
 * JSON, indented by `indent` spaces and each further line by `margin`. Characters that act on terminals are written
 * as escapes, which mean the same to every JSON reader (RFC 8259 §7).
 */
export function jsonText(value: unknown, indent = 2, margin = ""): string {
  const text = JSON.stringify(value, undefined, indent) ?? "null";
  const safe = text.replace(acting, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`);
  return margin === "" ? safe : safe.replaceAll("\n", `\n${margin}`);
}

/**
 * One JSON object in pieces: arrays are written element by element, so that a large document is never one string.
 * @param shown What is written of a member, or of each element of one that is a list.
 */
export function* streamObject(
  object: Readonly<Record<string, unknown>>,
  shown: (value: unknown, name: string) => unknown = (value) => value,
): Iterable<string> {
  let separator = "{";
  for (const [key, value] of Object.entries(object)) {
    if (value === undefined) continue;
    yield `${separator}\n  ${jsonText(key)}: `;
    separator = ",";
    if (Array.isArray(value) && value.length > 0) yield* streamArray(value, (element) => shown(element, key));
    else yield jsonText(shown(value, key), 2, "  ");
  }
  yield separator === "{" ? "{}\n" : "\n}\n";
}

function* streamArray(elements: readonly unknown[], shown: (element: unknown) => unknown): Iterable<string> {
  let separator = "[";
  for (const element of elements) {
    yield `${separator}\n    ${jsonText(shown(element), 2, "    ")}`;
    separator = ",";
  }
  yield "\n  ]";
}

/** JSON with sorted keys and no white space: equal data, equal text. */
export function stableJson(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) =>
    isRecord(part) ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))) : part,
  );
}
