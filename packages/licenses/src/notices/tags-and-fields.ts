import { formatLicenseExpression, parseLicenseExpression } from "../spdx/expression.ts";
import { readStatement } from "../statements/normalize-statement.ts";
import { beginsName } from "../statements/known-names.ts";
import { isPublicDomain, nothing, plain, terms } from "./notice.ts";
import type { Window } from "./notice.ts";
import { prefixOf, termsOf } from "./names-in-sentences.ts";

/** `SPDX-License-Identifier: MIT OR Apache-2.0` (SPDX 2.3 annex E), also in the older form of U-Boot with spaces between ids. */
export function tag(head: string, tail: string, from: number, at: number): Window | undefined {
  const prefix = /SPDX-$/i.exec(head);
  if (prefix === null) return undefined;
  const match = /^License-Identifier:[ \t]{0,8}([^\n\r"'<>]{1,300})/i.exec(tail);
  if (match === null) return undefined;
  let stated = withoutCommentEnd(match[1] ?? "");
  let length = match[0].length;
  for (let more = 0; more < maxTagLines && isUnfinished(stated); more++) {
    const line = nextLine.exec(tail.slice(length, length + 400));
    if (line === null) break;
    stated = `${stated} ${withoutCommentEnd(line[1] ?? "")}`;
    length += line[0].length;
  }
  const end = at + length;
  const expression =
    parseLicenseExpression(stated) ??
    parseLicenseExpression(stated.split(/\s+/).join(" AND ")) ??
    readStatement(stated);
  if (expression === undefined) return nothing(end);
  const found = terms(formatLicenseExpression(expression), from + prefix.index, end);
  return { found: found.map((notice) => ({ ...notice, tag: true })), readTo: end };
}

function withoutCommentEnd(line: string): string {
  return line.replace(/(?:\*\/|-->|\*\)|#}|%>|,|;|\]|\}).*$/, "").trim();
}

/** Expressions in parentheses may span lines (SPDX 2.3 annex E): so many more are read. */
const maxTagLines = 8;
/** A line of a comment behind the marks that it begins with. */
const nextLine =
  /^[^\n\S]{0,8}\r?\n[ \t]{0,20}(?:\*|\/\/[/!]?|#{1,3}|;{1,3}|%{1,3}|--|dnl |rem |\.\.)?[ \t]{0,40}([\w(][^\n\r"'<>]{1,300})/i;

/** Whether an expression lacks its other half: a parenthesis is open, or an operator stands last. */
function isUnfinished(expression: string): boolean {
  const open = expression.split("(").length - expression.split(")").length;
  return open > 0 || /\s(?:AND|OR|WITH)$/.test(expression);
}

/** `License :: OSI Approved :: MIT License`: a classifier of a Python package (https://pypi.org/classifiers/). */
export function classifier(tail: string, at: number): Window | undefined {
  const match = /^License\s{1,4}::\s[^"'\n\r,]{3,120}/.exec(tail);
  if (match === null) return undefined;
  const end = at + match[0].length;
  const expression = readStatement(match[0].trim());
  return expression === undefined || isPublicDomain(expression)
    ? nothing(end)
    : { found: termsOf({ name: match[0], expression }, at, end), readTo: end };
}

/** The line of a heading of Markdown or reStructuredText that says "License", and the first line of its section. */
const section =
  /^licen[cs]es?(?:\s(?:information|terms))?:?[ \t#]{0,8}\r?\n(?:[-=~^*]{3,80}\r?\n)?(?:[ \t]{0,8}\r?\n){0,3}([^\n]{2,200})/i;

/** `## License`, and below it nothing but a name: `MIT`, `[Apache 2.0](LICENSE) © Somebody`. */
export function heading(text: string, at: number): Window | undefined {
  const lead = /(?:^|\n)([#=* \t]{0,10}(?:the )?)$/i.exec(text.slice(Math.max(0, at - 20), at))?.[1];
  const match = lead === undefined ? null : section.exec(text.slice(at, at + 400));
  if (lead === undefined || match === null) return undefined;
  const isMarked = lead.includes("#") || lead.includes("=") || /\n[-=~^*]{3}/.test(match[0]);
  const line = plain((match[1] ?? "").replaceAll(/\[([^\]]{1,80})\](?:\([^)]{0,200}\)|\[[^\]]{0,80}\])?/g, "$1"));
  const name = (/^(.{2,80}?)(?:$|\.(?:\s|$)|[,;(©–—]|\s(?:-|see|copyright)\s)/i.exec(line.trim())?.[1] ?? "").trim();
  const [first = "", second = ""] = name.split(/\s+/);
  if (!isMarked || !beginsName(first, second)) return undefined;
  const expression = readStatement(name);
  if (expression === undefined || isPublicDomain(expression)) return undefined;
  const end = at + match[0].length;
  return { found: termsOf({ name, expression }, at, end), readTo: end };
}

/** `"license": "MIT"`, `License: BSD 3-Clause`, `<license>`, `@license MIT`, `license = { text = "MIT" }`: fields of manifests and comments. */
export function field(head: string, tail: string, from: number, at: number): Window | undefined {
  const lineStart = head.lastIndexOf("\n") + 1;
  const lead = head.slice(lineStart);
  const match =
    /^licen[cs]es?_{0,2}(?:["']?\s{0,12}(?:[:=]|=>)\s{0,4}(?:[[{]\s{0,40}){0,2}(?:["']?(?:text|type|name)["']?\s{0,4}[:=]\s{0,4})?["'(]{0,2}|\s?\(\s{0,4}["']?|>\s{0,20}(?:<name>)?\s{0,20}|[ \t]{1,8}(?=\S{1,40}[ \t]{0,8}(?:\r?\n|$|\*\/|<http)))((?:[^\n\r"<>]|>=){2,160})/i.exec(
      tail,
    );
  if (match === null || !/^[\s*#/;%"'<@!.:\-_|({]{0,24}(?:dnl |rem |[\w-]{0,12}[-_])?$/i.test(lead)) return undefined;
  const value = (match[1] ?? "").replace(/\s*(?:\*\/|-->).*$/, "").replace(/["',;)}\]]{1,4}\s*$/, "");
  const whole = readStatement(value);
  const named = whole === undefined ? prefixOf(value) : { name: value, expression: whole };
  if (named === undefined) return undefined;
  const end = at + match[0].length;
  return { found: termsOf(named, from + lineStart + lead.length, end), readTo: end };
}
