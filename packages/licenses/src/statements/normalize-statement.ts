import { combine, formatLicenseExpression, parseLicenseExpression, termOf } from "../spdx/expression.ts";
import type { LicenseExpression } from "../spdx/expression.ts";
import { bsdLicense, creativeCommonsLicense } from "./bsd-and-creative-commons.ts";
import { namedException } from "./exception-names.ts";
import { isOpenClassifier, knownName } from "./known-names.ts";
import { families, versionOfFamily } from "./license-families.ts";
import { expressionOfLink } from "./license-links.ts";
import { splitStatement } from "./split-statement.ts";
import { nameWords } from "./words.ts";

/** Longer statements are texts, or hostile. */
const maxStatement = 4_000;
const maxDepth = 10;

/**
 * Returns the SPDX expression for a licence as package metadata states it: an expression in any case, the name of a licence, a short name of
 * Debian or Fedora, a trove classifier, a link, or several of these joined by "and", "or", commas and slashes. Returns undefined if any part of it
 * is not known, since a wrong licence is worse than none.
 * @example
 * normalizeStatement("BSD-3-clause or Apache 2"); // "BSD-3-Clause OR Apache-2.0"
 */
export function normalizeStatement(text: string): string | undefined {
  const expression = readStatement(text);
  return expression === undefined ? undefined : formatLicenseExpression(expression);
}

/** As {@link normalizeStatement}, but returns a tree. */
export function readStatement(text: string): LicenseExpression | undefined {
  if (text.length > maxStatement) return parseLicenseExpression(text);
  // `Dual BSD/GPL` of modules of Linux.
  return readCleaned(clean(text).replace(/^dual\s(?=\w[\w.-]{1,12}\/\w)/i, ""), 0);
}

