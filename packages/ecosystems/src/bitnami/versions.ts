import { defineVersionScheme, satisfiesOperators } from "@plimsoll/model";
import type { VersionScheme } from "@plimsoll/model";
import { parseNativeRange } from "../shared/versions/native-range.ts";
import { compareSemanticVersions, parseSemanticVersion } from "../shared/versions/semantic-version.ts";

/** The number of the packaging. */
const packaging = /-r?(\d+)$/;

const plain: VersionScheme = defineVersionScheme({
  id: "bitnami",
  parse: (text) => parseSemanticVersion(text.trim().replace(packaging, "")),
  compare: compareSemanticVersions,
});

/**
 * Versions of Bitnami components: `1.2.3-4` is the fourth packaging of 1.2.3. Advisories state versions of the program, so the number
 * after the dash is ignored unless a range states one (https://github.com/bitnami/vulndb).
 */
export const bitnamiVersions: VersionScheme = defineVersionScheme({
  id: "bitnami",
  parse: (text) => parseSemanticVersion(text.trim().replace(packaging, "")),
  compare: compareSemanticVersions,
  satisfies: (version, range) => satisfiesOperators(compareWithBound, version, inOperators(range)),
});

/** A range with `^1.2`, `~1.2`, `1.x` or `*` as the comparisons that they stand for; other ranges as they are. */
function inOperators(range: string): string {
  if (!/[~^*]|\.[xX]/.test(range)) return range;
  const alternatives = parseNativeRange(range, { numbers: 3 });
  if (alternatives === undefined) return range;
  return alternatives
    .map((bounds) =>
      bounds.map(({ comparator, version }) => (comparator === "*" ? "" : `${comparator}${version}`)).join(" "),
    )
    .join("||");
}

/** A bound that names a packaging means it: before the first packaging there is none, which is older. */
function compareWithBound(version: string, bound: string): number | undefined {
  const stated = packaging.exec(bound.trim())?.[1];
  const order = plain.compare(version, bound);
  return order !== 0 || stated === undefined
    ? order
    : Number(packaging.exec(version.trim())?.[1] ?? 0) - Number(stated);
}
