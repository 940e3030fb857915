import { formatLicenseExpression } from "../spdx/expression.ts";
import { expressionOfLink } from "../statements/license-links.ts";
import { readStatement } from "../statements/normalize-statement.ts";
import { nothing, plain, terms } from "./notice.ts";
import type { Window } from "./notice.ts";

export function link(head: string, tail: string, at: number): Window {
  const address = /^[^\s"'<>)\]}|\\]{1,400}/.exec(tail)?.[0] ?? "";
  const end = at + Math.max(8, address.length);
  const expression = expressionOfLink(address) ?? badge(address);
  if (expression === undefined || expression.includes("LicenseRef-")) return nothing(end);
  const sentence = plain(head);
  if (formerly.test(tail.slice(address.length)) || example.test(sentence)) return nothing(end);
  return {
    found: terms(expression, at, end)
      .filter(({ exception }) => exception === undefined)
      .map((notice) => ({
        ...notice,
        link: true,
        ...(/\d/.test(address) ? {} : { vague: true }),
        ...(whereToObtain.test(sentence) ? { elsewhere: true } : {}),
      })),
    readTo: end,
  };
}

/** `https://img.shields.io/badge/license-Apache%202.0-blue.svg`: the picture of a licence's name. Doubled hyphens are hyphens. */
function badge(address: string): string | undefined {
  const [, name] =
    /^https?:\/\/img\.shields\.io\/badge\/licen[cs]es?-(.{1,60}?)(?<!-)-(?!-)\w{1,20}(?:\.|\?|$)/i.exec(address) ?? [];
  const words = name?.replaceAll("--", "-").replaceAll(/%20|_/g, " ");
  const expression = words === undefined || words.includes("%") ? undefined : readStatement(words);
  return expression === undefined ? undefined : formatLicenseExpression(expression);
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

/** In front of a link: it leads to the licence that was named before. */
const whereToObtain = /\bobtain a copy\b[^.;:]{0,120}$/i;
/** Behind a link: what it leads to is no longer, or not, the licence. */
const formerly = /^[)\]>\s]{0,3}(?:→|-+>|=>|instead\b)/i;
/** In front of a name or link: it is one of several that could be meant. */
const example = /\b(?:such as|for example|e\.g\.)[^.;:]{0,140}$/i;

/** `jquery.org/license`: an address without a scheme, by the word in it. */
export function bareLink(head: string, tail: string, at: number): Window | undefined {
  if (!head.endsWith("/")) return undefined;
  const site = /(?:^|[\s<("'|]|ftp:\/\/)((?:[\w-]{1,40}\.){1,3}[a-z]{2,6}\/(?:[\w.-]{1,40}\/){0,4})$/i.exec(head)?.[1];
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
