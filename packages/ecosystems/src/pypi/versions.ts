import { defineVersionScheme, satisfiesOperators } from "@plimsoll/model";
import type { VersionScheme } from "@plimsoll/model";
import { parseNativeRange } from "../shared/versions/native-range.ts";
import { compareLegacyVersions, parseLegacyVersion } from "./legacy-version.ts";
import type { LegacyVersion } from "./legacy-version.ts";
import { comparePep440, parsePep440 } from "./pep440.ts";
import type { Pep440Version } from "./pep440.ts";
import { satisfiesSpecifiers } from "./specifiers.ts";

/**
 * Versions of Python packages (https://packaging.python.org/en/latest/specifications/version-specifiers/, PEP 440).
 * Versions from before PEP 440 are ordered as setuptools ordered them, all below the others.
 */
export const pypiVersions: VersionScheme = defineVersionScheme<PythonVersion>({
  id: "pypi",
  zeroIsFirst: true,
  parse: parsePythonVersion,
  compare: comparePythonVersions,
  satisfies: satisfiesSpecifiers,
  // A compatible release (`~=1.4.2`) frees the last number.
  bounds: (range) => parseNativeRange(range.replaceAll("~=", "~>").replaceAll("===", "="), {}),
  // "Local version identifiers": equal to the release for whoever names it without one.
  withoutLocal: (version) => version.replace(/\+.*$/s, ""),
});

/**
 * For vendors that rebuild packages and mark them with local version labels: their ranges compare such labels, which PEP 440 uses in
 * `==` only.
 */
export const rebuiltPypiVersions: VersionScheme = defineVersionScheme<PythonVersion>({
  id: "pypi",
  parse: parsePythonVersion,
  compare: comparePythonVersions,
  satisfies: (version, range) =>
    range.includes("+")
      ? satisfiesOperators((a, b) => pypiVersions.compare(a, b), version, range)
      : satisfiesSpecifiers(version, range),
});

type PythonVersion = Pep440Version | LegacyVersion;

/** Undefined for texts that are versions neither by PEP 440 nor by the rules before it. */
function parsePythonVersion(text: string): PythonVersion | undefined {
  return parsePep440(text) ?? parseLegacyVersion(text);
}

function comparePythonVersions(a: PythonVersion, b: PythonVersion): number {
  if (a.kind === "legacy" || b.kind === "legacy") {
    if (a.kind === "legacy" && b.kind === "legacy") return compareLegacyVersions(a, b);
    return a.kind === "legacy" ? -1 : 1;
  }
  return comparePep440(a, b);
}
