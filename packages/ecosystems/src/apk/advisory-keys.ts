import type { AdvisoryKey, AffectedPackage, Distro, DistroObservation, FileAnalyzer, Package } from "@plimsoll/model";
import { highestRanked, isCurated, isSealed, rebuilderNamespace } from "../shared/distro/rebuilds.ts";

/** Distributions whose advisories know no releases, by os-release id. */
const rolling: ReadonlyMap<string, string> = new Map([
  ["chainguard", "Chainguard"],
  ["cleanstart", "CleanStart"],
  ["minimos", "MinimOS"],
  ["wolfi", "Wolfi"],
]);

/** Distributions whose advisories are kept by the whole `VERSION_ID`. */
const byVersion: ReadonlyMap<string, string> = new Map([
  ["alpaquita", "Alpaquita"],
  ["bellsoft-hardened-containers", "BellSoft Hardened Containers"],
]);

/** The Alpine release under each postmarketOS release: https://wiki.postmarketos.org/wiki/Releases, read 2026-08. */
const alpineUnderPostmarket: ReadonlyMap<string, string> = new Map([
  ["20.05", "3.12"],
  ["21.03", "3.13"],
  ["21.06", "3.14"],
  ["21.12", "3.15"],
  ["22.06", "3.16"],
  ["22.12", "3.17"],
  ["23.06", "3.18"],
  ["23.12", "3.19"],
  ["24.06", "3.20"],
  ["24.12", "3.21"],
  ["25.06", "3.22"],
  ["25.12", "3.23"],
]);

/** Set by {@link repositories}: the release that packages come from, where it is not that of os-release. */
const repositoryRelease = "apk-repository";

/** The OSV ecosystem of a distribution's advisories (OSV schema, "Defined ecosystems"); undefined where there is none. */
export function namespaceOf(distro: Distro): string | undefined {
  const { id, versionId = "" } = distro;
  if (id === "alpine") return alpine(distro.facts?.[repositoryRelease] ?? versionId);
  if (id === "postmarketos") return alpine(alpineUnderPostmarket.get(versionId.replace(/^v/, "")) ?? "");
  const versioned = byVersion.get(id);
  if (versioned !== undefined) return versionId === "" ? undefined : `${versioned}:${versionId}`;
  return rolling.get(id);
}

/** The keys under which the advisories of a distribution, and of vendors that rebuild its packages, may be about a package. */
export function keysOf(pkg: Package, distro: Distro): readonly AdvisoryKey[] {
  // By origin, whose version is always the package's own.
  const { name, version } = pkg.source ?? pkg;
  if (isSealed([pkg.name, name])) return [{ namespace: "Seal:Alpine", name, version }];
  const own = namespaceOf(distro);
  const branch = /^Alpine:v(.+)$/.exec(own ?? "")?.[1];
  const curated = branch === undefined || !isCurated(distro) ? undefined : `RapidFort:Alpine:${branch}`;
  // Root.io's packages have revisions such as r10071.
  const rebuilt = branch !== undefined && /-r\d007\d/.test(pkg.version) ? `Root:Alpine:${branch}` : undefined;
  return [
    ...(curated === undefined
      ? []
      : [...new Set([name, pkg.name])].map((each) => ({ namespace: curated, name: each, version }))),
    ...[rebuilt, own].flatMap((namespace) => (namespace === undefined ? [] : [{ namespace, name, version }])),
  ];
}

/**
 * Entries of a vendor that rebuilds packages supersede those of the distribution; among the vendor's, those about the origin go before
 * those about the package.
 */
export function settles(pkg: Package, entries: readonly AffectedPackage[]): readonly AffectedPackage[] {
  return highestRanked(entries, ({ namespace, name }) => {
    if (!rebuilderNamespace.test(namespace)) return 0;
    return name === (pkg.source ?? pkg).name ? 2 : 1;
  });
}

/** `3.10.9` → `Alpine:v3.10`; a development snapshot such as `3.21_alpha20240923` is edge. */
function alpine(release: string): string | undefined {
  if (release === "edge" || /_alpha/.test(release)) return "Alpine:edge";
  const branch = /^v?(\d+\.\d+)(?:$|[._])/.exec(release)?.[1];
  return branch === undefined ? undefined : `Alpine:v${branch}`;
}

/** The repositories that packages come from. They tell the release better than os-release, which an image may have from its base. */
export const repositories: FileAnalyzer = {
  kind: "file",
  id: "apk/repositories",
  revision: 2,
  matches: [{ path: "etc/apk/repositories" }, { directory: "etc/apk/repositories.d" }],
  maxBytes: 64 * 1024,
  async *analyze(file) {
    const release = releaseOfRepositories(await file.text());
    if (release !== undefined) yield observation(release);
  },
};

function observation(release: string): DistroObservation {
  return { kind: "distro", distro: { facts: { [repositoryRelease]: release } }, rank: 110, onlyFor: "alpine" };
}

/**
 * The newest branch of the repositories that apply to all packages (`…/alpine/v3.20/main`): apk takes what is newest of all of them.
 * `@edge …` applies only where asked for, and `testing` has no packages that a release has.
 */
export function releaseOfRepositories(text: string): string | undefined {
  let newest: string | undefined;
  for (const line of text.split("\n")) {
    const branch = /^\s*(?:https?|ftp):\/\/\S*\/(edge|v\d+\.\d+)\/(?:main|community)\/?\s*$/.exec(line)?.[1];
    if (branch !== undefined && (newest === undefined || isNewer(branch, newest))) newest = branch;
  }
  return newest;
}

function isNewer(branch: string, other: string): boolean {
  if (branch === "edge" || other === "edge") return branch === "edge";
  const [major = 0, minor = 0] = branch.slice(1).split(".").map(Number);
  const [otherMajor = 0, otherMinor = 0] = other.slice(1).split(".").map(Number);
  return major > otherMajor || (major === otherMajor && minor > otherMinor);
}
