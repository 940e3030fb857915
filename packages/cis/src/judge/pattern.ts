import { compile } from "@plimsoll/re2";

/** A match: the groups of its pattern, the match itself first. */
export interface PatternMatch {
  readonly index: number;
  readonly groups: readonly (string | undefined)[];
}

/** A compiled RE2 pattern; matching takes time linear in the text. */
export interface Matcher {
  /** The first match from an index on; `^` still refers to the beginning of the whole text. */
  exec(text: string, from?: number): PatternMatch | undefined;
  test(text: string): boolean;
}

const kept = new Map<string, Matcher>();
const mostKept = 200;

/** Compiles a pattern in Go's syntax. @throws SyntaxError for an invalid one. */
export function matcherFor(pattern: string): Matcher {
  const known = kept.get(pattern);
  if (known !== undefined) return known;
  const matcher = compile(pattern);
  // Benchmarks ask for the same flags again and again.
  if (kept.size >= mostKept) kept.clear();
  kept.set(pattern, matcher);
  return matcher;
}
