import type { AdvisoryKey, AffectedPackage, Distro, LookupGap, Package } from "@plimsoll/model";
import { highestRanked, isCurated, isSealed, rebuilderNamespace } from "../shared/distro/rebuilds.ts";
import { redHatNamespaces } from "./red-hat-products.ts";
import { suseNamespaces } from "./suse-products.ts";

interface Family {
  /** OSV ecosystems (OSV schema, "Defined ecosystems"; Amazon and Oracle, which OSV lacks, in the same manner). */
  readonly namespaces: (distro: Distro) => readonly string[];
  /** Which package the advisories name. SUSE's name the source and list its binaries. */
  readonly names: "binary" | "source" | "both";
  /** What the vendor field says in the distribution's own packages. */
  readonly vendor: RegExp;
}

const suse: Omit<Family, "vendor"> = { namespaces: suseNamespaces, names: "both" };

/** What is known of each distribution that installs with rpm, by os-release id. */
const families: ReadonlyMap<string, Family> = new Map<string, Family>([
  ["almalinux", { namespaces: almaLinux, names: "binary", vendor: /almalinux/i }],
  ["amzn", { namespaces: amazon, names: "binary", vendor: /amazon/i }],
  ["azurelinux", { namespaces: byMajor("Azure Linux"), names: "source", vendor: /microsoft/i }],
  ["centos", { namespaces: centos, names: "binary", vendor: /centos|red hat/i }],
  ["fedora", { namespaces: byMajor("Fedora"), names: "binary", vendor: /fedora/i }],
  ["mageia", { namespaces: byMajor("Mageia"), names: "source", vendor: /mageia/i }],
  ["mariner", { namespaces: byMajor("Azure Linux"), names: "source", vendor: /microsoft/i }],
  ["ol", { namespaces: byMajor("Oracle Linux"), names: "binary", vendor: /oracle/i }],
  ["openeuler", { namespaces: openEuler, names: "source", vendor: /openeuler/i }],
  ["photon", { namespaces: photon, names: "source", vendor: /vmware|broadcom/i }],
  ["rhel", { namespaces: redHatNamespaces, names: "binary", vendor: /red hat/i }],
  ["rocky", { namespaces: byMajor("Rocky Linux"), names: "binary", vendor: /rocky|resf/i }],
  ...["opensuse", "opensuse-leap", "opensuse-leap-micro", "opensuse-microos", "opensuse-tumbleweed"].map(
    (id) => [id, { ...suse, vendor: /^(?:open)?SUSE\b/i }] as const,
  ),
  ...["sled", "sle_hpc", "sle-micro", "sle-micro-rancher", "sles", "sles_sap", "sl-micro", "suse-microos"].map(
    (id) => [id, { ...suse, vendor: /^(?:open)?SUSE\b/i }] as const,
  ),
]);

/** The OSV ecosystems of a distribution's advisories; none where nobody publishes any. */
export function namespacesOf(distro: Distro): readonly string[] {
  return families.get(distro.id)?.namespaces(distro) ?? [];
}

/** The keys under which the distribution's advisories, and those of vendors that rebuild its packages, may be about a package. */
export function keysOf(pkg: Package, distro: Distro): readonly AdvisoryKey[] {
  const binary = { name: pkg.name, version: pkg.version };
  const source = pkg.source ?? binary;
  if (isSealed([pkg.name, source.name])) {
    const major = /el(\d+)/.exec(source.version)?.[1];
    return major === undefined ? [] : [{ namespace: `Seal:Red Hat:${major}`, ...source }];
  }
  const names = families.get(distro.id)?.names ?? "binary";
  const wanted = names === "binary" ? [binary] : names === "source" ? [source] : [binary, source];
  const own = thirdPartyGap(pkg, distro) === undefined ? namespacesOf(distro) : [];
  return [
    ...rapidFortKeys(pkg, distro),
    ...own.flatMap((namespace) => distinct(wanted).map(({ name, version }) => ({ namespace, name, version }))),
  ];
}

function distinct<T extends { readonly name: string }>(wanted: readonly T[]): readonly T[] {
  return wanted.filter(({ name }, at) => wanted.findIndex((other) => other.name === name) === at);
}

/** What RapidFort calls the families whose images it rebuilds. */
const curatedFamilies: ReadonlyMap<string, string> = new Map([
  ["almalinux", "Alma"],
  ["amzn", "Amazon linux"],
  ["ol", "Oracle Linux"],
  ["rhel", "Red Hat"],
  ["rocky", "Rocky"],
]);

