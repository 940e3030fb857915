import { listField, record, textField } from "@plimsoll/formats";
import type { AffectedRange } from "@plimsoll/model";
import { objectField, objectsField } from "../shared/untrusted-json.ts";
import type { JsonObject } from "../shared/untrusted-json.ts";

/** What the ranges of one `affected` entry say. */
export interface OsvRanges {
  readonly ranges: readonly AffectedRange[];
  /** Ranges that end in a `limit`, which is a bound but not a fix: `>=1.0, <2.0`. */
  readonly expressions: readonly string[];
  /** How many ranges of commits there are; an installed package cannot be compared with those. */
  readonly commitRanges: number;
}

interface Event {
  readonly kind: "introduced" | "fixed" | "last_affected" | "limit";
  readonly version: string;
}

const eventKinds = ["introduced", "fixed", "last_affected", "limit"] as const;

/** Reads `ranges[]` of an `affected` entry: https://ossf.github.io/osv-schema/#affectedranges-field. */
export function readRanges(affected: JsonObject): OsvRanges {
  const ranges: AffectedRange[] = [];
  const expressions: string[] = [];
  let commitRanges = 0;
  for (const range of objectsField(affected, "ranges")) {
    if (textField(range, "type") === "GIT") {
      commitRanges++;
      continue;
    }
    const events = readEvents(range);
    const limits = events.filter((event) => event.kind === "limit" && event.version !== "*");
    const bounded = pairEvents(events.filter((event) => event.kind !== "limit"));
    for (const each of bounded)
      if (limits.length === 0) ranges.push(each);
      else placeLimited(each, limits, ranges, expressions);
  }
  return { ranges, expressions, commitRanges };
}

/**
 * GitHub's records of flaws without a fix leave the range open, and state beside it how far versions are known to be affected:
 * `database_specific.last_known_affected_version_range`, `<= 1.2.3` or `< 1.3`. Later versions are then not taken as affected.
 */
export function boundByLastKnown(stated: OsvRanges, affected: JsonObject): OsvRanges {
  const text = textField(objectField(affected, "database_specific"), "last_known_affected_version_range");
  const [, operator, version] = /^(<=?)\s*(\S+)$/.exec(text?.trim() ?? "") ?? [];
  const open = stated.ranges.filter(({ end }) => end.kind === "open");
  const [last] = open;
  // With several open ranges it is not known which one is meant.
  if (version === undefined || last === undefined || open.length > 1) return stated;
  if (operator === "<=") {
    const bounded: AffectedRange = { introduced: last.introduced, end: { kind: "last-affected", version } };
    return { ...stated, ranges: stated.ranges.map((range) => (range === last ? bounded : range)) };
  }
  const expression = last.introduced === "0" ? `<${version}` : `>=${last.introduced}, <${version}`;
  return {
    ...stated,
    ranges: stated.ranges.filter((range) => range !== last),
    expressions: [...stated.expressions, expression],
  };
}

function readEvents(range: JsonObject): Event[] {
  const events: Event[] = [];
  for (const element of listField(range, "events")) {
    const object = record(element);
    // The schema wants one field per event; records with two do exist. Those of protocol buffers spell names otherwise.
    for (const kind of eventKinds) {
      const version =
        textField(object, kind) ?? (kind === "last_affected" ? textField(object, "lastAffected") : undefined);
      if (version !== undefined) events.push({ kind, version });
    }
  }
  return events;
}

/**
 * Turns the events of a time line into ranges. A list in which every start is followed by its end is taken as it is;
 * any other is put in order first, as the schema's algorithm does.
 */
function pairEvents(events: readonly Event[]): AffectedRange[] {
  const ordered = isOrderly(events) ? events : [...events].sort(compareEvents);
  const ranges: AffectedRange[] = [];
  let introduced: string | undefined;
  for (const event of ordered) {
    if (event.kind === "introduced") introduced ??= event.version;
    else if (introduced !== undefined) {
      const kind = event.kind === "fixed" ? "fixed" : "last-affected";
      ranges.push({ introduced, end: { kind, version: event.version } });
      introduced = undefined;
    }
  }
  if (introduced !== undefined) ranges.push({ introduced, end: { kind: "open" } });
  return ranges;
}

function isOrderly(events: readonly Event[]): boolean {
  return events.every((event, index) => {
    if ((event.kind === "introduced") !== (index % 2 === 0)) return false;
    if (event.kind === "introduced" || event.version === "0") return true;
    // Records do list ends that belong to another start: `7.3.0` introduced, `6.2.18` fixed.
    return !isEarlierRelease(event.version, events[index - 1]?.version ?? "");
  });
}

/** Whether dotted numbers alone show that a version is older; what stands behind them has another meaning in each scheme. */
function isEarlierRelease(a: string, b: string): boolean {
  const [left, right] = [a, b].map((text) => /^v?(\d+(?:\.\d+)*)(?![\d:])/.exec(text)?.[1]?.split(".").map(Number));
  if (left === undefined || right === undefined) return false;
  for (let at = 0; at < Math.min(left.length, right.length); at++) {
    const order = (left[at] ?? 0) - (right[at] ?? 0);
    if (order !== 0) return order < 0;
  }
  return false;
}

/** By version; at the same one, an end comes before a start for `fixed` and after it for `last_affected`. */
function compareEvents(a: Event, b: Event): number {
  return compareLoosely(a.version, b.version) || rank(a) - rank(b);
}

function rank(event: Event): number {
  return event.kind === "introduced" ? 1 : event.kind === "fixed" ? 0 : 2;
}

/**
 * Order of versions where the scheme is not known: runs of digits by value, a missing part before a number and after a
 * word, `0` before everything. Good for what is compared here, bounds of one record.
 */
export function compareLoosely(a: string, b: string): number {
  if (a === b) return 0;
  if (a === "0") return -1;
  if (b === "0") return 1;
  const left = a.match(/\d+|[A-Za-z]+/g) ?? [];
  const right = b.match(/\d+|[A-Za-z]+/g) ?? [];
  for (let at = 0; at < Math.max(left.length, right.length); at++) {
    const order = comparePart(left[at], right[at]);
    if (order !== 0) return order;
  }
  return 0;
}

function comparePart(a: string | undefined, b: string | undefined): number {
  const weight = (part: string | undefined): number => (part === undefined ? 1 : /^\d/.test(part) ? 2 : 0);
  if (a === undefined || b === undefined || weight(a) !== weight(b)) return weight(a) - weight(b);
  if (weight(a) === 0) return a < b ? -1 : a > b ? 1 : 0;
  const left = a.replace(/^0+/, "");
  const right = b.replace(/^0+/, "");
  return left.length - right.length || (left < right ? -1 : left > right ? 1 : 0);
}

/** A version is before the limits when it is before any of them, so the farthest one bounds. */
function placeLimited(
  range: AffectedRange,
  limits: readonly Event[],
  ranges: AffectedRange[],
  expressions: string[],
): void {
  const farthest = limits.map((limit) => limit.version).reduce((a, b) => (compareLoosely(a, b) < 0 ? b : a));
  if (range.end.kind !== "open" && compareLoosely(range.end.version, farthest) <= 0) {
    ranges.push(range);
    return;
  }
  if (compareLoosely(range.introduced, farthest) >= 0) return;
  expressions.push(range.introduced === "0" ? `<${farthest}` : `>=${range.introduced}, <${farthest}`);
}
