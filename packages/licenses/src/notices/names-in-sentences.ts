import { formatLicenseExpression } from "../spdx/expression.ts";
import { beginsName } from "../statements/known-names.ts";
import { readStatement } from "../statements/normalize-statement.ts";
import { isPublicDomain, terms } from "./notice.ts";
import type { FoundNotice } from "./notice.ts";

/** Names of licences hold no more words than this; lists of two or three neither. */
const maxNameWords = 22;

/** The licence that a text begins with: the longest run of its first words that is a name or a list of names. */
export function prefixOf(text: string): Named | undefined {
  const sentence =
    text
      .replace(/\bv\.\s(?=\d)/i, "v")
      .replace(/,? either (?=version \d)/i, " ")
      .split(
        /[.;:](?=\s|$)|\s[-–—]\s|\(the\b|\((?=["“])|, which|, you\b| you may| which | that | as published| in the hope| license that|<http|https?:/i,
        1,
      )[0] ?? "";
  const words = sentence.trim().split(/\s+/).slice(0, maxNameWords);
  if (!beginsName(words[0] ?? "", words[1] ?? "")) return undefined;
  for (let count = words.length; count > 0; count--) {
    const name = words
      .slice(0, count)
      .join(" ")
      .replace(/[\s,(]+$/, "");
    if (name.length < 3) continue;
    const expression = remembered(name);
    if (expression !== undefined) return isPublicDomain(expression) ? undefined : { name, expression };
  }
  return undefined;
}

/** A licence, or a list of them, and the words that name it. */
export interface Named {
  readonly name: string;
  readonly expression: NonNullable<ReturnType<typeof readStatement>>;
}

export function termsOf({ name, expression }: Named, start: number, end: number): FoundNotice[] {
  const vague = !/\d/.test(name);
  const open = !/\bonly\b/i.test(name);
  return terms(formatLicenseExpression(expression), start, end).map((notice) => ({
    ...notice,
    ...(vague && /-\d/.test(notice.id) ? { vague } : {}),
    ...(open && notice.id.endsWith("-only") ? { bare: open } : {}),
  }));
}

const read = new Map<string, ReturnType<typeof readStatement>>();

/** Files of one project repeat the same notices. */
export function remembered(name: string): ReturnType<typeof readStatement> {
  if (read.has(name)) return read.get(name);
  if (read.size >= 5_000) read.clear();
  const expression = readStatement(name);
  read.set(name, expression);
  return expression;
}
