import { defineVersionScheme, satisfiesOperators } from "@plimsoll/model";
import type { VersionScheme } from "@plimsoll/model";
import { compareDigitLists, withoutLeadingZeros } from "../shared/versions/digits.ts";
import { compareIdentifiers, comparePreReleases } from "../shared/versions/identifiers.ts";

interface PubVersion {
  readonly release: readonly string[];
  readonly pre: readonly string[];
  readonly build: readonly string[];
}

const shape = /^v?(\d+(?:\.\d+)*)(?:-([0-9A-Za-z.-]+))?(?:\+([0-9A-Za-z.-]+))?$/;

/**
 * Dart's order (pub_semver): Semantic Versioning, but a build suffix counts and comes after the version without one.
 * Ranges as in a pubspec: `^1.2.3`, `>=1.0.0 <2.0.0`, `any`.
 */
export const pubVersions: VersionScheme = defineVersionScheme<PubVersion>({
  id: "pub",
  zeroIsFirst: true,
  parse(text) {
    const match = shape.exec(text.trim());
    if (match === null) return undefined;
    const [, release = "", pre, build] = match;
    return { release: release.split("."), pre: pre?.split(".") ?? [], build: build?.split(".") ?? [] };
  },
  compare: (a, b) =>
    compareDigitLists(a.release, b.release) || comparePreReleases(a.pre, b.pre) || compareIdentifiers(a.build, b.build),
  satisfies(version, range) {
    const text = range.trim();
    if (text === "any") return pubVersions.isValid(version) ? true : undefined;
    const caret = /^\^\s*(\S+)$/.exec(text)?.[1];
    const conditions = caret === undefined ? text : caretRange(caret);
    return conditions === undefined ? undefined : satisfiesOperators(pubVersions.compare, version, conditions);
  },
});

/** `^1.2.3` is `>=1.2.3 <2.0.0-0`, `^0.1.2` is `>=0.1.2 <0.2.0-0`: the next pre-release is out as well. */
function caretRange(version: string): string | undefined {
  const [major = "", minor = "0"] = shape.exec(version)?.[1]?.split(".") ?? [];
  if (major === "") return undefined;
  const next = withoutLeadingZeros(major) === "" ? `0.${BigInt(minor) + 1n}.0-0` : `${BigInt(major) + 1n}.0.0-0`;
  return `>=${version} <${next}`;
}
