import { defineVersionScheme, satisfiesOperators } from "@plimsoll/model";
import type { VersionScheme } from "@plimsoll/model";
import { intervalBounds, isIntervalRange } from "../shared/versions/interval-range.ts";
import { parseNativeRange } from "../shared/versions/native-range.ts";
import { compareDigitLists } from "../shared/versions/digits.ts";
import { comparePreReleases } from "../shared/versions/identifiers.ts";

interface NugetVersion {
  readonly release: readonly string[];
  readonly pre: readonly string[];
}

const shape = /^v?(\d+(?:\.\d+){0,3})(?:-([0-9A-Za-z.-]*))?(?:\+[0-9A-Za-z.+-]*)?$/;

/**
 * NuGet's order (learn.microsoft.com/nuget/concepts/package-versioning): up to four numbers, missing ones are zero,
 * pre-release labels without regard to case, build metadata ignored. Ranges in interval notation, floating, or operators.
 */
export const nugetVersions: VersionScheme = defineVersionScheme<NugetVersion>({
  id: "nuget",
  zeroIsFirst: true,
  parse(text) {
    const match = shape.exec(text.trim());
    if (match === null) return undefined;
    const [, release = "", pre = ""] = match;
    return { release: release.split("."), pre: pre === "" ? [] : pre.toLowerCase().split(".") };
  },
  compare: (a, b) => compareDigitLists(a.release, b.release) || comparePreReleases(a.pre, b.pre),
  satisfies: (version, range) => satisfies(version, range.trim()),
  bounds: (range) => {
    if (isIntervalRange(range)) return intervalBounds(range);
    // As in `satisfies`: a bare version is a minimum.
    const bare = range.trim();
    return shape.test(bare) ? [[{ comparator: ">=", version: bare }]] : parseNativeRange(range, {});
  },
});

function satisfies(version: string, range: string): boolean | undefined {
  const interval = /^([[(])([^,[\]()]*)(?:(,)([^,[\]()]*))?([\])])$/.exec(range);
  if (interval !== null) {
    const [, open, low = "", comma, high = "", close] = interval;
    if (comma === undefined) return equal(version, low.trim());
    return both(
      bounded(version, low.trim(), open === "[" ? [0, 1] : [1]),
      bounded(version, high.trim(), close === "]" ? [0, -1] : [-1]),
    );
  }
  if (range.includes("*")) return satisfiesFloating(version, range);
  // A bare version is a minimum: "1.0" accepts 1.0 and later.
  if (nugetVersions.isValid(range)) return bounded(version, range, [0, 1]);
  return satisfiesOperators(nugetVersions.compare, version, range);
}

function equal(version: string, bound: string): boolean | undefined {
  const order = nugetVersions.compare(version, bound);
  return order === undefined ? undefined : order === 0;
}

function bounded(version: string, bound: string, allowed: readonly number[]): boolean | undefined {
  if (bound === "") return nugetVersions.isValid(version) ? true : undefined;
  const order = nugetVersions.compare(version, bound);
  return order === undefined ? undefined : allowed.includes(Math.sign(order));
}

function both(a: boolean | undefined, b: boolean | undefined): boolean | undefined {
  if (a === false || b === false) return false;
  return a === undefined || b === undefined ? undefined : true;
}

/** `1.*`, `1.2.*`, `*`: that and later, as the project file means it. */
function satisfiesFloating(version: string, range: string): boolean | undefined {
  const start = /^(\d+(?:\.\d+){0,2}\.)?\*(?:-\*)?$/.exec(range);
  return start === null ? undefined : bounded(version, start[1] === undefined ? "" : `${start[1]}0`, [0, 1]);
}
