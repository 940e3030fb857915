import type { RangeBound, VersionScheme } from "./version.ts";

/** A range in VERS notation (https://github.com/package-url/vers-spec), sorted by version. */
export interface VersRange {
  /** Versioning scheme as purls name package types: `npm`, `pypi`, `deb`. */
  readonly scheme: string;
  /** One `*` constraint means every version. */
  readonly constraints: readonly VersConstraint[];
}

/** A comparison with one version; `*`, which has none, holds always. */
export type VersConstraint = RangeBound;

const notation = /^vers:([a-z][a-z0-9.-]*)\/(.+)$/;
const constraint = /^(!=|<=|>=|=|<|>)?([^<>=!*|\s]+)$/;

/**
 * Reads VERS notation. Constraints may stand in any order and are sorted; those whose versions the scheme cannot read keep their place.
 * Undefined for a text that is none, or that has two constraints on one version.
 */
export function parseVers(text: string, versions: VersionScheme): VersRange | undefined {
  const [, scheme, list] = text.length > 65_536 ? [] : (notation.exec(text.trim()) ?? []);
  if (scheme === undefined || list === undefined) return undefined;
  if (list === "*") return { scheme, constraints: [{ comparator: "*", version: "" }] };
  const constraints: VersConstraint[] = [];
  for (const part of list.split("|")) {
    const parsed = parseConstraint(part.replace(/\s+/g, ""));
    if (parsed === undefined) return undefined;
    constraints.push(parsed);
  }
  return { scheme, constraints: constraints.sort((a, b) => versions.compare(a.version, b.version) ?? 0) };
}

function parseConstraint(part: string): VersConstraint | undefined {
  const [, comparator = "=", encoded] = constraint.exec(part) ?? [];
  if (encoded === undefined) return undefined;
  try {
    // as: the pattern lets through no others.
    return { comparator: comparator as VersConstraint["comparator"], version: decodeURIComponent(encoded) };
  } catch {
    return undefined;
  }
}

/**
 * A range of the scheme's own grammar in VERS notation: all its comparisons sorted by version, alternatives side by side.
 * Undefined when it cannot be read, or is empty.
 */
export function versFromNative(scheme: string, range: string, versions: VersionScheme): VersRange | undefined {
  const order = (a: VersConstraint | undefined, b: VersConstraint | undefined): number =>
    versions.compare(a?.version ?? "", b?.version ?? "") ?? 0;
  // Alternatives first, so that one that ends where another begins stays before it.
  const alternatives = range.length > 65_536 ? undefined : versions.bounds?.(range);
  const constraints = alternatives === undefined ? undefined : [...alternatives].sort(([a], [b]) => order(a, b)).flat();
  if (constraints === undefined || constraints.length === 0) return undefined;
  if (constraints.some(({ comparator }) => comparator === "*"))
    return { scheme, constraints: [{ comparator: "*", version: "" }] };
  return { scheme, constraints: constraints.sort(order) };
}

/** The canonical notation of a range. */
export function formatVers({ scheme, constraints }: VersRange): string {
  const parts = constraints.map(({ comparator, version }) =>
    comparator === "*" ? "*" : `${comparator === "=" ? "" : comparator}${encode(version)}`,
  );
  return `vers:${scheme}/${parts.join("|")}`;
}

/** All but letters, digits and `-._~:+!` (which versions are made of) is percent-encoded. */
function encode(version: string): string {
  return encodeURIComponent(version).replace(/%(?:3A|2B|21)/g, decodeURIComponent);
}

/** Whether a range holds a version; undefined when the scheme cannot read one of them. */
export function versContains(
  { constraints }: VersRange,
  version: string,
  versions: VersionScheme,
): boolean | undefined {
  if (!versions.isValid(version)) return undefined;
  const bounds: VersConstraint[] = [];
  for (const one of constraints) {
    if (one.comparator === "*") return true;
    const order = versions.compare(version, one.version);
    if (order === undefined) return undefined;
    if (one.comparator === "=" && order === 0) return true;
    if (one.comparator === "!=" && order === 0) return false;
    if (one.comparator !== "=" && one.comparator !== "!=") bounds.push(one);
  }
  if (bounds.length === 0) return constraints.some(({ comparator }) => comparator === "!=");
  return liesBetween(bounds, (bound) => versions.compare(version, bound.version) ?? 0);
}

/** Sorted bounds come in pairs, but the first may be an upper one and the last a lower one. */
function liesBetween(bounds: readonly VersConstraint[], order: (bound: VersConstraint) => number): boolean {
  const meets = (bound: VersConstraint): boolean => {
    const result = order(bound);
    return bound.comparator.startsWith("<")
      ? result < 0 || (result === 0 && bound.comparator === "<=")
      : result > 0 || (result === 0 && bound.comparator === ">=");
  };
  const [first] = bounds;
  const last = bounds.at(-1);
  if (first?.comparator.startsWith("<") === true && meets(first)) return true;
  if (last?.comparator.startsWith(">") === true && meets(last)) return true;
  return bounds.some((bound, at) => {
    const next = bounds[at + 1];
    return (
      next !== undefined &&
      bound.comparator.startsWith(">") &&
      next.comparator.startsWith("<") &&
      meets(bound) &&
      meets(next)
    );
  });
}
