import { ValueList, type CelValue } from "../../values.ts";
import { method, type CelCall, type CelFunction } from "../define.ts";
import { patternOf, spendOnMatch } from "../strings.ts";

function find(call: CelCall, text: string, pattern: string): string {
  spendOnMatch(call, text, pattern);
  return patternOf(pattern).exec(text)?.text ?? "";
}

function findAll(call: CelCall, text: string, pattern: string, limit = -1n): ValueList {
  spendOnMatch(call, text, pattern);
  const compiled = patternOf(pattern);
  const found: CelValue[] = [];
  let from = 0;
  let lastEnd = -1;
  while (from <= text.length && (limit < 0n || found.length < limit)) {
    const match = compiled.exec(text, from);
    if (match === undefined) break;
    call.spend(1 + match.text.length / 10);
    const isEmpty = match.start === match.end;
    // As in Go's FindAll, an empty match right after another match does not count.
    if (!isEmpty || match.start !== lastEnd) found.push(match.text);
    lastEnd = match.end;
    // An empty match must not be found again at the same place, nor between the halves of a surrogate pair.
    from = isEmpty ? match.end + String.fromCodePoint(text.codePointAt(match.end) ?? 0).length : match.end;
  }
  return new ValueList(found);
}

/** Searches by RE2 pattern (Kubernetes' CEL library `regex`). */
export const patternFunctions: readonly CelFunction[] = [
  method("find", ["string", "string"], "string", find),
  method("findAll", ["string", "string"], "list(string)", (call, text, pattern) => findAll(call, text, pattern)),
  method("findAll", ["string", "string", "int"], "list(string)", findAll),
];
