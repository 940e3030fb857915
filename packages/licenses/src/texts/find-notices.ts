import { formatLicenseExpression, licenseTerms, parseLicenseExpression } from "../spdx/expression.ts";
import { licenseId } from "../spdx/license-list.ts";
import { expressionOfLink } from "../statements/license-links.ts";
import { readStatement } from "../statements/normalize-statement.ts";
import { beginsName } from "../statements/known-names.ts";
import { namedException } from "../statements/exception-names.ts";
import type { FoundText } from "./find-texts.ts";

/** A licence that a document refers to instead of holding its text. */
export interface FoundNotice extends FoundText {
  /** SPDX id of an exception to the licence. */
  readonly exception?: string;
  /** A link alone says less than a sentence: it counts only where no sentence stands. */
  readonly link: boolean;
  /** The words name no version, and `id` is what they are usually taken for: it counts only where no version is named. */
  readonly vague?: true;
  /** The words name a version of a GNU licence, and neither "only" nor "or later": a notice near by may say. */
  readonly bare?: true;
}

/** Words with which every kind of notice begins, or which it holds. */
const trigger =
  /licen[cs]|general\s+public|gpl|same\s+terms|https?:\/\/|public\s+domain|released\s+under|distributed\s+under/gi;

/** Characters around a trigger that belong to its sentence. */
const before = 160;
const behind = 420;

/** Of words that could be part of a sentence about a licence, so many in a million characters are looked at. */
const maxSentences = 3_000;
/** A word so near to one that said nothing belongs to the same sentence. */
const sameSentence = 48;

/** A stretch that no licence text covers. */
export interface Uncovered {
  readonly start: number;
  readonly end: number;
}

/**
 * Notices, tags and links in the parts of a document that no licence text covers. Looks only around words that notices
 * hold, each stretch once, so that the cost is linear.
 */
export function findNotices(text: string, uncovered: readonly Uncovered[]): FoundNotice[] {
  const found: FoundNotice[] = [];
  let sentences = Math.ceil((maxSentences * Math.max(100_000, text.length)) / 1_000_000);
  let silentTo = 0;
  for (const { start, end } of uncovered) {
    trigger.lastIndex = start;
    let readTo = start;
    for (let match = trigger.exec(text); match !== null && match.index < end; match = trigger.exec(text)) {
      if (match.index < readTo) continue;
      const from = Math.max(start, match.index - before);
      const to = Math.min(end, match.index + behind);
      const quick = readQuickly(text, from, match.index, to);
      let notices = quick;
      if (notices === undefined && match.index >= silentTo && sentences > 0) {
        sentences -= 1;
        notices = named(text, from, match.index, to);
        if (notices === undefined) silentTo = match.index + sameSentence;
      }
      notices ??= nothing(match.index);
      found.push(...notices.found);
      readTo = Math.max(match.index + match[0].length, notices.readTo);
      trigger.lastIndex = readTo;
    }
  }
  return found;
}

interface Window {
  readonly found: readonly FoundNotice[];
  readonly readTo: number;
}

const nothing = (readTo: number): Window => ({ found: [], readTo });

