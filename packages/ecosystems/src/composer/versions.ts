import { compareText, defineVersionScheme } from "@plimsoll/model";
import type { VersionScheme } from "@plimsoll/model";
import { parseNativeRange } from "../shared/versions/native-range.ts";

/**
 * Versions of Composer packages, in the order of PHP's `version_compare`
 * (https://www.php.net/manual/function.version-compare.php), as advisories are written for it. Of Composer's own normal form
 * (composer/semver, VersionParser::normalize) only that is taken which does not change the order of what OSV orders:
 * there `1.0` is before `1.0.0`. Branches by name (`dev-main`) have no order.
 */
export const composerVersions: VersionScheme = defineVersionScheme<readonly string[]>({
  id: "packagist",
  parse: parseComposerVersion,
  compare: compareParts,
  bounds: (range) => parseNativeRange(range, { upper: "-dev", tildeFreesLast: true }),
});

/**
 * For ranges of advisories: Composer's own order, in which `2.0`, `2.0.0` and `2.0.0-stable` are one version and `2.0.0-beta1` is before
 * `2.0`. Whoever writes "before 2.0" or "up to 2.0" means that one.
 */
export const composerAdvisoryVersions: VersionScheme = defineVersionScheme<readonly string[]>({
  id: "packagist",
  parse: (text) => parseComposerVersion(inFull(text)),
  compare: compareParts,
  bounds: (range) => parseNativeRange(range, { upper: "-dev", tildeFreesLast: true }),
});

/** A release that Composer would give four numbers, and the pre-release behind it. */
const release = /^(\d{1,5}(?:\.\d+){0,3})((?:[._-]?(?:stable|beta|b|rc|alpha|a|dev)\d*(?:[.-]\d+)*)*)$/i;

/** `v2.0-beta1` as `2.0.0.0-beta1`; what is no plain release stays as it is. */
function inFull(text: string): string {
  const plain = text.trim().replace(/^[vV](?=\d)/, "");
  const [, numbers, rest = ""] = release.exec(plain.split("+", 1)[0] ?? plain) ?? [];
  return numbers === undefined || branch.test(plain) ? text : padded(numbers, "0") + rest.replace(/[._-]?stable$/i, "");
}

/** Beginnings of words that mean something, by rank; a number ranks as `#`, other words below all. */
const ranks: readonly (readonly [string, number])[] = [
  ["dev", 0],
  ["a", 1],
  ["b", 2],
  ["RC", 3],
  ["rc", 3],
  ["#", 4],
  ["p", 5],
];
const number = "#";

function parseComposerVersion(text: string): readonly string[] | undefined {
  const plain = text.trim().replace(/^[vV](?=\d)/, "");
  if (text.length > 256 || !/^\d[\w.+#~*-]*$/.test(plain)) return undefined;
  return (
    normalize(plain)
      .match(/\d+|[A-Za-z]+|#/g)
      ?.map((part) => part.replace(/^0+(?=\d)/, "")) ?? undefined
  );
}

const patched = /^(\d{1,5}(?:\.\d+){0,3})[._-]?((?:patch|pl|p)\d*(?:[.-]\d+)*)$/i;
const branch = /^(\d+(?:\.(?:\d+|[xX*])){0,3})[.-]?[xX*]?[.-]?dev$/;
/** Composer's number for "any" in branches. */
const highest = "9999999";

/**
 * What Composer's normal form has that `version_compare` alone would get wrong: build metadata is nothing, a branch
 * (`2.x-dev`) is above its releases, and a patch of `2` is one of `2.0.0.0`, not above `2.5`.
 */
function normalize(plain: string): string {
  const text = plain.split("+", 1)[0] ?? plain;
  const [, release, patch = ""] = patched.exec(text) ?? [];
  if (release !== undefined) return `${padded(release, "0")}-${patch.toLowerCase()}`;
  const [, numbers = ""] = branch.exec(text) ?? [];
  return /[xX*]/.test(text) && numbers !== "" ? `${padded(numbers.replaceAll(/[xX*]/g, highest), highest)}-dev` : text;
}

function padded(release: string, filler: string): string {
  const numbers = release.split(".");
  while (numbers.length < 4) numbers.push(filler);
  return numbers.join(".");
}

function compareParts(a: readonly string[], b: readonly string[]): number {
  for (let at = 0; at < Math.min(a.length, b.length); at++) {
    const order = comparePart(a[at] ?? "", b[at] ?? "");
    if (order !== 0) return order;
  }
  if (a.length === b.length) return 0;
  return a.length > b.length ? restOrder(a.slice(b.length)) : -restOrder(b.slice(a.length));
}

/** How a version with these further parts compares with one that ends before them. */
function restOrder(rest: readonly string[]): number {
  for (const part of rest) {
    if (isNumber(part)) return 1;
    const order = rankOf(part) - rankOf(number);
    if (order !== 0) return order;
  }
  return 0;
}

function comparePart(a: string, b: string): number {
  if (isNumber(a) && isNumber(b)) return a.length === b.length ? compareText(a, b) : a.length - b.length;
  return rankOf(a) - rankOf(b);
}

function rankOf(part: string): number {
  const word = isNumber(part) ? number : part;
  return ranks.find(([start]) => word.startsWith(start))?.[1] ?? -1;
}

function isNumber(part: string): boolean {
  const code = part.charCodeAt(0);
  return code >= 48 && code <= 57;
}
