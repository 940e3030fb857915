import { compareText, defineVersionScheme, satisfiesOperators } from "@plimsoll/model";
import type { VersionScheme } from "@plimsoll/model";
import { intervalBounds, isIntervalRange } from "../shared/versions/interval-range.ts";
import { parseNativeRange } from "../shared/versions/native-range.ts";
import { compareDigits, withoutLeadingZeros } from "../shared/versions/digits.ts";

/**
 * One piece of a version: a number or a qualifier. After org.apache.maven.artifact.versioning.ComparableVersion and the
 * "Version Order Specification" of the POM reference, in the form they had up to Maven 3.8.6: it is the one that advisory
 * databases sort by. Later ones differ for qualifiers behind a dot (`1.0.RC1`).
 */
type Item =
  | { readonly kind: "number"; readonly digits: string }
  | { readonly kind: "qualifier"; readonly rank: string };

/**
 * ComparableVersion nests a list after each hyphen or change between digits and letters. A nested list is always the last
 * item of its parent, so the tree is kept as the sequence of its levels: nothing recurses, whatever the input.
 */
type Levels = readonly (readonly Item[])[];

/** Qualifiers before the release, the release itself, and the one known qualifier after it. Others follow in text order. */
const known = ["alpha", "beta", "milestone", "rc", "snapshot", "", "sp"];
const aliases: ReadonlyMap<string, string> = new Map([
  ["ga", ""],
  ["final", ""],
  ["release", ""],
  ["cr", "rc"],
]);

const release = rankOf("");

