import { releaseNamed } from "@plimsoll/formats";
import type { AdvisoryKey, AffectedPackage, Distro, Package } from "@plimsoll/model";
import { thirdPartyGap } from "./vendors.ts";
import { highestRanked, isCurated, isSealed, rebuilderNamespace } from "../shared/distro/rebuilds.ts";

/** Services of Ubuntu Pro that patch packages of the archive, and that rebuild some for FIPS 140, by the word OSV has for them. */
const proServices: readonly (readonly [word: string, services: readonly string[], packages: "all" | "fips"])[] = [
  ["Pro", ["esm-infra", "esm-apps", "esm-infra-legacy"], "all"],
  ["Pro:FIPS", ["fips"], "fips"],
  ["Pro:FIPS-updates", ["fips-updates"], "fips"],
  ["Pro:FIPS-preview", ["fips-preview"], "fips"],
  ["Pro:Realtime", ["realtime-kernel"], "all"],
];

/**
 * The keys, with versions, under which the advisories of a distribution, and of vendors that rebuild its packages, may be about a
 * package.
 */
export function keysOf(pkg: Package, distro: Distro): readonly AdvisoryKey[] {
  // Advisories name the source package, whose version lacks the marks of binary rebuilds.
  const { name, version } = pkg.source ?? pkg;
  if (isSealed([pkg.name, name])) return [{ namespace: "Seal:Debian", name, version }];
  const own = thirdPartyGap(pkg, distro) === undefined ? ownNamespaces(distro, name, version) : [];
  return [
    ...rapidFortKeys(pkg, distro),
    ...[...rootNamespaces(pkg, distro), ...own].map((namespace) => ({ namespace, name, version })),
  ];
}

/** The OSV ecosystems of a distribution's advisories (OSV schema, "Defined ecosystems"); none where nobody publishes any. */
export function namespacesOf(distro: Distro): readonly string[] {
  switch (distro.id) {
    case "debian":
    case "raspbian":
      return debianNamespaces(debianRelease(distro));
    case "ubuntu": {
      const release = ubuntuRelease(distro);
      return release === undefined ? [] : [`Ubuntu:${release}`];
    }
    case "echo":
      return ["Echo"];
    default:
      return [];
  }
}

/** Ubuntu has channels besides its archive, which not all packages come from. */
function ownNamespaces(distro: Distro, name: string, version: string): readonly string[] {
  const release = distro.id === "ubuntu" ? ubuntuRelease(distro) : undefined;
  if (release === undefined) return namespacesOf(distro);
  // `1.1.1f-1ubuntu2.fips.20`, `3.0.2-0ubuntu1.15+Fips1.1`.
  const isFips = /fips/i.test(name) || /fips/i.test(version);
  // Images are built with Pro attached and shipped without: then versions alone tell.
  const isExtended = /[+~]esm\d/.test(version);
  const words = proServices.flatMap(([word, services, packages]) => {
    if (packages === "fips" && !isFips) return [];
    const enabled = services.some((service) => distro.channels?.includes(service) === true);
    const shown = word === "Pro" ? isExtended : isFips && word === "Pro:FIPS-updates";
    return enabled || shown ? [`Ubuntu:${word}:${release}`] : [];
  });
  return [`Ubuntu:${release}`, ...words];
}

/** Root.io patches packages under their own names and marks the versions. */
function rootNamespaces({ version }: Package, distro: Distro): readonly string[] {
  if (!version.includes(".root.io")) return [];
  if (distro.id === "debian") return namespacesOf(distro).map((namespace) => `Root:${namespace}`);
  return distro.id === "ubuntu" && /^\d\d\.\d\d/.test(distro.versionId ?? "")
    ? [`Root:Ubuntu:${(distro.versionId ?? "").slice(0, 5)}`]
    : [];
}

/** RapidFort's own builds belong to no release; its advisories name sources or binaries. */
function rapidFortKeys(pkg: Package, distro: Distro): readonly AdvisoryKey[] {
  const family = isCurated(distro) ? { debian: "Debian", ubuntu: "Ubuntu" }[distro.id] : undefined;
  if (family === undefined) return [];
  const source = pkg.source ?? pkg;
  const release = distro.id === "ubuntu" ? distro.versionId?.slice(0, 5) : debianRelease(distro);
  const isOwnBuild = /\+rf|rfubu|\.rf(?:\.|$)/.test(source.version);
  const namespace = isOwnBuild || release === undefined ? `RapidFort:${family}` : `RapidFort:${family}:${release}`;
  return [...new Set([source.name, pkg.name])].map((name) => ({ namespace, name, version: source.version }));
}

/**
 * Entries of a vendor that rebuilds packages supersede those of the distribution, and those of a channel of Ubuntu Pro those of the
 * archive, whose "not fixed" only means "not without Pro". Among RapidFort's, those about the source go first.
 */
export function settles(pkg: Package, entries: readonly AffectedPackage[]): readonly AffectedPackage[] {
  return highestRanked(entries, ({ namespace, name }) => {
    if (rebuilderNamespace.test(namespace)) return name === (pkg.source ?? pkg).name ? 4 : 3;
    if (namespace.startsWith("Ubuntu:Pro:FIPS")) return 2;
    return namespace.startsWith("Ubuntu:Pro:") ? 1 : 0;
  });
}

/** Unstable is always ahead of advisories, which speak of releases: whole numbers, but for those before 4. */
function debianRelease({ versionId, codename }: Distro): string | undefined {
  const release = /^(?:3\.\d|\d+(?=$|\.))/.exec(versionId ?? "")?.[0];
  if (release !== undefined) return release;
  const named = releaseNamed(codename ?? "");
  return named?.id === "debian" ? named.versionId : undefined;
}

/** OSV has the numbers of the time, `Debian:6.0`, where others say `Debian:6` as of later releases. */
function debianNamespaces(release: string | undefined): readonly string[] {
  if (release === undefined) return [];
  return /^[4-6]$/.test(release) ? [`Debian:${release}.0`, `Debian:${release}`] : [`Debian:${release}`];
}

/** `22.04:LTS`: long-term support is April of even years. */
function ubuntuRelease({ versionId }: Distro): string | undefined {
  const release = /^(\d\d)\.(\d\d)/.exec(versionId ?? "");
  if (release === null) return undefined;
  return release[2] === "04" && Number(release[1]) % 2 === 0 ? `${release[0]}:LTS` : release[0];
}
