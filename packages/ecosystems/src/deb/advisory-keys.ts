import type { Distro, LookupGap, Package } from "@plimsoll/model";

/** The release of Debian that a codename stands for: testing and unstable have no number in os-release. */
const debianReleases: ReadonlyMap<string, string> = new Map([
  ["jessie", "8"],
  ["stretch", "9"],
  ["buster", "10"],
  ["bullseye", "11"],
  ["bookworm", "12"],
  ["trixie", "13"],
  ["forky", "14"],
  ["duke", "15"],
]);

/** Services of Ubuntu Pro by the word that OSV has for them between `Ubuntu:` and the release. */
const proNamespaces: readonly (readonly [string, readonly string[]])[] = [
  ["Pro", ["esm-infra", "esm-apps", "esm-infra-legacy"]],
  ["Pro:FIPS", ["fips"]],
  ["Pro:FIPS-updates", ["fips-updates"]],
  ["Pro:FIPS-preview", ["fips-preview"]],
  ["Pro:Realtime", ["realtime-kernel"]],
];

/** The OSV ecosystems of a distribution's advisories (OSV schema, "Defined ecosystems"); none where nobody publishes any. */
export function namespacesOf(distro: Distro): readonly string[] {
  switch (distro.id) {
    case "debian":
    case "raspbian": {
      const release = debianRelease(distro);
      return release === undefined ? [] : [`Debian:${release}`];
    }
    case "ubuntu":
      return ubuntu(distro);
    case "echo":
      return ["Echo"];
    default:
      return [];
  }
}

/** Unstable is always ahead of advisories, which speak of releases. */
function debianRelease({ versionId, codename }: Distro): string | undefined {
  const major = /^\d+(?=$|\.)/.exec(versionId ?? "")?.[0];
  return major ?? debianReleases.get(codename ?? "");
}

function ubuntu({ versionId, channels }: Distro): readonly string[] {
  const release = /^(\d\d)\.(\d\d)/.exec(versionId ?? "");
  if (release === null) return [];
  // Long-term support: April of even years.
  const lts = release[2] === "04" && Number(release[1]) % 2 === 0 ? ":LTS" : "";
  const words = proNamespaces
    .filter(([, services]) => services.some((service) => channels?.includes(service) === true))
    .map(([word]) => `${word}:`);
  return ["", ...words].map((word) => `Ubuntu:${word}${release[0]}${lts}`);
}

/** Who else publishes packages for Debian and Ubuntu, by what their maintainers or versions show, with a name for people. */
const thirdParties: readonly { readonly name: string; readonly maintainer?: RegExp; readonly version?: RegExp }[] = [
  { name: "Docker", maintainer: /@docker\.com>|^Docker\b/i },
  { name: "NodeSource", maintainer: /nodesource/i, version: /nodesource/ },
  { name: "Google", maintainer: /@google\.com>/i },
  { name: "Microsoft", maintainer: /@microsoft\.com>|^Microsoft\b/i },
  { name: "HashiCorp", maintainer: /hashicorp/i },
  { name: "Oracle MySQL", maintainer: /@(?:mysql|oracle)\.com>/i },
  { name: "MariaDB Foundation", maintainer: /@mariadb\.(?:org|com)>/i, version: /\+maria~/ },
  { name: "MongoDB", maintainer: /@(?:mongodb|10gen)\.com>|^MongoDB\b/i },
  { name: "Elastic", maintainer: /@elastic\.co>|^Elastic\b/i },
  { name: "NGINX", maintainer: /@nginx\.com>/i },
  { name: "GitHub", maintainer: /@github\.com>/i },
  { name: "GitLab", maintainer: /@gitlab\.com>/i },
  { name: "Grafana Labs", maintainer: /@grafana\.com>/i },
  { name: "Kubernetes", maintainer: /@kubernetes\.io>|^Kubernetes Authors/i },
  { name: "NVIDIA", maintainer: /@nvidia\.com>/i },
  { name: "Datadog", maintainer: /@datadoghq\.com>/i },
  { name: "Hewlett Packard", maintainer: /@hpe\.com>/i },
  { name: "PostgreSQL Global Development Group", version: /\.pgdg\d/ },
  { name: "deb.sury.org", version: /deb\.sury\.org/ },
  { name: "Adoptium", maintainer: /@(?:adoptium|eclipse)\.(?:net|org)>/i },
  { name: "Azul", maintainer: /@azul(?:systems)?\.com>/i },
  // Vendors of patched rebuilds, whose versions continue the distribution's.
  { name: "Root.io", version: /\.root\.io\./ },
  { name: "Seal Security", version: /\+sp\d+$/ },
  { name: "a personal package archive", version: /[~+]ppa|~(?:bionic|focal|jammy|noble|xenial|trusty)\d?$/ },
];

/** Why the distribution's advisories do not speak of a package, where its maintainer, origin or version shows another vendor. */
export function thirdPartyGap(pkg: Package, distro: Distro): LookupGap | undefined {
  const origin = pkg.facts?.["origin"];
  const vendor =
    origin !== undefined && !/^(?:debian|ubuntu)/i.test(origin)
      ? origin
      : thirdParties.find(
          ({ maintainer, version }) =>
            maintainer?.test(pkg.supplier ?? "") === true || version?.test(pkg.version) === true,
        )?.name;
  return vendor === undefined
    ? undefined
    : {
        code: "third-party-package",
        message: `Packages from ${vendor} are not part of ${distro.name ?? distro.id}, whose advisories do not speak of them`,
      };
}