function readQuickly(text: string, from: number, at: number, to: number): Window | undefined {
  const head = text.slice(from, at);
  const tail = text.slice(at, to);
  if (/^https?:/i.test(tail)) return link(head, tail, at);
  if (/^licenses\//i.test(tail) && head.endsWith("/common-")) return commonText(tail, at);
  return (
    bareLink(head, tail, at) ??
    tag(head, tail, from, at) ??
    field(head, tail, from, at) ??
    documentation(text, from, at, to) ??
    gnu(text, from, at, to)
  );
}

/** `SPDX-License-Identifier: MIT OR Apache-2.0` (SPDX 2.3 annex E), also in the older form of U-Boot with spaces between ids. */
function tag(head: string, tail: string, from: number, at: number): Window | undefined {
  const prefix = /SPDX-$/i.exec(head);
  if (prefix === null) return undefined;
  const match = /^License-Identifier:[ \t]{0,8}([^\n\r"'<>]{1,300})/i.exec(tail);
  if (match === null) return undefined;
  const stated = (match[1] ?? "").replace(/(?:\*\/|-->|\*\)|#}|%>|,|;|\]|\}).*$/, "").trim();
  const end = at + match[0].length;
  const expression =
    parseLicenseExpression(stated) ??
    parseLicenseExpression(stated.split(/\s+/).join(" AND ")) ??
    readStatement(stated);
  if (expression === undefined) return nothing(end);
  return { found: terms(formatLicenseExpression(expression), from + prefix.index, end), readTo: end };
}

/** `"license": "MIT"`, `License: BSD 3-Clause`, `<license>`, `@license MIT`: fields of manifests and comments. */
function field(head: string, tail: string, from: number, at: number): Window | undefined {
  const lineStart = head.lastIndexOf("\n") + 1;
  const lead = head.slice(lineStart);
  const match =
    /^licen[cs]es?(?:["']?\s{0,4}(?:[:=]|=>)\s{0,4}["'(]{0,2}|\s?\(\s{0,4}["']?|>\s{0,20}(?:<name>)?\s{0,20}|[ \t]{1,8}(?=\S{1,40}[ \t]{0,8}(?:\r?\n|$|\*\/|<http)))([^\n\r"<>]{2,160})/i.exec(
      tail,
    );
  if (match === null || !/^[\s*#/;%"'<@!.\-_|({]{0,24}(?:dnl |rem |[\w-]{0,12}[-_])?$/i.test(lead)) return undefined;
  const value = (match[1] ?? "").replace(/\s*(?:\*\/|-->).*$/, "").replace(/["',;)}\]]{1,4}\s*$/, "");
  const whole = readStatement(value);
  const named = whole === undefined ? prefixOf(value) : { name: value, expression: whole };
  if (named === undefined) return undefined;
  const end = at + match[0].length;
  return { found: termsOf(named, from + lineStart + lead.length, end), readTo: end };
}

function terms(expression: string, start: number, end: number): FoundNotice[] {
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

function listed({ license, plus, exception }: ReturnType<typeof licenseTerms>[number]): {
  id: string;
  exception?: string;
} {
  const id = exception === undefined || !license.startsWith("GPL-") ? undefined : combined.get(exception);
  if (id !== undefined) return { id };
  return { id: plus === true ? `${license}+` : license, ...(exception === undefined ? {} : { exception }) };
}

function link(head: string, tail: string, at: number): Window {
  const address = /^[^\s"'<>)\]}|\\]{1,400}/.exec(tail)?.[0] ?? "";
  const end = at + Math.max(8, address.length);
  const expression = expressionOfLink(address);
  if (expression === undefined || expression.includes("LicenseRef-")) return nothing(end);
  if (formerly.test(tail.slice(address.length)) || example.test(plain(head))) return nothing(end);
  return {
    found: terms(expression, at, end)
      .filter(({ exception }) => exception === undefined)
      .map((notice) => ({ ...notice, link: true, ...(/\d/.test(address) ? {} : { vague: true }) })),
    readTo: end,
  };
}

/** `/usr/share/common-licenses/GPL-2`: where Debian keeps the text that a notice speaks of. It says nothing of later versions. */
function commonText(tail: string, at: number): Window {
  const name = /^licenses\/([\w.+-]{1,40})/i.exec(tail)?.[1]?.replace(/[.-]+$/, "") ?? "";
  const end = at + "licenses/".length + name.length;
  const expression = readStatement(name === "BSD" ? "BSD-3-Clause" : name);
  if (expression === undefined) return nothing(end);
  const found = terms(formatLicenseExpression(expression), at, end);
  return { found: found.map((notice) => ({ ...notice, link: true, vague: true })), readTo: end };
}

/** Behind a link: what it leads to is no longer, or not, the licence. */
const formerly = /^[)\]>\s]{0,3}(?:→|-+>|=>|instead\b)/i;
/** In front of a name or link: it is one of several that could be meant. */
const example = /\b(?:such as|for example|e\.g\.)[^.;:]{0,140}$/i;

/** `jquery.org/license`: an address without a scheme, by the word in it. */
function bareLink(head: string, tail: string, at: number): Window | undefined {
  if (!head.endsWith("/")) return undefined;
  const site = /(?:^|[\s<("'|])((?:[\w-]{1,40}\.){1,3}[a-z]{2,6}\/(?:[\w.-]{1,40}\/){0,4})$/i.exec(head)?.[1];
  if (site === undefined) return undefined;
  const rest = /^[^\s"'<>)\]}|\\]{1,100}/.exec(tail)?.[0] ?? "";
  const found = link(head.slice(0, -site.length), `http://${site}${tail}`, at - site.length);
  return found.found.length === 0
    ? undefined
    : {
        found: found.found.map((notice) => ({ ...notice, start: at - site.length, end: at + rest.length })),
        readTo: at + rest.length,
      };
}

/** Without comment marks and line ends. */
function plain(text: string): string {
  // Strings of JSON and of programs hold line ends as two characters.
  const lines = text.includes("\\n") ? text.replaceAll(/\\r?\\?n/g, "\n") : text;
  return lines.replaceAll(/\s*\n[\s*#/;%|!>"'.-]{0,12}(?:dnl |REM )?/g, " ").replaceAll(/[\s"“”`*_]+/g, " ");
}

/** Words before a name that only mention it. */
const mention =
  /(?:see the|(?:received|obtain|get) a copy of the|copy of the|read the|compatible with the|version of the|text of the|details? (?:see|in) the|under section \d+ of the|terms? of this|meaning of the)\s*(?:gnu\s*)?(?:lesser\s*|library\s*|affero\s*)?$/i;
const grant =
  /(?:under|terms|licen[sc]ed?|licen[sc]e:|releas|distribut|subject|accordance|covered|govern|conditions|redistribut|conforms?|modify|is|or|and|of|following|choice|with|to|alternatively|,|:|\/|\()\s*(?:(?:of|the|a|an|either|version|by|in|any|gnu|terms|conditions|and|as|under|both|licen[sc]ed?)\s*){0,8}$/i;

/** Words after a name that grant nothing by it: "GPL-compatible", "… the GNU Lesser General Public License instead". */
const passing = /^(?:-|\s)?(?:in)?compatible\b|^\s{0,2}instead\b(?! of those)/i;

/** Words that say that something is not under a licence, or that something else is. */
const denial =
  /(?:\bactual code of|\bnot|n't|\bneither|\bother (?:software|programs?|code|files|parts)(?: \w+){0,2}? (?:is|are|was|were))\b([^.;:]{0,60})$/i;

/** Words that say under what something was, and is no longer. */
const past = /\b(?:were released|formerly|previously|used to be)\b[^.;:]{0,60}$/i;

function isDenied(head: string): boolean {
  if (past.test(head)) return true;
  const [, between = ""] = denial.exec(head) ?? [undefined, "except"];
  return !/\b(?:except|unless|only|but)\b/i.test(between);
}

/** Sentences with which the GNU licences are granted: the family, then the version, in whatever order. */
function gnu(text: string, from: number, at: number, to: number): Window | undefined {
  const match = /^(?:general\s[\s*#/;%|-]{0,16}public\s[\s*#/;%|-]{0,16}licen[cs]e|gpl|licen[cs]e\s)/i.exec(
    text.slice(at, Math.min(to, at + 60)),
  );
  if (match === null || /^licen/i.test(match[0])) return undefined;
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
  if (mention.test(before) || passing.test(tail) || isDenied(before)) return nothing(end);
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
    found: [notice, ...alternative(tail, version, from, at, end)],
    readTo: end + (version?.length ?? 0),
  };
}

/** Any version of a GNU licence. The first that was called "Lesser" is 2.1. */
function anyVersion(family: string, head: string): string {
  if (family === "AGPL") return "AGPL-3.0-or-later";
  if (family === "GPL") return "GPL-1.0-or-later";
  return /lesser(?:\s+gnu)?\s*$/i.test(head) ? "LGPL-2.1-or-later" : "LGPL-2.0-or-later";
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

/** The GNU Free Documentation License says with its notice whether it has invariant sections. */
function documentation(text: string, from: number, at: number, to: number): Window | undefined {
  if (
    !/free[\s*#/;%]{1,12}documentation[\s*#/;%]{1,12}$/i.test(text.slice(from, at)) ||
    !/^licen/i.test(text.slice(at, at + 5))
  )
    return undefined;
  const head = plain(text.slice(from, at));
  const tail = plain(text.slice(at, to + 300));
  const end = at + 7;
  if (mention.test(head.replace(/(?:gnu )?free documentation\s*$/i, ""))) return nothing(end);
  const [, version = "", rest = ""] =
    /^licen[cs]e[\s,(]{0,3}(?:gfdl\)?)?[\s,]{0,3}(?:version|v\.?)?\s?(1\.\d)(.{0,500})/i.exec(tail) ?? [];
  if (version === "") return nothing(end);
  const isOpen = isLater(rest.replace(/^ published by the free software foundation/i, ""));
  const later = isOpen ? "or-later" : "only";
  const sections = /\b(no|without(?: any)?|with(?: the)?) invariant sections?/i.exec(rest)?.[1]?.toLowerCase();
  const invariants =
    sections === undefined
      ? ""
      : sections.startsWith("with the") || sections === "with"
        ? "invariants-"
        : "no-invariants-";
  const id = licenseId(`GFDL-${version}-${invariants}${later}`);
  if (id === undefined) return nothing(end);
  const notice = { id, confidence: 1, start: Math.max(from, at - 40), end, link: false };
  return { found: [isOpen ? notice : { ...notice, bare: true }], readTo: at + 200 };
}

interface GnuVersion {
  readonly number: string;
  readonly later: boolean;
  /** Directly at the name. */
  readonly adjacent: boolean;
  readonly length: number;
}

const laterWords =
  /^[\s,;().]*(?:of the licen[sc]e|of that licen[sc]e|\(?[al]?gplv?\d(?:\.\d)?\+?\)?|dated [\w ,]{3,16}|[,;]?\s*as published by the free software foundation)?[\s,;().]*(?:\+|(?:or|and)?[\s,(]*(?:\(?at your option\)?[\s,)]*)?(?:any )?(?:later|newer|higher|subsequent|above)|or \(at your option\) any later)/i;

function gnuVersion(head: string, tail: string): GnuVersion | undefined {
  // "version 3 of the GNU General Public License"
  const leading =
    /(?:version|v\.?)\s*(\d(?:\.\d)?)(\+| or later| or any later version| or newer|,? or \(at your option\) any later version,?)?,? of (?:the )?(?:gnu )?(?:lesser |library |affero )?$/i.exec(
      head,
    );
  if (leading !== null) return { number: full(leading[1]), later: leading[2] !== undefined, adjacent: true, length: 0 };
  // "GPLv2+", "GPL 3 or later", "General Public License (GPL) Version 2"
  const near =
    /^(?:\s*\([^)]{1,40}\))?[\s,:-]{0,4}(?:(?:version|ver\.?|v\.?)\s*)?[-\s]?(\d(?:\.\d)?)(?![\d.]*[a-z])/i.exec(tail);
  if (near !== null && Number(near[1]) <= 3)
    return {
      number: full(near[1]),
      later: isLater(tail.slice(near[0].length)),
      adjacent: true,
      length: near[0].length,
    };
  // "as published by the Free Software Foundation; either version 2 of the License, or (at your option) any later version"
  const far = /^(?:(?!general public licen)[^]){0,260}?\b(?:version|v\.?)\s*(\d(?:\.\d)?)(?!\d)/i.exec(tail);
  if (far !== null && Number(far[1]) <= 3 && !/\b(?:see|received|copy)\b/i.test(far[0].slice(0, -10)))
    return { number: full(far[1]), later: isLater(tail.slice(far[0].length)), adjacent: false, length: far[0].length };
  return undefined;
}

function isLater(rest: string): boolean {
  return laterWords.test(rest);
}

function full(version: string | undefined): string {
  return version === undefined || version.includes(".") ? (version ?? "") : `${version}.0`;
}

/** Exceptions follow their notice within a few paragraphs. */
const exceptionReach = 1_800;

function withException(text: string, license: string, from: number, at: number, end: number): FoundNotice {
  const rest = plain(text.slice(end, end + exceptionReach));
  const stated =
    /as a (?:special )?(?:exception|permission)|special exception|(?:additional|linking) permission|with the (\w+) exception|exceptional permission/i.exec(
      rest,
    );
  const base = { confidence: 1, start: Math.max(from, at - 80), end, link: false };
  if (stated === null) return { id: license, ...base };
  const exception = exceptionOf(rest.slice(stated.index, stated.index + 700), license);
  return exception === undefined ? { id: license, ...base } : { ...listed({ license, exception }), ...base };
}

function exceptionOf(words: string, license: string): string | undefined {
  if (
    /configuration script generated by autoconf|configure scripts? generated by autoconf|output of autoconf/i.test(
      words,
    )
  )
    return license.startsWith("GPL-1") ? "Autoconf-exception-generic" : namedException("autoconf", license);
  if (/bison (?:parser )?skeleton/i.test(words)) return "Bison-exception-2.2";
  if (/link(?:ing)? this library with independent modules|classpath/i.test(words)) return "Classpath-exception-2.0";
  if (/ecos|other files instantiate templates or use macros/i.test(words) && !/compiled with|using gcc/i.test(words))
    return "eCos-exception-2.0";
  if (/gcc runtime library exception/i.test(words)) return "GCC-exception-3.1";
  if (/link(?:ing)? the compiled version of this file/i.test(words)) return "GCC-exception-2.0";
  if (/fonts?\b.{0,80}embed/i.test(words)) return "Font-exception-2.0";
  if (/object code of the (?:library|work)|binary object code/i.test(words) && license.startsWith("LGPL-2.0"))
    return "WxWindows-exception-3.1";
  return undefined;
}

/** Words that put something under a licence whose name follows. */
const opening =
  /(?:licen[cs]ed?\s(?:to\s\S{1,20}\s)?(?:only\s)?(?:under|as|by|with|using)|released\sunder|distributed\s(?:under|subject\sto|by)|(?:available|provided|published|used|use|modified|redistributed|copied|contributed|is|are|both)\sunder|covered\sby|governed\sby|subject\s(?:only\s)?to|terms(?:\sand\sconditions)?\sof|conditions\sof|according\sto|in\saccordance\swith|dual[\s-]licen[cs]ed(?:\sunder)?|licen[cs]e\sis|licen[cs]es?:|under\s(?:both|either|the|an?)\s|or\sthe|and\sthe|\|)\s?(?=\S)/gi;
const filler =
  /^(?:(?:(?:osi[- ]approved|either|both|the|an?|of|terms|conditions|and|following|licen[cs]es?|your|choice|provisions|version|copyright|its|same|under)\b|-|:|\()\s?(?=[\s\w:(-]))+\s?/i;

/** Names of licences hold no more words than this; lists of two or three neither. */
const maxNameWords = 22;

function named(text: string, from: number, at: number, to: number): Window | undefined {
  const perl =
    /^same[\s*#/]{1,12}terms(?:[\s*#/]{1,12}and[\s*#/]{1,12}conditions)?[\s*#/]{1,12}as[\s*#/]{1,12}(?:the[\s*#/]{1,12})?(perl|ruby)\b/i.exec(
      text.slice(at, Math.min(to, at + 120)),
    );
  if (perl !== null) {
    const id = /perl/i.test(perl[1] ?? "") ? "Artistic-1.0-Perl OR GPL-1.0-or-later" : "Ruby";
    const end = at + perl[0].length;
    return { found: terms(id, at, end), readTo: end };
  }
  const context = plain(text.slice(from, to));
  const place = plain(text.slice(from, at)).length;
  // The name may stand behind the trigger ("licensed under X") or end with it ("under the X License").
  for (const start of openings(context, place)) {
    const named = prefixOf(context.slice(start));
    if (named === undefined) continue;
    const found = termsOf(named, Math.max(from, at - 60), Math.min(to, at + 120));
    // GNU licences have their versions in words of their own: they are read where they stand.
    const others = /gpl|general public|gnu/i.test(named.name)
      ? found.filter(({ id }) => !/^[AL]?GPL-/.test(id))
      : found;
    if (others.length > 0) return { found: others.map((notice) => refined(notice, text, at)), readTo: at + 8 };
    if (found.length > 0) break;
  }
  return suffix(text, from, at) ?? title(text, at, to);
}

/** What the paragraphs behind a notice of the MPL say of its exception. */
function refined(notice: FoundNotice, text: string, at: number): FoundNotice {
  return notice.id === "MPL-2.0" &&
    /incompatible\s+with\s+secondary\s+licenses/i.test(text.slice(Math.max(0, at - 700), at + 1_000))
    ? { ...notice, id: "MPL-2.0-no-copyleft-exception" }
    : notice;
}

/** `MIT/GPL2 Licensed`: the name stands before the word. */
function suffix(text: string, from: number, at: number): Window | undefined {
  if (!/^licen[cs]ed\b/i.test(text.slice(at, at + 10)) || /\w/.test(text[at - 1] ?? "")) return undefined;
  const words = plain(text.slice(Math.max(from, at - 60), at))
    .trim()
    .split(/\s+/)
    .slice(-6);
  for (let first = 0; first < words.length; first++) {
    const name = words.slice(first).join(" ").replace(/-$/, "");
    const expression = beginsName(words[first] ?? "", words[first + 1] ?? "") ? remembered(name) : undefined;
    if (expression !== undefined && !isPublicDomain(expression))
      return { found: termsOf({ name, expression }, at - 10, at + 8), readTo: at + 8 };
  }
  return undefined;
}

/** Offsets in a context where a name may begin: near the place of the word that drew attention. */
function openings(context: string, place: number): number[] {
  const starts: number[] = [];
  opening.lastIndex = Math.max(0, place - 120);
  for (let match = opening.exec(context); match !== null && match.index < place + 90; match = opening.exec(context)) {
    const start = match.index + match[0].length;
    const skipped = filler.exec(context.slice(start, start + 120))?.[0].length ?? 0;
    if (skipped > 0) starts.push(start + skipped);
    starts.push(start);
  }
  return starts;
}

/** The licence that a text begins with: the longest run of its first words that is a name or a list of names. */
function prefixOf(text: string): Named | undefined {
  const sentence =
    text
      .replace(/\bv\.\s(?=\d)/i, "v")
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
interface Named {
  readonly name: string;
  readonly expression: NonNullable<ReturnType<typeof readStatement>>;
}

function termsOf({ name, expression }: Named, start: number, end: number): FoundNotice[] {
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
function remembered(name: string): ReturnType<typeof readStatement> {
  if (read.has(name)) return read.get(name);
  if (read.size >= 5_000) read.clear();
  const expression = readStatement(name);
  read.set(name, expression);
  return expression;
}

function isPublicDomain(expression: NonNullable<ReturnType<typeof readStatement>>): boolean {
  return formatLicenseExpression(expression).includes("LicenseRef-");
}

/** A line that is nothing but the name of a licence. */
function title(text: string, at: number, to: number): Window | undefined {
  const lineStart = text.lastIndexOf("\n", at) + 1;
  if (at - lineStart > 80) return undefined;
  const lineEnd = text.indexOf("\n", at);
  const line = text.slice(lineStart, Math.min(lineEnd === -1 ? to : lineEnd, to));
  if (line.length > 100) return undefined;
  const name = line.replaceAll(/[*#/=_-]{2,}|^[\s*#/;%"'.-]+|[\s*#/=:."'-]+$/g, " ").trim();
  if (!/licen[cs]e$|licen[cs]e\b.*\d$/i.test(name)) return undefined;
  const expression = readStatement(name);
  if (expression === undefined || isPublicDomain(expression)) return undefined;
  const end = lineStart + line.length;
  return { found: termsOf({ name, expression }, lineStart, end), readTo: end };
}
