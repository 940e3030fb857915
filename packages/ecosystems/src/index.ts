/**
 * What each packaging world looks like: one folder and one line here per ecosystem.
 * @module
 * @example
 * import { deb } from "@plimsoll/ecosystems";
 * deb.versions.compare("1.0~rc1", "1.0"); // negative
 */
import type { VersionScheme } from "@plimsoll/model";
import { everyEcosystem } from "./every-ecosystem.ts";
import * as registry from "./registry.ts";

// Orders of versions that belong to no packaging world
import { fuzzyVersions } from "./shared/versions/fuzzy-versions.ts";
import { genericVersions } from "./shared/versions/generic-versions.ts";
import { opensslVersions } from "./shared/versions/openssl-versions.ts";
import { datetimeVersions, kbVersions, lexicographicVersions } from "./shared/versions/plain-versions.ts";
import { nginxVersions } from "./program/versions.ts";
import { semver } from "./shared/versions/semver.ts";
import { jvmVersions } from "./jdk/versions.ts";

export { defineEcosystem } from "./define-ecosystem.ts";
export { formatPurl } from "./shared/names/purl.ts";
export type { PurlParts } from "./shared/names/purl.ts";
export { adoptEpoch } from "./shared/versions/adopt-epoch.ts";
export { satisfiesSemverRange } from "./shared/versions/semver-range.ts";
export type { SemverRangeOptions } from "./shared/versions/semver-range.ts";
export { formatVers, parseVers, versContains, versFromNative } from "@plimsoll/model";
export type { VersConstraint, VersRange } from "@plimsoll/model";
export { endOfLife } from "./shared/distro/end-of-life.ts";

// Ecosystems: one line of the registry for each
export * from "./registry.ts";

export { everyEcosystem } from "./every-ecosystem.ts";

/** Schemes that no ecosystem has for its own, and further names of those that one has. */
const otherSchemes: readonly (readonly [string, VersionScheme])[] = [
  ...[
    datetimeVersions,
    fuzzyVersions,
    genericVersions,
    jvmVersions,
    kbVersions,
    lexicographicVersions,
    opensslVersions,
  ].map((scheme) => [scheme.id, scheme] as const),
  ["arch", registry.alpm.versions],
  ["dpkg", registry.deb.versions],
  ["ebuild", registry.portage.versions],
  ["github", semver],
  ["intdot", genericVersions],
  ["nginx", nginxVersions],
  ["pacman", registry.alpm.versions],
  ["pep440", registry.pypi.versions],
];

/** Where two ecosystems share a scheme it is the same value, so that order does not matter. */
const schemes: ReadonlyMap<string, VersionScheme> = new Map([
  ...otherSchemes,
  ...everyEcosystem.map(({ id, versions }) => [id, versions] as const),
  ...everyEcosystem.map(({ versions }) => [versions.id, versions] as const),
]);

/**
 * The version scheme with this id; undefined when there is none. Ids are those of schemes (`debian`, `alpine`, `semver`)
 * and of the ecosystems that use them (`deb`, `apk`, `npm`).
 */
export function versionScheme(id: string): VersionScheme | undefined {
  return schemes.get(id);
}
