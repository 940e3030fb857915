/**
 * Whether a text matches a shell pattern: `*`, `?`, `[a-z]`, `[!a]`; a backslash makes the next character itself. Costs at most the product
 * of both lengths.
 */
export function matchesShellPattern(pattern: string, text: string): boolean {
  let at = 0;
  let p = 0;
  let star = -1;
  let resume = 0;
  while (at < text.length) {
    const end = p < pattern.length && pattern[p] !== "*" ? behindMatch(pattern, p, text[at] ?? "") : -1;
    if (end !== -1) {
      p = end;
      at++;
    } else if (pattern[p] === "*") {
      star = p++;
      resume = at;
    } else if (star !== -1) {
      p = star + 1;
      at = ++resume;
    } else return false;
  }
  while (pattern[p] === "*") p++;
  return p === pattern.length;
}

/** Behind the one-character pattern at a place when it matches, else -1. */
function behindMatch(pattern: string, at: number, char: string): number {
  const first = pattern[at];
  if (first === "?") return at + 1;
  if (first === "\\" && at + 1 < pattern.length) return pattern[at + 1] === char ? at + 2 : -1;
  if (first === "[") {
    const negated = pattern[at + 1] === "!" || pattern[at + 1] === "^";
    const start = at + (negated ? 2 : 1);
    const end = pattern.indexOf("]", start + 1);
    if (end !== -1) {
      let found = false;
      for (let i = start; i < end; i++) {
        const from = pattern[i] ?? "";
        if (pattern[i + 1] === "-" && i + 2 < end) {
          found ||= char >= from && char <= (pattern[i + 2] ?? "");
          i += 2;
        } else found ||= char === from;
      }
      return found === negated ? -1 : end + 1;
    }
  }
  return first === char ? at + 1 : -1;
}

export function hasWildcard(text: string): boolean {
  return /[*?[]/.test(text);
}
