import { formatLicenseExpression } from "../spdx/expression.ts";
import { expressionOfLink } from "../statements/license-links.ts";
import { readStatement } from "../statements/normalize-statement.ts";
import { nothing, plain, terms } from "./notice.ts";
import type { Window } from "./notice.ts";

export function link(head: string, tail: string, at: number): Window {
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

/**
 * `/usr/share/common-licenses/GPL-2`: where Debian keeps the text that a notice refers to. It does not tell whether later versions may
 * be used.
 */
export function commonText(tail: string, at: number): Window {
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
export function bareLink(head: string, tail: string, at: number): Window | undefined {
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
