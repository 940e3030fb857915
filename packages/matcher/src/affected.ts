import type { AffectedPackage, AffectedRange, VersionScheme } from "@plimsoll/model";

/** Whether one advisory entry affects one version, and why. */
export type AffectedVerdict =
  /** `by`: the range, version or expression that holds it, readable. */
  | { readonly kind: "affected"; readonly by: string }
  | { readonly kind: "unaffected" }
  /** `unreadable`: the version or bound that the scheme could not read. Neither an alarm nor a reassurance. */
  | { readonly kind: "unknown"; readonly unreadable: string };

/** The OSV sentinel for the beginning of time: below every version, whatever the scheme makes of the text. */
const beginning = "0";

const unaffected: AffectedVerdict = { kind: "unaffected" };
/** One for all: most entries lack most lists, and thousands are judged for one image. */
const none: readonly string[] = [];

/**
 * Whether a version is affected, by the evaluation algorithm of the OSV schema: listed in `versions` or inside a range.
 * Feeds with native ranges use `expressions`; an entry that has only `unaffectedExpressions` affects all other versions.
 */
export function judgeVersion(entry: AffectedPackage, version: string, scheme: VersionScheme): AffectedVerdict {
  const positive = positiveVerdict(entry, version, scheme);
  return positive.kind === "unaffected" ? positive : (excludedVerdict(entry, version, scheme) ?? positive);
}

function positiveVerdict(entry: AffectedPackage, version: string, scheme: VersionScheme): AffectedVerdict {
  const { ranges, versions = none, expressions = none, unaffectedExpressions = none } = entry;
  if (isListed(versions, version, scheme)) return { kind: "affected", by: `= ${version}` };
  let unknown: AffectedVerdict | undefined;
  for (const range of ranges) {
    const inside = isInside(range, version, scheme);
    if (inside === true) return { kind: "affected", by: describeRange(range) };
    if (inside === undefined) unknown ??= { kind: "unknown", unreadable: unreadableOf(range, version, scheme) };
  }
  for (const expression of expressions) {
    const satisfied = satisfies(scheme, version, expression);
    if (satisfied === true) return { kind: "affected", by: expression === "" ? "every version" : expression };
    if (satisfied === undefined)
      unknown ??= { kind: "unknown", unreadable: scheme.isValid(version) ? expression : version };
  }
  if (unknown !== undefined) return unknown;
  if (unaffectedExpressions.length === 0) return unaffected;
  const saysNothingElse = ranges.length === 0 && versions.length === 0 && expressions.length === 0;
  const exclusions = unaffectedExpressions.filter((expression) => expression !== "");
  return saysNothingElse && exclusions.length > 0
    ? { kind: "affected", by: `none of ${exclusions.join(" || ")}` }
    : unaffected;
}

/** The verdict where an exclusion decides; undefined where none speaks of the version. */
function excludedVerdict(entry: AffectedPackage, version: string, scheme: VersionScheme): AffectedVerdict | undefined {
  let unknown: AffectedVerdict | undefined;
  for (const expression of entry.unaffectedExpressions ?? none) {
    // An empty exclusion comes from feeds that list an unknown fix as "".
    if (expression === "") continue;
    const satisfied = satisfies(scheme, version, expression);
    if (satisfied === true) return unaffected;
    if (satisfied === undefined)
      unknown ??= { kind: "unknown", unreadable: scheme.isValid(version) ? expression : version };
  }
  return unknown;
}

function satisfies(scheme: VersionScheme, version: string, expression: string): boolean | undefined {
  return expression.trim() === "" ? true : scheme.satisfies(version, expression);
}

function isListed(versions: readonly string[], version: string, scheme: VersionScheme): boolean {
  if (versions.length === 0) return false;
  const plain = scheme.withoutLocal?.(version) ?? version;
  if (plain !== version && versions.some((listed) => scheme.compare(plain, listed) === 0)) return true;
  // Feeds normalize the versions they list, packages do not: 1.0 is listed where 1.0.0 is installed.
  return (
    versions.includes(version) ||
    (scheme.isValid(version) && versions.some((listed) => scheme.compare(version, listed) === 0))
  );
}

/** Whether a version lies in a range; undefined when a bound that decides cannot be compared. */
export function isInside(range: AffectedRange, version: string, scheme: VersionScheme): boolean | undefined {
  const started = range.introduced === beginning ? true : atLeast(orderOf(version, range.introduced, scheme));
  if (started === false) return false;
  const ended = isPast(range, version, scheme);
  if (ended === true) return false;
  return started === undefined || ended === undefined ? undefined : true;
}

/** Whether a version lies at or behind the end of a range. */
function isPast({ introduced, end }: AffectedRange, version: string, scheme: VersionScheme): boolean | undefined {
  if (end.kind === "open") return false;
  // OSV events are evaluated in version order: an end below its introduction belongs to an earlier range and closes nothing here.
  if (introduced !== beginning && isBelow(orderOf(end.version, introduced, scheme))) return false;
  if (introduced === beginning && end.version === beginning) return true;
  // The last release that is affected is so with any label that its builder added.
  const isLabelled = end.kind === "last-affected" && !end.version.includes("+");
  const order = orderOf(isLabelled ? (scheme.withoutLocal?.(version) ?? version) : version, end.version, scheme);
  if (order === undefined) return undefined;
  return end.kind === "fixed" ? order >= 0 : order > 0;
}

/** Texts that a scheme only sorts decide nothing: a fix in version `invalid` is no fix that everything lacks. */
function orderOf(a: string, b: string, scheme: VersionScheme): number | undefined {
  return scheme.isValid(a) && scheme.isValid(b) ? scheme.compare(a, b) : undefined;
}

function atLeast(order: number | undefined): boolean | undefined {
  return order === undefined ? undefined : order >= 0;
}

function isBelow(order: number | undefined): boolean {
  return order !== undefined && order < 0;
}

function unreadableOf({ introduced, end }: AffectedRange, version: string, scheme: VersionScheme): string {
  if (!scheme.isValid(version)) return version;
  if (introduced !== beginning && !scheme.isValid(introduced)) return introduced;
  return end.kind === "open" ? introduced : end.version;
}

/** A range as people read it: `>= 0, < 1.1.22-r4`. */
export function describeRange({ introduced, end }: AffectedRange): string {
  switch (end.kind) {
    case "fixed":
      return `>= ${introduced}, < ${end.version}`;
    case "last-affected":
      return `>= ${introduced}, <= ${end.version}`;
    case "open":
      return `>= ${introduced}`;
  }
}
