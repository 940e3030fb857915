import { compile } from "@plimsoll/re2";

/** A match: the groups of its pattern, the match itself first. */
export interface PatternMatch {
  readonly index: number;
  readonly groups: readonly (string | undefined)[];
}

/** A pattern with RE2's syntax, ready to look for its first match in time that is linear in the text. */
export interface Matcher {
  /** The first match from a place on; what lies before it is still seen by `^`. */
  exec(text: string, from?: number): PatternMatch | undefined;
  test(text: string): boolean;
}

const kept = new Map<string, Matcher>();
const mostKept = 200;

/** The matcher of a pattern with Go's syntax. @throws SyntaxError when it is none. */
export function matcherFor(pattern: string): Matcher {
  const known = kept.get(pattern);
  if (known !== undefined) return known;
  const matcher = compile(pattern);
  // Benchmarks ask for the same flags again and again.
  if (kept.size >= mostKept) kept.clear();
  kept.set(pattern, matcher);
  return matcher;
}
