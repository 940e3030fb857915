import { formatPurl } from "@plimsoll/formats";
import type { Ecosystem } from "@plimsoll/model";
import { distroQualifier, unknownDistro, unsupportedDistro } from "../shared/distro/distro-support.ts";
import { distroAnalyzers } from "../shared/distro/os-release.ts";
import { keysOf, namespaceOf, repositories, settles } from "./advisory-keys.ts";
import { installed } from "./installed.ts";
import { versions } from "./versions.ts";

/** Alpine and the other distributions that install with apk. */
export const apk: Ecosystem = {
  id: "apk",
  class: "os",
  analyzers: [installed, repositories, ...distroAnalyzers],
  versions,
  purl: (pkg, distro) =>
    formatPurl({
      type: "apk",
      namespace: distro?.id ?? "alpine",
      name: pkg.name,
      version: pkg.version,
      qualifiers: {
        arch: pkg.architecture,
        distro: distroQualifier(distro),
        upstream: pkg.source?.name === pkg.name ? undefined : pkg.source?.name,
      },
    }),
  advisoryKeys: (pkg, distro) => (distro === undefined ? [] : keysOf(pkg, distro)),
  applicability: { settles },
  lookupGap: (_, distro) => {
    if (distro === undefined) return unknownDistro;
    return namespaceOf(distro) === undefined ? unsupportedDistro(distro) : undefined;
  },
};
