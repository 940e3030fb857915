import type { Distro, LookupGap } from "@plimsoll/model";

/** The `distro` purl qualifier, `alpine-3.10.9`, as Syft and Grype spell it; the id alone for rolling releases. */
export function distroQualifier(distro: Distro | undefined): string | undefined {
  if (distro === undefined) return undefined;
  const release = distro.versionId ?? distro.codename;
  return release === undefined ? distro.id : `${distro.id}-${release}`;
}

/** The gap for packages of a distribution that could not be identified. */
export const unknownDistro: LookupGap = {
  code: "unknown-distro",
  message: "The distribution is unknown: no release file names it, so its packages cannot be matched with advisories",
};

/** The gap for packages of a distribution, or of a release of it, without advisories. */
export function unsupportedDistro(distro: Distro): LookupGap {
  const name = distro.prettyName ?? [distro.name ?? distro.id, distro.versionId ?? ""].join(" ").trim();
  return {
    code: "unsupported-distro",
    message: `No advisory source covers ${name} (${distroQualifier(distro) ?? ""})`,
  };
}