/** The mark of the distribution in a package's release (`.el9`, `.fc39`, `.rf1`) says whose advisories speak of it; else the image's. */
function rapidFortKeys(pkg: Package, distro: Distro): readonly AdvisoryKey[] {
  const family = isCurated(distro) ? curatedFamilies.get(distro.id) : undefined;
  if (family === undefined) return [];
  const source = pkg.source ?? pkg;
  const [, mark, release] = /^.*\.(el|fc|amzn)(\d*)(?![A-Za-z])/s.exec(source.version) ?? [];
  const major = release || /^\d+/.exec(distro.versionId ?? "")?.[0];
  const namespace = /\.rf(?:\d+|[a-z]*)(?:[.-]|$)/.test(source.version)
    ? `RapidFort:${family}`
    : `RapidFort:${mark === "fc" ? "Fedora" : family}:${major ?? ""}`;
  return distinct([source, pkg]).map(({ name }) => ({ namespace, name, version: source.version }));
}

/**
 * Entries of RapidFort supersede those of the distribution; among them, those about the source go first. A fix that Red Hat published
 * supersedes its "not fixed yet" about the same vulnerability, which it keeps for products without a fix.
 */
export function settles(pkg: Package, entries: readonly AffectedPackage[]): readonly AffectedPackage[] {
  return highestRanked(entries, ({ namespace, name, ranges }) => {
    if (rebuilderNamespace.test(namespace)) return name === (pkg.source ?? pkg).name ? 3 : 2;
    return namespace.startsWith("Red Hat:") && ranges.some(({ end }) => end.kind !== "open") ? 1 : 0;
  });
}

/** The gap for a package of another vendor, such as one of EPEL, to which the distribution's advisories do not apply. */
export function thirdPartyGap({ supplier = "", version }: Package, distro: Distro): LookupGap | undefined {
  const family = families.get(distro.id);
  if (family === undefined) return undefined;
  // Remi's packages say so in their release, also where the vendor was lost.
  const stated = supplier === "" && /\.remi(?:\.\d+)?$/.test(version) ? "Remi's repository" : supplier;
  if (stated === "" || family.vendor.test(stated)) return undefined;
  const vendor = /^fedora/i.test(stated) ? `${stated} (EPEL)` : stated;
  return {
    code: "third-party-package",
    message: `Packages from ${vendor} are not part of ${distro.name ?? distro.id}, so its advisories do not apply to them`,
  };
}

function byMajor(name: string): Family["namespaces"] {
  return ({ versionId }) => {
    const major = /^\d+(?=$|\.)/.exec(versionId ?? "")?.[0];
    return major === undefined ? [] : [`${name}:${major}`];
  };
}

/** Kitten is ahead of the release, as Stream is of Red Hat's, and has no advisories. */
function almaLinux(distro: Distro): readonly string[] {
  return distro.name?.includes("Kitten") === true ? [] : byMajor("AlmaLinux")(distro);
}

/** The first Amazon Linux is numbered by dates: 2018.03. The preview 2022 became 2023. */
function amazon({ versionId }: Distro): readonly string[] {
  const major = /^\d+(?=$|\.)/.exec(versionId ?? "")?.[0];
  if (major === undefined) return [];
  return [`Amazon Linux:${/^201\d$/.test(major) ? "1" : major}`];
}

/** Rebuilds of Red Hat's packages under the same versions; Stream is ahead of them and has no advisories. */
function centos(distro: Distro): readonly string[] {
  return distro.name?.includes("Stream") === true || distro.prettyName?.includes("Stream") === true
    ? []
    : redHatNamespaces(distro);
}

function photon({ versionId }: Distro): readonly string[] {
  return versionId !== undefined && /^\d+\.\d+$/.test(versionId) ? [`Photon OS:${versionId}`] : [];
}

/** `22.03`, and `LTS-SP4` from the pretty name `openEuler 22.03 (LTS-SP4)`. */
function openEuler({ versionId, prettyName }: Distro): readonly string[] {
  if (versionId === undefined || !/^\d+\.\d+$/.test(versionId)) return [];
  const edition = /\(([A-Za-z0-9-]+)\)/.exec(prettyName ?? "")?.[1];
  return [`openEuler:${versionId}${edition === undefined ? "" : `-${edition}`}`];
}
