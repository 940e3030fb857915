import { licenseId } from "../spdx/license-list.ts";
import { isDenied } from "./denials.ts";
import { withException } from "./exceptions.ts";
import { gnuVersion } from "./gnu-versions.ts";
import type { GnuVersion } from "./gnu-versions.ts";
import { prefixOf, termsOf } from "./names-in-sentences.ts";
import { gap, isMentioned, nothing, plain } from "./notice.ts";
import type { FoundNotice, Window } from "./notice.ts";

/** Words before a name that grant by it. */
const grant =
  /(?:under|terms|licen[sc]ed?|licen[sc]e:|releas|distribut|subject|accordance|covered|govern|conditions|redistribut|conforms?|modify|is|or|and|of|following|choice|with|to|alternatively|\(at your option\)|,|:|\/|\()\s*(?:(?:of|the|a|an|either|version|by|in|any|gnu|terms|conditions|and|as|under|both|licen[sc]ed?)\s*){0,8}$/i;

/** Words after a name that grant nothing by it: "GPL-compatible", "… the GNU Lesser General Public License instead". */
const passing = /^(?:-|\s)?(?:in)?compatible\b|^\s{0,2}instead\b(?! of those)/i;

const opening = new RegExp(`^(?:general${gap}public${gap}licen[cs]e|gpl)`, "i");

/** Sentences with which the GNU licences are granted: the family, then the version, in whatever order. */
export function gnu(text: string, from: number, at: number, to: number): Window | undefined {
  const match = opening.exec(text.slice(at, Math.min(to, at + 80)));
  if (match === null) return undefined;
  const head = plain(text.slice(from, at));
  const tail = plain(text.slice(at + match[0].length, to));
  const end = at + match[0].length;
  const abbreviated = /^gpl/i.test(match[0]);
  const kind = abbreviated ? /([al])$/i.exec(head)?.[1]?.toLowerCase() : undefined;
  if (abbreviated && kind === undefined && /\w$/.test(head)) return nothing(end);
  // A quoted word is a word of a program.
  if (abbreviated && /["']/.test(text[at - 1] ?? "") && /["']/.test(text[end] ?? "")) return nothing(end);
  const family =
    kind === "a" || /affero\s*$/i.test(head)
      ? "AGPL"
      : kind === "l" || /(?:lesser|library)(?:\s+gnu)?\s*$/i.test(head)
        ? "LGPL"
        : "GPL";
  const context = head.replace(/(?:[al]|affero|lesser|library(?: or lesser)?|gnu|the|\s|\()*$/i, "");
  const before = kind === undefined ? head : head.slice(0, -1);
  if (isMentioned(before) || passing.test(tail) || isDenied(before))
    return nothing(end + abbreviationLength(text, end));
  const version = gnuVersion(head, tail);
  const stated =
    grant.test(`${context} `) ||
    version?.adjacent === true ||
    /^\s*(?:licen[cs]e)?\s*(?:\(l?gpl\))?\s*(?:family|$)/i.test(tail);
  if (!stated) return nothing(end);
  const id =
    version === undefined ? undefined : licenseId(`${family}-${version.number}-${version.later ? "or-later" : "only"}`);
  const license = id ?? anyVersion(family, head);
  const notice: FoundNotice = {
    ...withException(text, license, from, at, end),
    ...(id === undefined ? { vague: true } : {}),
    ...(version?.later === false && !/^[\s,]*only\b/i.test(tail.slice(version.length)) ? { bare: true } : {}),
  };
  return {
    found: [
      notice,
      ...otherVersion(family, notice, version),
      ...alternative(tail, version, from, at, end),
      ...ahead(context, from, at, end),
    ],
    readTo: end + (version?.length ?? 0),
  };
}

/** `…, version 3 ("GPLv3")` behind a name that is only mentioned: the abbreviation is part of it. */
function abbreviationLength(text: string, end: number): number {
  return (
    /^[\s*#/;%]{0,16}(?:licen[cs]e)?,?[\s*#/;%]{0,16}(?:version\s{1,16}\d(?:\.\d)?)?,?[\s*#/;%]{0,16}\(["“']?[AL]?GPL(?:\s?v?\.?\s?\d(?:\.\d)?)?["”']?\)/i.exec(
      text.slice(end, end + 100),
    )?.[0].length ?? 0
  );
}

/** "either version 2 or (at your option) version 3 of the License": the second of two versions, and no others. */
function otherVersion(family: string, notice: FoundNotice, version: GnuVersion | undefined): readonly FoundNotice[] {
  if (version?.other === undefined) return [];
  const id = licenseId(`${family}-${version.other}-${version.later ? "or-later" : "only"}`);
  return id === undefined ? [] : [{ ...notice, id }];
}

/** Any version of a GNU licence. The first that was called "Lesser" is 2.1. */
function anyVersion(family: string, head: string): string {
  if (family === "AGPL") return "AGPL-3.0-or-later";
  if (family === "GPL") return "GPL-1.0-or-later";
  return /lesser(?:\s+gnu)?\s*$/i.test(head) ? "LGPL-2.1-or-later" : "LGPL-2.0-or-later";
}

/** Licences that have the names of programs. */
const programs =
  /^(?:apache|boost|bzip2?|curl|eclipse|expat|freetype|icu|json|libpng|libtiff|mozilla|ntp|openldap|openssl|perl|php|postgresql|python|ruby|sendmail|tcl|unicode|vim|zend|zlib|zope)\b/i;

/** Words in front of the name of a program that say that its licence is meant. */
const licensing =
  /(?:\b(?:under|licen[cs]ed(?:\sas)?|terms\sof|dual)|\blicen[cs]es?\s?(?:=|is|::?(?:\s?osi[- ]approved\s?::)?))(?:\s(?:an?|both|dual|either|the))*\s?['(]?$/i;

/** `MPL 1.1/GPL 2.0`: the licence that a slash joins to a GNU licence behind it. */
function ahead(context: string, from: number, at: number, end: number): readonly FoundNotice[] {
  const [match = "", words] =
    /(?:^|[\s("':,])([A-Za-z][\w.+-]{1,20}(?:\sv?\d[\d.]{0,4})?)\s?\/\s?$/.exec(context) ?? [];
  const named = words === undefined ? undefined : prefixOf(words);
  if (words === undefined || named === undefined) return [];
  const found = termsOf(named, Math.max(from, at - 80), end).filter(({ id }) => !/^[AL]?GPL-/.test(id));
  if (!programs.test(words) || licensing.test(context.slice(0, context.length - match.length + 1).trimEnd()))
    return found;
  // "Python/GPL" is also what joins a program to a licence. A version of the licence says which is meant.
  const version = /[\s-]v?(\d[\d.]*)$/i.exec(words)?.[1];
  return version === undefined ? [] : found.filter(({ id }) => id.includes(`-${version}`));
}

/** `GPLv2 or BSD`: the licence beside which a GNU licence is named. */
function alternative(
  tail: string,
  version: GnuVersion | undefined,
  from: number,
  at: number,
  end: number,
): readonly FoundNotice[] {
  if (version?.adjacent === false) return [];
  const behind = /^(?:\+|\s(?:only|or later))?(?:\s(?:and|or)\s(?:the\s|an?\s)?|\/)(?=\w)/i.exec(
    tail.slice(version?.length ?? 0),
  );
  if (behind === null) return [];
  const rest = tail.slice((version?.length ?? 0) + behind[0].length);
  const named = prefixOf(rest.replace(/\s(?:licen[cs]es?|at (?:your|user's|the user's) (?:choice|option))\b.*$/i, ""));
  if (named === undefined) return [];
  return termsOf(named, Math.max(from, at - 80), end).filter(({ id }) => !/^[AL]?GPL-/.test(id));
}
