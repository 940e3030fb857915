import { formatPurl } from "@plimsoll/formats";
import type { Ecosystem } from "@plimsoll/model";
import { distroQualifier, unknownDistro, unsupportedDistro } from "../shared/distro/distro-support.ts";
import { distroAnalyzers } from "../shared/distro/os-release.ts";
import { description, files } from "./local-database.ts";
import { versions } from "./versions.ts";

/** Arch Linux and the distributions that install with pacman. */
export const alpm: Ecosystem = {
  id: "alpm",
  class: "os",
  analyzers: [description, files, ...distroAnalyzers],
  versions,
  purl: (pkg, distro) =>
    formatPurl({
      type: "alpm",
      namespace: distro?.id ?? "arch",
      name: pkg.name,
      version: pkg.version,
      qualifiers: {
        arch: pkg.architecture,
        distro: distroQualifier(distro),
        upstream: pkg.source?.name === pkg.name ? undefined : pkg.source?.name,
      },
    }),
  // The Arch security tracker names binary packages; derivatives rebuild them at other times.
  advisoryKeys: (pkg, distro) =>
    distro?.id === "arch" ? [{ namespace: "Arch Linux", name: pkg.name, version: pkg.version }] : [],
  lookupGap: (_, distro) => {
    if (distro === undefined) return unknownDistro;
    return distro.id === "arch" ? undefined : unsupportedDistro(distro);
  },
};
