import { beginsName } from "../statements/known-names.ts";
import { readStatement } from "../statements/normalize-statement.ts";
import { isDenied } from "./denials.ts";
import { prefixOf, remembered, termsOf } from "./names-in-sentences.ts";
import { gap, isPublicDomain, nothing, plain, terms } from "./notice.ts";
import type { FoundNotice, Window } from "./notice.ts";

/** Words that put something under a licence whose name follows. What follows "same license as" is read by `sameTermsAs`. */
const opening =
  /(?:(?<!same\s)licen[cs]ed?\s(?:to\s\S{1,20}\s)?(?:only\s)?(?:under|as|by|with|using)|released\sunder|distributed\s(?:under|subject\sto|by)|(?:available|provided|published|used|use|modified|redistributed|copied|contributed|is|are|both)\sunder|covered\sby|governed\sby|subject\s(?:only\s)?to|terms(?:\sand\sconditions)?\sof|conditions\sof|authorized\sby|corresponding\sto\s(?:the\s)?section\s4\s?\(?d\)?\sof|according\sto|in\saccordance\swith|licen[cs]ed\s(?=(?:MIT|BSD|GPL|LGPL|Apache|ISC|MPL)\b)|dual[\s-]licen[cs]ed(?:\sunder)?|licen[cs]e\sis|licen[cs]es?:|under\s(?:both|either|the|an?)\s|or\sthe|and\sthe|\|)\s?(?=\S)/gi;
