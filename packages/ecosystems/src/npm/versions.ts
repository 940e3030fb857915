import { defineVersionScheme } from "@plimsoll/model";
import type { VersionScheme } from "@plimsoll/model";
import { Range, satisfies, SemVer } from "semver";
import { parseNativeRange } from "../shared/versions/native-range.ts";
import { compareSemanticVersions, parseSemanticVersion } from "../shared/versions/semantic-version.ts";

/**
 * Versions of npm packages: order and ranges of node-semver. Texts that node-semver refuses but that are still
 * ordered by the rules of Semantic Versioning, such as numbers beyond 2^53, are compared by those.
 */
export const npmVersions: VersionScheme = defineVersionScheme<NpmVersion>({
  id: "npm",
  parse: parseNpmVersion,
  compare: npmOrder,
  satisfies: satisfiesRange,
  bounds: (range) => parseNativeRange(range, { numbers: 3 }),
});

/** For ranges of advisories, which follow the plain order: a pre-release between two bounds is in the range. */
export const npmAdvisoryVersions: VersionScheme = defineVersionScheme<NpmVersion>({
  id: "npm",
  parse: parseNpmVersion,
  compare: npmOrder,
  satisfies: (version, range) => {
    const parsed = parseRange(range);
    const candidate = parseNpmVersion(version);
    if (parsed === undefined || !(candidate instanceof SemVer)) return undefined;
    return satisfies(candidate, parsed, { includePrerelease: true });
  },
});

type NpmVersion = SemVer | (ReturnType<typeof parseSemanticVersion> & object);

function parseNpmVersion(text: string): NpmVersion | undefined {
  try {
    return new SemVer(text, { loose: true });
  } catch {
    return parseSemanticVersion(text);
  }
}

function npmOrder(a: NpmVersion, b: NpmVersion): number {
  return a instanceof SemVer && b instanceof SemVer
    ? a.compare(b)
    : compareSemanticVersions(toSemantic(a), toSemantic(b));
}

function toSemantic(version: NpmVersion): ReturnType<typeof parseSemanticVersion> & object {
  if (!(version instanceof SemVer)) return version;
  return {
    numbers: [version.major, version.minor, version.patch].map(String),
    prerelease: version.prerelease.map(String),
  };
}

const ranges = new Map<string, Range | undefined>();

/**
 * The range grammar of node-semver; commas between comparators and a doubled equals sign, as advisories write them,
 * are accepted too. A pre-release lies only in ranges that name one of the same major, minor and patch.
 */
function satisfiesRange(version: string, range: string): boolean | undefined {
  const parsed = parseRange(range);
  const candidate = parseNpmVersion(version);
  if (parsed === undefined || !(candidate instanceof SemVer)) return undefined;
  return parsed.test(candidate);
}

function parseRange(text: string): Range | undefined {
  if (ranges.has(text)) return ranges.get(text);
  const range = text.length > 4_096 ? undefined : readRange(text);
  if (ranges.size >= 1_024) ranges.clear();
  ranges.set(text, range);
  return range;
}

/** A pre-release after less than three numbers (`>=0.0-0`), which the grammar does not know. */
const partialPrerelease = /((?:^|[\s<>=~^])v?\d+(?:\.\d+)?)-[0-9A-Za-z.-]+(?=\s|$)/g;

function readRange(text: string): Range | undefined {
  const alternatives = text
    .split("||")
    .map((part) =>
      part.replaceAll(",", " ").replace(/==+/g, "=").replaceAll("=>", ">=").replace(partialPrerelease, "$1"),
    );
  try {
    // Range drops alternatives it cannot read as long as one is left: then the answer would be a guess.
    for (const alternative of alternatives) new Range(alternative);
    return new Range(alternatives.join("||"));
  } catch {
    return undefined;
  }
}
