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
  /** A link to what words in front of it have named. */
  readonly elsewhere?: true;
  /** A tag of SPDX: it is never just the name of the text behind it. */
  readonly tag?: true;
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

/** What comments put in front of their lines as words: of m4, batch files, Texinfo and Fortran. */
const lineWords = String.raw`(?:(?:dnl|rem|@c)[ \t]{1,8}|c[ \t]{2,8})?`;

/** What stands between two words of a sentence, as the source of an expression that ignores case: a line may end, and comment marks follow. */
export const gap: string = String.raw`(?:\\[nrt]|\s)(?:\\[nrt]|[\s*#/;%|!>"'.:=\\-]){0,24}${lineWords}`;

const lineEnd = new RegExp(String.raw`(?:\s[*#/;%|!=]{1,4})?\s*\n[\s*#/;%|!>"'.:=\\-]{0,12}${lineWords}`, "gi");
const tags = /<\/?(?:a|b|code|em|i|li|p|span|strong|tt|u)(?:\s[^<>]{0,300})?>/gi;

/** Without comment marks, tags and line ends. */
export function plain(text: string): string {
  // Strings of JSON and of programs hold line ends as two characters.
  const lines = text.includes("\\n") ? text.replaceAll(/\\r?\\?n/g, "\n") : text;
  const words = lines.includes("<") ? lines.replaceAll(tags, "") : lines;
  return words.replaceAll(lineEnd, " ").replaceAll(/[\s"“”`*_]+/g, " ");
}

/** Whether an expression has a `LicenseRef-`, such as that of public domain, for which the SPDX list has no text. */
export function isPublicDomain(expression: LicenseExpression): boolean {
  return formatLicenseExpression(expression).includes("LicenseRef-");
}

/** Words before a name that only mention it. */
const mention =
  /(?:see the|(?:received|obtain|get) a copy of the|copy of the|read the|compatible with the|version of the|text of(?: version \d(?:\.\d)? of)? the|details? (?:see|in) the|under section \d+ of(?: the)?|exception to the|terms? of this|meaning of the)\s*(?:gnu\s*)?(?:lesser\s*|library\s*|affero\s*)?$/i;

/** Whether the words before a name only mention it: "see the", "a copy of the". */
export function isMentioned(before: string): boolean {
  return mention.test(before);
}
