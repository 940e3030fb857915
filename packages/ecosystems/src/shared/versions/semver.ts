import { defineVersionScheme } from "@plimsoll/model";
import type { VersionScheme } from "@plimsoll/model";
import { compareSemanticVersions, parseSemanticVersion } from "./semantic-version.ts";
import { parseNativeRange } from "./native-range.ts";
import { satisfiesSemverRange } from "./semver-range.ts";

/** Semantic Versioning as crates.io, Hex, Julia and others use it. */
export const semver: VersionScheme = semanticScheme("semver");

/** The same rules under the name of an ecosystem. */
export function semanticScheme(id: string): VersionScheme {
  return defineVersionScheme({
    id,
    zeroIsFirst: true,
    parse: parseSemanticVersion,
    compare: compareSemanticVersions,
    satisfies: (version, range) => satisfiesSemverRange(version, range),
    bounds: (range) => parseNativeRange(range, { numbers: 3 }),
  });
}
