import { formatPurl } from "@plimsoll/formats";
import type { Ecosystem } from "@plimsoll/model";
import { distroQualifier, unknownDistro, unsupportedDistro } from "../shared/distro/distro-support.ts";
import { distroAnalyzers } from "../shared/distro/os-release.ts";
import { portageVersions } from "../shared/versions/portage-versions.ts";
import { contents, license } from "./installed.ts";
import { fullName } from "./pf.ts";

/** Gentoo and the distributions that install with portage. */
export const portage: Ecosystem = {
  id: "portage",
  class: "os",
  analyzers: [contents, license, fullName, ...distroAnalyzers],
  versions: portageVersions,
  purl: (pkg, distro) => {
    const slash = pkg.name.indexOf("/");
    return formatPurl({
      type: "ebuild",
      namespace: slash === -1 ? undefined : pkg.name.slice(0, slash),
      name: pkg.name.slice(slash + 1),
      version: pkg.version,
      qualifiers: { distro: distroQualifier(distro) },
    });
  },
  advisoryKeys: (pkg, distro) =>
    distro?.id === "gentoo" ? [{ namespace: "Gentoo", name: pkg.name, version: pkg.version }] : [],
  lookupGap: (_, distro) => {
    if (distro === undefined) return unknownDistro;
    return distro.id === "gentoo" ? undefined : unsupportedDistro(distro);
  },
};
