import type { Re2 } from "@plimsoll/re2";
import type { ReadyAllowance, ReadyRule } from "./rule-set.ts";
import type { Span } from "./spans.ts";

/** A match of a pattern, with its groups. */
export interface PatternMatch {
  readonly start: number;
  readonly end: number;
  readonly text: string;
  readonly spans: readonly (Span | undefined)[];
  readonly namedSpans: Readonly<Record<string, Span | undefined>>;
}

/** All matches of a pattern in a text, in order. */
export function everyMatch(pattern: Re2, text: string): readonly PatternMatch[] {
  const found: PatternMatch[] = [];
  for (let from = 0; from <= text.length;) {
    const match = pattern.exec(text, from);
    if (match === undefined) break;
    found.push(match);
    from = match.end > match.start ? match.end : match.end + 1;
  }
  return found;
}

/** Which part of a match is the secret; undefined where the group that a rule names took no part. */
export function secretSpan({ rule }: ReadyRule, match: PatternMatch): Span | undefined {
  if (typeof rule.secretGroup === "string") return match.namedSpans[rule.secretGroup];
  if (rule.secretGroup !== undefined) return match.spans[rule.secretGroup];
  return match.spans.slice(1).find((span) => span !== undefined && span.end > span.start) ?? match;
}

/** What allowances look at. */
export interface MatchTexts {
  readonly secret: string;
  readonly match: string;
  line(): string;
}

/** The match as allowances see it: an assignment with the whole of the name that the keyword is part of. */
export function matchOf({ rule }: ReadyRule, text: string, match: PatternMatch): string {
  if (rule.near?.assignment !== true) return match.text;
  let start = match.start;
  while (start > 0 && match.start - start < 40 && /[\w.-]/.test(text.charAt(start - 1))) start--;
  return text.slice(start, match.end);
}

/** The whole lines that a match stands on. */
export function linesAround(text: string, start: number, end: number): string {
  const after = text.indexOf("\n", end);
  return text.slice(start === 0 ? 0 : text.lastIndexOf("\n", start - 1) + 1, after === -1 ? undefined : after);
}

/** Whether a rule has a say about a file of this path at all. */
export function isAbout(ready: ReadyRule | undefined, path: string): boolean {
  if (ready === undefined || ready.path?.test(path) === false) return false;
  return !ready.allowances.some(
    ({ allowance, paths, patterns, stopWords }) =>
      paths.some((pattern) => pattern.test(path)) &&
      (allowance.condition !== "all" ||
        (patterns.length === 0 && stopWords.length === 0 && (allowance.commits ?? []).length === 0)),
  );
}

/** Whether an allowance takes a match out. */
export function allows(
  { allowance, paths, patterns, stopWords }: ReadyAllowance,
  path: string,
  texts: MatchTexts,
): boolean {
  const { target = "secret", condition = "any" } = allowance;
  const holds: boolean[] = [];
  if (paths.length > 0) holds.push(paths.some((pattern) => pattern.test(path)));
  // Outside of a history there are no commits: what is about them holds of nothing.
  if ((allowance.commits ?? []).length > 0) holds.push(false);
  if (patterns.length > 0) {
    const text = target === "secret" ? texts.secret : target === "match" ? texts.match : texts.line();
    holds.push(patterns.some((pattern) => pattern.test(text)));
  }
  if (stopWords.length > 0) {
    const secret = texts.secret.toLowerCase();
    holds.push(stopWords.some((word) => secret.includes(word)));
  }
  return condition === "all" ? holds.length > 0 && holds.every(Boolean) : holds.some(Boolean);
}
