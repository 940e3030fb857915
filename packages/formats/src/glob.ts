/** The most characters of a glob. A longer one is a mistake or an attack. */
const maxLength = 1024;

/**
 * Compiles a glob: `*` within a path segment, `**` across segments, `?` one character, everything else itself. A leading slash does not count,
 * neither in the glob nor in the path. A glob of a directory covers what is under it when it ends in `/`.
 * Matching takes at most length of glob times length of path, whatever they are.
 */
export function compileGlob(glob: string): (path: string) => boolean {
  if (glob.length > maxLength) return () => false;
  const trimmed = glob.replace(/^\/+/, "");
  const tokens = tokenize(trimmed.endsWith("/") ? `${trimmed}**` : trimmed);
  return (path) => matches(tokens, path.replace(/^\/+/, ""));
}

type Token =
  | { readonly kind: "text"; readonly char: string }
  | { readonly kind: "one" }
  | { readonly kind: "segment" }
  /** `**` before a slash: whole segments, or none. */
  | { readonly kind: "segments" }
  | { readonly kind: "any" };

function tokenize(glob: string): readonly Token[] {
  const tokens: Token[] = [];
  for (let at = 0; at < glob.length; at++) {
    const char = glob[at] ?? "";
    if (char === "*" && glob[at + 1] === "*") {
      const whole = glob[at + 2] === "/" && (at === 0 || glob[at - 1] === "/");
      tokens.push({ kind: whole ? "segments" : "any" });
      at += whole ? 2 : 1;
    } else if (char === "*") tokens.push({ kind: "segment" });
    else if (char === "?") tokens.push({ kind: "one" });
    else tokens.push({ kind: "text", char });
  }
  return tokens;
}

/** Whether a path matches. All possible positions in the glob are followed side by side, so that nothing is tried twice. */
function matches(tokens: readonly Token[], path: string): boolean {
  let states = closure(tokens, new Set([0]), true);
  for (let at = 0; at < path.length && states.size > 0; at++) {
    const char = path[at] ?? "";
    const next = new Set<number>();
    for (const state of states) {
      const token = tokens[state];
      if (token === undefined) continue;
      if (token.kind === "any" || token.kind === "segments" || (token.kind === "segment" && char !== "/"))
        next.add(state);
      else if ((token.kind === "text" && token.char === char) || (token.kind === "one" && char !== "/"))
        next.add(state + 1);
    }
    states = closure(tokens, next, char === "/");
  }
  return states.has(tokens.length);
}

/** Adds the positions that are reached without reading a character: a star may stand for nothing, and `**` before a slash for no segment. */
function closure(tokens: readonly Token[], states: Set<number>, atSegmentStart: boolean): Set<number> {
  for (const state of states) {
    const kind = tokens[state]?.kind;
    if (kind === "segment" || kind === "any" || (kind === "segments" && atSegmentStart)) states.add(state + 1);
  }
  return states;
}
