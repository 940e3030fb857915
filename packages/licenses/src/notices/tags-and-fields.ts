import { formatLicenseExpression, parseLicenseExpression } from "../spdx/expression.ts";
import { readStatement } from "../statements/normalize-statement.ts";
import { nothing, terms } from "./notice.ts";
import type { Window } from "./notice.ts";
import { prefixOf, termsOf } from "./names-in-sentences.ts";

/** `SPDX-License-Identifier: MIT OR Apache-2.0` (SPDX 2.3 annex E), also in the older form of U-Boot with spaces between ids. */
export function tag(head: string, tail: string, from: number, at: number): Window | undefined {
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
export function field(head: string, tail: string, from: number, at: number): Window | undefined {
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