const filler =
  /^(?:(?:(?:osi[- ]approved|either|both|the|an?|of|terms|conditions|and|following|licen[cs]es?|your|choice|provisions|version|copyright|its|same|under)\b|-|:|\()\s?(?=[\s\w:(-]))+\s?/i;

/** Languages and programs whose own terms others take over. */
const sameTerms: Readonly<Record<string, string>> = {
  perl: "Artistic-1.0-Perl OR GPL-1.0-or-later",
  php: "PHP-3.01",
  python: "Python-2.0",
  ruby: "Ruby",
  tcl: "TCL",
  vim: "Vim",
};
/** What ends such a name: a version, then the end of the sentence or line, or a word that goes on with it. "Ruby on Rails" is another. */
const nameEnd = String.raw`(?![-\w])(?:${gap}(?:version${gap})?v?\d[\d.]{0,8}(?<!\.)\+?(?!\w))?(?=\s*(?:$|[.,:;!?"')\]](?![\w:]))|\s+[(<]|[ \t]*(?:\*\/|-->|\r?\n[ \t*#/;%|>-]*(?:$|\n|[=@\x60]|copyright))|${gap}(?:and|as|at|does|is|itself|or|see|with)\b)`;
const sameAs = new RegExp(
  `^(?:same${gap}terms(?:${gap}and${gap}conditions)?|licen[cs]e(?:${gap}terms)?)${gap}as${gap}(?:the${gap})?(${Object.keys(sameTerms).join("|")})${nameEnd}`,
  "i",
);

/** What `sameTermsAs` reads, where it stands. */
const theSameAs = /^(?:the )?same (?:licen[cs]e(?: terms)?|terms(?: and conditions)?) as /i;

/** `under the same terms as Perl itself`, `under the same license as Python`. */
export function sameTermsAs(text: string, from: number, at: number, to: number): Window | undefined {
  const match = sameAs.exec(text.slice(at, Math.min(to, at + 160)));
  const expression = match === null ? undefined : sameTerms[(match[1] ?? "").toLowerCase()];
  if (match === null || expression === undefined) return undefined;
  const head = plain(text.slice(from, at));
  if (/^licen/i.test(match[0]) && !/\bsame\s$/i.test(head)) return undefined;
  const end = at + match[0].length;
  return isDenied(head) ? nothing(end) : { found: terms(expression, at, end), readTo: end };
}

export function named(text: string, from: number, at: number, to: number): Window | undefined {
  const context = plain(text.slice(from, to));
  const place = plain(text.slice(from, at)).length;
  // The name may stand behind the trigger ("licensed under X") or end with it ("under the X License").
  for (const start of openings(context, place)) {
    if (theSameAs.test(context.slice(start, start + 60))) continue;
    const named = prefixOf(context.slice(start));
    if (named === undefined) continue;
    const found = termsOf(named, Math.max(from, at - 60), Math.min(to, at + 120));
    // GNU licences have their versions in words of their own: they are read where they stand.
    const others = /gpl|general public|gnu(?! public)/i.test(named.name)
      ? found.filter(({ id }) => !/^[AL]?GPL-/.test(id))
      : found;
    if (others.length > 0) return { found: others.map((notice) => refined(notice, text, at)), readTo: at + 8 };
    if (found.length > 0) break;
  }
  return suffix(text, from, at) ?? ofVersion(text, from, at) ?? title(text, at, to) ?? aside(text, from, at, to);
}

/** `version 2.00 of the Zend license`: the version stands in front of the name. */
function ofVersion(text: string, from: number, at: number): Window | undefined {
  const [, version = "", words = ""] =
    /\bversion (\d[\d.]{0,6}) of (?:the |this )?([\w.&' -]{2,60}) $/i.exec(plain(text.slice(from, at))) ?? [];
  if (version === "") return undefined;
  const name = `${words} ${version.replace(/(\.\d)0$/, "$1")}`;
  const expression = remembered(name);
  return expression === undefined || isPublicDomain(expression)
    ? undefined
    : { found: termsOf({ name, expression }, Math.max(from, at - 60), at + 7), readTo: at + 7 };
}

/** Where a name may begin that stands by itself, and what may follow it. */
const asideOpening = /(?:^|[.([;|>]\s?|\s[-–]\s)([^.()[\];|<>]{2,60})$/;
const asideClosing = /^licen[cs]ed?(?:$|\s{0,2}[.)\];|](?:\W|$)|,?\s(?:see\b|-\s))/i;

/** `taken from a tool (MIT License)`, `tool.js. MIT License. Somebody`, `BSD 3-Clause license, see LICENSE`. */
function aside(text: string, from: number, at: number, to: number): Window | undefined {
  const [behind = ""] = text.slice(at, Math.min(to, at + 24)).split("\n", 1);
  if (!asideClosing.test(behind.trimEnd())) return undefined;
  const lead = plain(text.slice(from, at).split("\n").at(-1) ?? "").replace(/^[\s#/;%"'.-]+/, "");
  const name = (asideOpening.exec(lead)?.[1] ?? "").trim();
  const [first = "", second = ""] = name.split(" ", 2);
  const expression = beginsName(first, second) ? remembered(name) : undefined;
  if (expression === undefined || isPublicDomain(expression)) return undefined;
  const found = termsOf({ name, expression }, Math.max(0, at - name.length - 1), at + 7);
  return { found: found.filter(({ id }) => !/^[AL]?GPL-/.test(id)), readTo: at + 8 };
}

/** `… in the SGI Free Software License B, Version 1.0 (the "License")`: what is called "the License" from there on. */
export function defined(text: string, from: number, at: number): Window | undefined {
  const behind =
    /^(licen[cs]es?[^()"“\n;:]{0,40}(?:\n[\s*#/;%]{0,8}[^()"“\n;:]{0,30})?)\((?:the[\s*#/;%]{1,12}|this[\s*#/;%]{1,12})?["“'\x60]{0,2}licen[cs]e["”'\x60]{0,2}\)/i.exec(
      text.slice(at, at + 120),
    )?.[1];
  if (behind === undefined) return undefined;
  const words = plain(text.slice(from, at)).trim().split(/\s+/).slice(-8);
  for (let first = 0; first < words.length; first++) {
    if (!beginsName(words[first] ?? "", words[first + 1] ?? "")) continue;
    const name = `${words.slice(first).join(" ")} ${plain(behind)}`.trim();
    const expression = remembered(name);
    if (expression === undefined || isPublicDomain(expression)) continue;
    const end = at + behind.length;
    return { found: termsOf({ name, expression }, Math.max(from, at - 60), end), readTo: end };
  }
  return undefined;
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
      return { found: termsOf({ name, expression }, Math.max(0, at - name.length - 1), at + 8), readTo: at + 8 };
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

/** A line that is nothing but the name of a licence. */
function title(text: string, at: number, to: number): Window | undefined {
  const lineStart = text.lastIndexOf("\n", at) + 1;
  if (at - lineStart > 80) return undefined;
  const lineEnd = text.indexOf("\n", at);
  const line = text.slice(lineStart, Math.min(lineEnd === -1 ? to : lineEnd, to));
  if (line.length > 100) return undefined;
  const name = line
    .replaceAll(/[*#/=_-]{2,}|^[\s*#/;%"'.-]+|["']?\s{0,4}\(revision \d{1,6}\)|[\s*#/=:."'-]+$/gi, " ")
    .replace(/[\s"']+$/, "")
    .trim();
  if (!/licen[cs]e$|licen[cs]e\b.*\d$/i.test(name)) return undefined;
  const expression = readStatement(name);
  if (expression === undefined || isPublicDomain(expression)) return undefined;
  const end = lineStart + line.length;
  return { found: termsOf({ name, expression }, lineStart, end), readTo: end };
}
