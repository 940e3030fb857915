import { beginsName } from "../statements/known-names.ts";
import { readStatement } from "../statements/normalize-statement.ts";
import { prefixOf, remembered, termsOf } from "./names-in-sentences.ts";
import { isPublicDomain, plain, terms } from "./notice.ts";
import type { FoundNotice, Window } from "./notice.ts";

/** Words that put something under a licence whose name follows. */
const opening =
  /(?:licen[cs]ed?\s(?:to\s\S{1,20}\s)?(?:only\s)?(?:under|as|by|with|using)|released\sunder|distributed\s(?:under|subject\sto|by)|(?:available|provided|published|used|use|modified|redistributed|copied|contributed|is|are|both)\sunder|covered\sby|governed\sby|subject\s(?:only\s)?to|terms(?:\sand\sconditions)?\sof|conditions\sof|according\sto|in\saccordance\swith|dual[\s-]licen[cs]ed(?:\sunder)?|licen[cs]e\sis|licen[cs]es?:|under\s(?:both|either|the|an?)\s|or\sthe|and\sthe|\|)\s?(?=\S)/gi;
const filler =
  /^(?:(?:(?:osi[- ]approved|either|both|the|an?|of|terms|conditions|and|following|licen[cs]es?|your|choice|provisions|version|copyright|its|same|under)\b|-|:|\()\s?(?=[\s\w:(-]))+\s?/i;

export function named(text: string, from: number, at: number, to: number): Window | undefined {
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