/** Maven itself accepts any text; these characters only come from placeholders, broken advisories and other fields. */
const impossible = /[\s/\\:"'<>|?*[\](){},;=$@]/;

/** Maven's order of versions and its two range notations: `[1.0,2.0)` and operator lists. */
export const mavenVersions: VersionScheme = defineVersionScheme<Levels>({
  id: "maven",
  parse: (text) => (text === "" || impossible.test(text) ? undefined : parse(text.toLowerCase())),
  compare,
  satisfies: (version, range) => satisfies(version, range.trim()),
  bounds: (range) => (isIntervalRange(range) ? intervalBounds(range) : parseNativeRange(range, {})),
});

function parse(version: string): Levels {
  const levels: Item[][] = [[]];
  let list: Item[] = levels[0] ?? [];
  let start = 0;
  let inDigits = false;
  function nest(): void {
    levels.push((list = []));
  }
  function take(end: number, digitsFollow: boolean): void {
    list.push(item(version.slice(start, end), inDigits, digitsFollow));
  }
  for (let at = 0; at < version.length; at++) {
    const char = version.charCodeAt(at);
    if (char === 0x2e || char === 0x2d) {
      if (at === start) list.push(zero);
      else take(at, false);
      start = at + 1;
      if (char === 0x2d) nest();
      continue;
    }
    const digit = isDigit(char);
    if (digit !== inDigits && at > start) {
      take(at, digit);
      start = at;
      nest();
    }
    inDigits = digit;
  }
  if (version.length > start) take(version.length, false);
  return normalize(levels);
}

function isDigit(char: number): boolean {
  return char >= 0x30 && char <= 0x39;
}

const zero: Item = { kind: "number", digits: "" };

function item(text: string, digits: boolean, digitsFollow: boolean): Item {
  if (digits) return { kind: "number", digits: withoutLeadingZeros(text) };
  return { kind: "qualifier", rank: rankOf(digitsFollow ? (abbreviations.get(text) ?? text) : text) };
}

/** Only when a number follows. */
const abbreviations: ReadonlyMap<string, string> = new Map([
  ["a", "alpha"],
  ["b", "beta"],
  ["m", "milestone"],
]);

function rankOf(word: string): string {
  const name = aliases.get(word) ?? word;
  const index = known.indexOf(name);
  return index === -1 ? `${known.length}-${name}` : `${index}`;
}

/**
 * Drops zeros and releases from the end of every level, from the innermost outwards, and levels that were nothing but
 * a release: `1-ga-1` is `1-1`, `1-0-1` is not.
 */
function normalize(levels: readonly (readonly Item[])[]): Levels {
  const kept: (readonly Item[])[] = [];
  for (let level = levels.length - 1; level >= 0; level--) {
    const items = levels[level] ?? [];
    let end = items.length;
    while (end > 0 && isNull(items[end - 1] ?? zero)) end--;
    const keepsPlace = level === 0 || items[0]?.kind === "number";
    if (end > 0 || (keepsPlace && kept.length > 0)) kept.push(items.slice(0, end));
  }
  return kept.reverse();
}

function isNull(each: Item): boolean {
  return each.kind === "number" ? each.digits === "" : each.kind === "qualifier" && each.rank === release;
}

function compare(a: Levels, b: Levels): number {
  for (let level = 0; ; level++) {
    const left = a[level];
    const right = b[level];
    if (left === undefined && right === undefined) return 0;
    if (left === undefined) return -compareToNothing(b, level);
    if (right === undefined) return compareToNothing(a, level);
    const length = Math.min(left.length, right.length);
    for (let index = 0; index < length; index++) {
      const order = compareItems(left[index] ?? zero, right[index] ?? zero);
      if (order !== 0) return order;
    }
    if (left.length > length) {
      return b[level + 1] === undefined ? compareRest(a, level, length) : compareItemToList(left[length] ?? zero);
    }
    if (right.length > length) {
      return a[level + 1] === undefined ? -compareRest(b, level, length) : -compareItemToList(right[length] ?? zero);
    }
  }
}

/** The items of `version` from a level and index on, against a version that has ended. */
function compareRest(version: Levels, level: number, from: number): number {
  for (let index = from; index < (version[level]?.length ?? 0); index++) {
    const order = compareItemToNothing(version[level]?.[index] ?? zero);
    if (order !== 0) return order;
  }
  return compareToNothing(version, level + 1);
}

function compareToNothing(version: Levels, level: number): number {
  for (let at = level; at < version.length; at++) {
    for (const each of version[at] ?? []) {
      const order = compareItemToNothing(each);
      if (order !== 0) return order;
    }
  }
  return 0;
}

function compareItemToNothing(each: Item): number {
  return each.kind === "number" ? (each.digits === "" ? 0 : 1) : compareText(each.rank, release);
}

/** `1.1` is after `1-1`, `1-1` after `1.x`. */
function compareItemToList(each: Item): number {
  return each.kind === "number" ? 1 : -1;
}

function compareItems(a: Item, b: Item): number {
  if (a.kind === "number") return b.kind === "number" ? compareDigits(a.digits, b.digits) : 1;
  if (b.kind === "number") return -1;
  return compareText(a.rank, b.rank);
}

function satisfies(version: string, range: string): boolean | undefined {
  if (!range.startsWith("[") && !range.startsWith("(")) {
    return satisfiesOperators(mavenVersions.compare, version, range.replaceAll("=>", ">=").replaceAll("=<", "<="));
  }
  const intervals = parseIntervals(range);
  if (intervals === undefined || !mavenVersions.isValid(version)) return undefined;
  let unknown = false;
  for (const interval of intervals) {
    const verdict = within(version, interval);
    if (verdict === true) return true;
    if (verdict === undefined) unknown = true;
  }
  return unknown ? undefined : false;
}

interface Interval {
  readonly low: string;
  readonly lowIncluded: boolean;
  readonly high: string;
  readonly highIncluded: boolean;
}

/** `[a,b)` and friends joined by commas (POM reference, "Dependency Version Requirement Specification"); undefined when malformed. */
function parseIntervals(range: string): readonly Interval[] | undefined {
  const intervals: Interval[] = [];
  let at = 0;
  while (at < range.length) {
    const open = range[at];
    if (open !== "[" && open !== "(") return undefined;
    let close = at + 1;
    while (close < range.length && range[close] !== "]" && range[close] !== ")") close++;
    if (close === range.length) return undefined;
    const [low = "", high, ...rest] = range
      .slice(at + 1, close)
      .split(",")
      .map((bound) => bound.trim());
    if (rest.length > 0) return undefined;
    intervals.push(
      high === undefined
        ? { low, lowIncluded: true, high: low, highIncluded: true }
        : { low, lowIncluded: open === "[", high, highIncluded: range[close] === "]" },
    );
    at = close + 1;
    while (at < range.length && /[\s,]/.test(range[at] ?? "")) at++;
  }
  return intervals;
}

function within(version: string, interval: Interval): boolean | undefined {
  const low = interval.low === "" ? 1 : mavenVersions.compare(version, interval.low);
  const high = interval.high === "" ? -1 : mavenVersions.compare(version, interval.high);
  if (low === undefined || high === undefined) return undefined;
  return (low > 0 || (low === 0 && interval.lowIncluded)) && (high < 0 || (high === 0 && interval.highIncluded));
}
