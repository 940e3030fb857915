/** How the secrets of providers stand in files: as a token that shows by itself, or as a value that is assigned to a name. */

import type { Severity } from "@plimsoll/model";
import type { SecretAllowance, SecretCheckName, SecretRule } from "../../secret-rule.ts";

interface Described {
  readonly id: string;
  readonly aliases?: readonly string[];
  readonly title: string;
  readonly category: string;
  readonly severity: Severity;
  readonly keywords: readonly string[];
  readonly entropy?: number;
  readonly check?: SecretCheckName;
  readonly files?: string;
  readonly allowances?: readonly SecretAllowance[];
  /** What looks like a placeholder is what is looked for. */
  readonly placeholders?: true;
}

/** A secret that shows by a prefix or another mark of its own. */
export interface TokenDescription extends Described {
  /** Form of the secret (RE2). */
  readonly value: string;
  /** What may stand before: no letter, digit or underscore (`word`, the default), or anything. */
  readonly left?: "word" | "any";
  /** What may stand after: what ends a value (`end`, the default), no word character (`word`), or anything. */
  readonly right?: "end" | "word" | "any";
  /** The most bytes of the secret, where it has more than the 500 that most stay below. */
  readonly length?: number;
}

/** Quotes, white space, `;`, an escaped line end or quote (also of JSON in JSON in JSON), or the end of the text. */
export const valueEnd = "(?:[\\x60'\"\\s;]|\\\\{1,3}[nr\"']|$)";

export function token(description: TokenDescription): SecretRule {
  const { value, left = "word", right = "end", length = 500 } = description;
  const after = right === "end" ? valueEnd : right === "word" ? "(?:[^0-9A-Za-z_]|$)" : "";
  return {
    ...common(description),
    pattern: `${left === "word" ? "\\b" : ""}(${value})${after}`,
    secretGroup: 1,
    near: { before: Math.max(80, Math.ceil(length / 2)), after: length + 16 },
  };
}

/** A secret that looks like any other text, and is told by the name it is given. */
export interface AssignmentDescription extends Described {
  /** The names (RE2, alternatives), in any case unless they say otherwise. */
  readonly names: string;
  /** Form of the secret (RE2). */
  readonly value: string;
}

/**
 * What may stand between a name and the sign of assignment: the rest of the name, quotes, brackets, spaces. Quotes may be escaped, as in JSON within
 * a string, and that again.
 */
const restOfName = "[\\w .,\\t-]{0,25}[\\s'\"\\\\\\])]{0,5}";
const sign = "(?:=>|<=|\\?=|:{1,3}=?|\\|\\|:?|[=>,])";
/** Less than a line's end, four spaces and a quote: the next item of a list in Python is no value. */
const openQuote = "(?:[ \\t]?[\\x60'\"\\\\\\s=]{0,5}|[^\\n]{0,5}['\"])";

export function assigned(description: AssignmentDescription): SecretRule {
  const { names, value } = description;
  return {
    ...common(description),
    pattern: `(?i:${names})${restOfName}${sign}${openQuote}(?P<secret>${value})${valueEnd}`,
    secretGroup: "secret",
    near: { before: 40, after: 400, assignment: true },
  };
}

/** A secret with a form of its own: the pattern as it is, its group `secret` or the whole. */
export interface PatternDescription extends Described {
  readonly pattern: string;
  /** How far a match can reach around a keyword; absent: anywhere in the file. */
  readonly near?: { readonly before: number; readonly after: number };
  /** The secret is whichever group took part. */
  readonly groups?: true;
}

export function matching(description: PatternDescription): SecretRule {
  const { pattern, near, groups } = description;
  return {
    ...common(description),
    pattern,
    ...(groups === true ? {} : { secretGroup: pattern.includes("(?P<secret>") ? "secret" : 0 }),
    ...(near === undefined ? {} : { near }),
  };
}

function common(description: Described): Omit<SecretRule, "pattern"> {
  const { id, aliases, title, category, severity, keywords, entropy, check, files, allowances, placeholders } =
    description;
  return {
    id,
    ...(aliases === undefined ? {} : { aliases }),
    title,
    category,
    severity,
    keywords,
    ...(entropy === undefined ? {} : { minEntropy: entropy }),
    ...(check === undefined ? {} : { check }),
    ...(allowances === undefined ? {} : { allowances }),
    ...(files === undefined ? {} : { path: files }),
    ignorePlaceholders: placeholders !== true,
  };
}
