/** A pattern with RE2's syntax, ready to look for its first match. */
export interface Matcher {
  exec(text: string): RegExpExecArray | null;
  test(text: string): boolean;
}

/** The matcher of a pattern with Go's syntax. @throws SyntaxError when it is none. */
export function matcherFor(pattern: string): Matcher {
  return pattern.startsWith("(?i)") ? new RegExp(pattern.slice(4), "i") : new RegExp(pattern);
}
