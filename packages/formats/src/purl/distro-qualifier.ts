import type { PurlParts } from "./purl.ts";

/** A release of a distribution, as the qualifier `distro` of a package URL names it. */
export interface DistroQualifier {
  /** `ID` of os-release. */
  readonly id: string;
  readonly versionId?: string;
  readonly codename?: string;
}

/** Names of distributions that scanners write where os-release says otherwise. */
const otherNames: ReadonlyMap<string, string> = new Map([
  ["amazon", "amzn"],
  ["amazonlinux", "amzn"],
  ["alma", "almalinux"],
  ["cbl-mariner", "mariner"],
  ["opensuse.leap", "opensuse-leap"],
  ["opensuse.tumbleweed", "opensuse-tumbleweed"],
  ["oracle", "ol"],
  ["oraclelinux", "ol"],
  ["redhat", "rhel"],
  ["red hat enterprise linux", "rhel"],
  ["rockylinux", "rocky"],
  ["suse linux enterprise server", "sles"],
  ["suse linux enterprise micro", "sle-micro"],
]);

/** The releases that have names: https://www.debian.org/releases, https://wiki.ubuntu.com/Releases. */
const releases: ReadonlyMap<string, readonly [id: string, versionId: string]> = new Map([
  ...namedReleases("debian", {
    woody: "3.0",
    sarge: "3.1",
    etch: "4",
    lenny: "5",
    squeeze: "6",
    wheezy: "7",
    jessie: "8",
    stretch: "9",
    buster: "10",
    bullseye: "11",
    bookworm: "12",
    trixie: "13",
    forky: "14",
    duke: "15",
  }),
  ...namedReleases("ubuntu", {
    precise: "12.04",
    trusty: "14.04",
    xenial: "16.04",
    bionic: "18.04",
    focal: "20.04",
    groovy: "20.10",
    hirsute: "21.04",
    impish: "21.10",
    jammy: "22.04",
    kinetic: "22.10",
    lunar: "23.04",
    mantic: "23.10",
    noble: "24.04",
    oracular: "24.10",
    plucky: "25.04",
    questing: "25.10",
  }),
]);

function namedReleases(
  id: string,
  versions: Readonly<Record<string, string>>,
): readonly (readonly [string, readonly [string, string]])[] {
  return Object.entries(versions).map(([name, version]) => [name, [id, version]]);
}

/** The `ID` of os-release for a distribution's name in a document. */
export function distroId(name: string): string {
  const lower = name.trim().toLowerCase();
  return otherNames.get(lower) ?? lower;
}

/** The number of a release of Debian or Ubuntu that goes by a name; undefined for other words. */
export function releaseNamed(codename: string): { readonly id: string; readonly versionId: string } | undefined {
  const [id, versionId] = releases.get(codename.trim().toLowerCase()) ?? [];
  return id === undefined || versionId === undefined ? undefined : { id, versionId };
}

/**
 * What the qualifier `distro` says: `debian-12`, `buster`, `debian-buster`, or `3.9.0` below the namespace `alpine`. The one place that
 * reads it, for SBOMs, VEX documents and ignore files. Undefined: there is none.
 */
export function distroOfPurl({ namespace, qualifiers }: PurlParts): DistroQualifier | undefined {
  const text = qualifiers?.["distro"]?.trim();
  if (text === undefined || text === "") return undefined;
  const named = releaseNamed(text.slice(text.lastIndexOf("-") + 1));
  const before = text.includes("-") ? distroId(text.slice(0, text.lastIndexOf("-"))) : undefined;
  if (named !== undefined && (before ?? named.id) === named.id)
    return { ...named, codename: text.slice(text.lastIndexOf("-") + 1).toLowerCase() };
  const [, name, version] = /^(.*?[^-])-(\d[^-]*|rolling|tumbleweed|sid)$/.exec(text) ?? [];
  if (name !== undefined && version !== undefined) return { id: distroId(name), versionId: version };
  if (/^\d/.test(text) && namespace !== undefined) return { id: distroId(namespace), versionId: text };
  return { id: distroId(text) };
}

/** Whether two such statements may mean the same release: one may say less, `debian` or `3.9` for `3.9.0`. */
export function isSameDistro(a: DistroQualifier, b: DistroQualifier): boolean {
  if (a.id !== b.id) return false;
  if (a.versionId === undefined || b.versionId === undefined) return true;
  const [short, long] =
    a.versionId.length <= b.versionId.length ? [a.versionId, b.versionId] : [b.versionId, a.versionId];
  return long === short || long.startsWith(`${short}.`);
}
