import { formatLicenseExpression, licenseTerms, parseLicenseExpression } from "../spdx/expression.ts";
import type { LicenseExpression } from "../spdx/expression.ts";
import type { FoundText } from "../texts/find-texts.ts";

/** A licence that a document refers to instead of holding its text. */
export interface FoundNotice extends FoundText {
  /** SPDX id of an exception to the licence. */
  readonly exception?: string;
  /** Only a link was found: it counts only where no sentence names a licence. */
  readonly link: boolean;
  /** The words name no version, and `id` is what they are usually taken for: it counts only where no version is named. */
  readonly vague?: true;
  /** The words name a version of a GNU licence, and neither "only" nor "or later": a notice near by may say. */
  readonly bare?: true;
}

export interface Window {
  readonly found: readonly FoundNotice[];
  readonly readTo: number;
}

export const nothing = (readTo: number): Window => ({ found: [], readTo });

export function terms(expression: string, start: number, end: number): FoundNotice[] {
  const tree = parseLicenseExpression(expression);
  return tree === undefined
    ? []
    : licenseTerms(tree).map((term) => ({ ...listed(term), confidence: 1, start, end, link: false }));
}

/** Combined ids of the SPDX list, which name a licence with its exception. */
const combined: ReadonlyMap<string, string> = new Map([
  ["Autoconf-exception-2.0", "GPL-2.0-with-autoconf-exception"],
  ["Autoconf-exception-3.0", "GPL-3.0-with-autoconf-exception"],
]);

export function listed({ license, plus, exception }: ReturnType<typeof licenseTerms>[number]): {
  id: string;
  exception?: string;
} {
  const id = exception === undefined || !license.startsWith("GPL-") ? undefined : combined.get(exception);
  if (id !== undefined) return { id };
  return { id: plus === true ? `${license}+` : license, ...(exception === undefined ? {} : { exception }) };
}

/** Without comment marks and line ends. */
export function plain(text: string): string {
  // Strings of JSON and of programs hold line ends as two characters.
  const lines = text.includes("\\n") ? text.replaceAll(/\\r?\\?n/g, "\n") : text;
  return lines.replaceAll(/\s*\n[\s*#/;%|!>"'.-]{0,12}(?:dnl |REM )?/g, " ").replaceAll(/[\s"“”`*_]+/g, " ");
}

/** Whether an expression has a `LicenseRef-`, such as that of public domain, for which the SPDX list has no text. */
export function isPublicDomain(expression: LicenseExpression): boolean {
  return formatLicenseExpression(expression).includes("LicenseRef-");
}

/** Words before a name that only mention it. */
const mention =
  /(?:see the|(?:received|obtain|get) a copy of the|copy of the|read the|compatible with the|version of the|text of the|details? (?:see|in) the|under section \d+ of the|terms? of this|meaning of the)\s*(?:gnu\s*)?(?:lesser\s*|library\s*|affero\s*)?$/i;

/** Whether the words before a name only mention it: "see the", "a copy of the". */
export function isMentioned(before: string): boolean {
  return mention.test(before);
}