/** Replaces each run of white space, control characters, quotes and HTML entities by one space. */
function clean(text: string): string {
  return (
    text
      .replaceAll(/&(?:quot|amp|lt|gt|#39|#34);/g, " ")
      .replaceAll(/[\s\p{C}"'“”‘’`\\]+/gu, " ")
      // R packages name the file of their holders or further terms so: it says nothing of versions.
      .replaceAll(/ ?\+ ?file licen[cs]e(?:\.\w{1,8})?(?= ?(?:$|[|,)]))/gi, "")
      .trim()
  );
}

/** R's bounds of versions (`GPL (> 2)`, `GPL (>= 2, < 4)`) other than "this or later" have no one licence. */
const boundedVersion = /\(\s*(?:[<>]\s*\d|<=|!=|>=[^()]*,\s*<)/;

function readCleaned(text: string, depth: number): LicenseExpression | undefined {
  if (text === "" || depth > maxDepth) return undefined;
  const strict = parseLicenseExpression(text);
  if (strict !== undefined) return strict;
  const whole = readName(text);
  if (whole !== undefined) return whole;
  const parts = splitStatement(text);
  if (parts.length < 2) {
    const inner = /^\((.*)\)$/.exec(text)?.[1];
    return inner === undefined ? undefined : readCleaned(inner.trim(), depth + 1);
  }
  return readParts(text, parts, depth);
}

type Part = ReturnType<typeof splitStatement>[number];
/** `Apache License, Version 2.0` is one name though a comma stands in it: so many parts are tried together. */
const maxJoined = 4;

function readParts(text: string, parts: readonly Part[], depth: number): LicenseExpression | undefined {
  const read: { readonly expression: LicenseExpression; readonly joiner: Part["joiner"] }[] = [];
  for (let at = 0; at < parts.length;) {
    let taken = 0;
    for (let count = Math.min(maxJoined, parts.length - at); count > 0 && taken === 0; count--) {
      const first = parts[at];
      const last = parts[at + count - 1];
      if (first === undefined || last === undefined || (at === 0 && count === parts.length)) continue;
      const piece = text.slice(first.start, last.end);
      const expression = count === 1 && piece.length < text.length ? readCleaned(piece, depth + 1) : readName(piece);
      if (expression === undefined) continue;
      read.push({ expression, joiner: first.joiner });
      taken = count;
    }
    if (taken === 0) return undefined;
    at += taken;
  }
  return joinParts(text, read);
}

/** `and` binds closer than `or`; commas and slashes mean what the other words of the list mean. */
function joinParts(
  text: string,
  read: readonly { readonly expression: LicenseExpression; readonly joiner: Part["joiner"] }[],
): LicenseExpression {
  const hasOr = read.some(({ joiner }, index) => index > 0 && joiner === "or");
  const hasAnd = read.some(({ joiner }, index) => index > 0 && joiner === "and");
  const dual = isDual(
    text,
    read.map(({ expression }) => expression),
  );
  const alternatives: LicenseExpression[][] = [[]];
  read.forEach(({ expression, joiner }, index) => {
    const or = index > 0 && (dual || joiner === "or" || joiner === "slash" || (joiner === "list" && hasOr && !hasAnd));
    if (or) alternatives.push([]);
    alternatives.at(-1)?.push(expression);
  });
  return combine(
    "OR",
    alternatives.map((all) => combine("AND", all)),
  );
}

/** Two licences of a "dual license" are alternatives whatever joins them; so is GPL beside CDDL, by those who wrote the latter. */
function isDual(text: string, read: readonly LicenseExpression[]): boolean {
  if (/\bdual\b/i.test(text)) return true;
  const names = read.map(formatLicenseExpression);
  return (
    read.length === 2 && names.some((name) => name.startsWith("CDDL")) && names.some((name) => name.startsWith("GPL"))
  );
}

/** One licence by its name. */
function readName(text: string): LicenseExpression | undefined {
  const plain = stripSurroundings(text);
  if (plain === undefined || boundedVersion.test(plain)) return undefined;
  return (
    readLink(text) ??
    readPlainName(plain) ??
    readWithException(plain) ??
    readParenthesized(plain) ??
    readWithoutTail(plain)
  );
}

/** Without prefixes that say that a licence follows. Undefined for a classifier that names only a family. */
function stripSurroundings(text: string): string | undefined {
  const classifier = /^license\s*::\s*(?:osi approved\s*::\s*)?(.*)$/i.exec(text)?.[1];
  if (classifier !== undefined) return isOpenClassifier(classifier) ? undefined : classifier;
  return text
    .replace(/^[\s,;.:/*-]+|[\s,;:*\]-]+$/g, "")
    .replace(
      /^(?:licen[sc]ed? under|licensed as|dual licen[sc]e consisting of|licenses?\/|public domain, per|©\s*\d{4})\s*/i,
      "",
    )
    .replace(/\s*dual licen[sc]ed?$/i, "")
    .trim();
}

const maxWords = 24;

function readPlainName(text: string): LicenseExpression | undefined {
  const id = /^[\w.+-]+$/.test(text) ? parseLicenseExpression(text) : undefined;
  if (id !== undefined) return id;
  const words = nameWords(text);
  if (words.length === 0 || words.length > maxWords) return undefined;
  const known = knownName(words.join(" "));
  if (known !== undefined) return known === "" ? undefined : parseLicenseExpression(known);
  const found = familyLicense(words) ?? bsdLicense(words) ?? creativeCommonsLicense(words);
  return found === undefined ? undefined : termOf(found);
}

/** Words beside the name and the version of a family that change nothing. */
const noise: ReadonlySet<string> = new Set([
  "gnu",
  "software",
  "project",
  "foundation",
  "open",
  "source",
  "public",
  "free",
  "agreement",
  "style",
  "like",
  "approved",
  "osi",
  "inc",
  "org",
  "terms",
  "see",
  "a",
  "of",
  "for",
  "this",
  "january",
  "february",
  "march",
  "june",
  "july",
  "august",
  "november",
  "october",
  "2004",
  "1991",
  "1999",
  "2003",
  "2007",
  "2017",
  "universal",
  "general",
  "international",
  "standard",
  "http",
  "file",
  "copying",
  "txt",
  "details",
]);
const later =
  /(?:^| )(?:\+|or later|or any later(?: version)?|or newer|or higher|or above|or greater|and later|any later(?: version)?|or at your option any later(?: version)?|at your option any later(?: version)?)(?= |$)/;

function familyLicense(words: readonly string[]): string | undefined {
  const key = words.join(" ");
  const orLater = later.test(key);
  const rest = key
    .replace(later, "")
    .replace(/(?:^| )only(?= |$)/, "")
    .trim();
  const versions = [
    ...new Set(
      rest.split(" ").filter((word) => /^\d/.test(word) && !/^(?:19|20)\d\d$/.test(word) && !isDay(word, rest)),
    ),
  ];
  if (versions.length > 1) return undefined;
  const names = rest.split(" ").filter((word) => !/^\d/.test(word));
  const name = names.join(" ");
  const id = familyByName().get(name) ?? familyOfReduced(names);
  return id === undefined ? undefined : versionOfFamily(id, versions[0], orLater);
}

let byName: ReadonlyMap<string, string> | undefined;

/** Families by every way to write their names: alone, with "GNU", with their abbreviation behind it, without words that say nothing. */
function familyByName(): ReadonlyMap<string, string> {
  if (byName !== undefined) return byName;
  const found = new Map<string, string>();
  for (const { id, names: spellings } of families)
    for (const spelling of spellings)
      for (const name of [
        spelling,
        `gnu ${spelling}`,
        ...spellings.flatMap((other) => [`${spelling} ${other}`, `gnu ${spelling} ${other}`]),
      ])
        if (!found.has(name)) found.set(name, id);
  return (byName = found);
}

interface ReducedName {
  readonly id: string;
  readonly words: readonly string[];
}

let byReducedName: ReadonlyMap<string, readonly ReducedName[]> | undefined;

/** Without words that say nothing, names are compared whose words all are there: "Code Project Open" is CPOL, "code" alone is not. */
function familyOfReduced(names: readonly string[]): string | undefined {
  if (byReducedName === undefined) {
    const found = new Map<string, ReducedName[]>();
    for (const { id, names: spellings } of families)
      for (const spelling of spellings) {
        const reduced = withoutNoise(spelling);
        if (reduced !== undefined)
          found.set(reduced, [...(found.get(reduced) ?? []), { id, words: spelling.split(" ") }]);
      }
    byReducedName = found;
  }
  const known = byReducedName.get(withoutNoise(names.join(" ")) ?? "") ?? [];
  return known.find(({ words }) => words.every((word) => names.includes(word)))?.id;
}

function isDay(word: string, text: string): boolean {
  return (
    /^\d\d?$/.test(word) &&
    new RegExp(
      `(?:^| )${word} (?:january|february|march|april|may|june|july|august|september|october|november|december)`,
    ).test(text)
  );
}

function withoutNoise(name: string): string | undefined {
  const reduced = name
    .split(" ")
    .filter((word) => !noise.has(word))
    .join(" ");
  return reduced === "" || reduced === "library" ? undefined : reduced;
}

const exceptionWords = /\s*(?:,|;)?\s*(?:\b(?:with|w\/|includes)|[-_]with[-_])\s*(?:(?:the|an?)\s+)?/i;

function readWithException(text: string): LicenseExpression | undefined {
  const match = exceptionWords.exec(text);
  if (match === null || match.index === 0) return undefined;
  const license = readPlainName(text.slice(0, match.index).replace(/[\s,;(]+$/, ""));
  if (license === undefined || !("license" in license)) return undefined;
  const exception = namedException(text.slice(match.index + match[0].length).replaceAll(/[-_]/g, "-"), license.license);
  return exception === undefined ? undefined : { ...license, exception };
}

/** A name with another name for it in parentheses: `Academic Free License (AFL-2.1)`. The more exact of the two counts. */
function readParenthesized(text: string): LicenseExpression | undefined {
  const [, outside, inside, behind = ""] = /^([^()]*)\(([^()]*)\)([^()]*)$/.exec(text) ?? [];
  if (outside === undefined || inside === undefined) return undefined;
  const named = readPlainName(`${outside} ${behind}`.trim());
  if (/^(?:https?:|see )/i.test(inside)) return named ?? (/^bsd-derived/i.test(outside) ? readLink(inside) : undefined);
  // `General Public License (GPL) v3`: the version stands behind the abbreviation.
  const versioned = hasVersion(behind) && !hasVersion(inside) ? readPlainName(`${inside} ${behind}`) : undefined;
  const other = versioned ?? readPlainName(inside);
  if (named === undefined)
    return splitStatement(outside).length > 1 ? undefined : (other ?? readPlainName(`${outside} ${inside} ${behind}`));
  if (other === undefined) return named;
  // "Public domain" says nothing that a licence beside it does not say better.
  if ("license" in named && named.license.endsWith("public-domain-disclaimer")) return other;
  return hasVersion(outside + behind) || !hasVersion(inside) ? named : other;
}

function hasVersion(text: string): boolean {
  return /\d/.test(text);
}

/** Notes behind a name: copyright lines, links, "see LICENSE for details". */
function readWithoutTail(text: string): LicenseExpression | undefined {
  const cut = text.search(/[\s.,;/<(–—-]+(?:see\b|copyright\b|©|\(c\)|https?:|all rights)|\s[–—-]\s/i);
  if (cut <= 0) return undefined;
  const head = text.slice(0, cut).replace(/[\s.,;:/<(-]+$/, "");
  return head === "" || head.length === text.length ? undefined : readPlainName(head);
}

/** A link alone, or a licence's name with a link behind it that says the same. */
function readLink(text: string): LicenseExpression | undefined {
  const [, link] = /^<?\s*((?:https?:\/\/)+\S+?)\s*>?$/i.exec(text) ?? [];
  const found = link === undefined ? undefined : expressionOfLink(link);
  return found === undefined ? undefined : parseLicenseExpression(found);
}
