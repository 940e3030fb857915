import { formatPurl } from "@plimsoll/formats";
import type { Ecosystem } from "@plimsoll/model";
import { distroQualifier, unknownDistro, unsupportedDistro } from "../shared/distro/distro-support.ts";
import { distroAnalyzers } from "../shared/distro/os-release.ts";
import { rpmVersions } from "../shared/versions/rpm-versions.ts";
import { keysOf, namespacesOf, settles, thirdPartyGap } from "./advisory-keys.ts";
import { contentSets } from "./content-sets.ts";
import { databases } from "./databases.ts";
import { marinerManifest } from "./mariner-manifest.ts";
import { packageFile } from "./package-file.ts";
import { rejects, uncertain } from "./rejects.ts";
import { writeAheadLog } from "./write-ahead-log.ts";

/** Red Hat, SUSE and the other distributions that install with rpm. */
export const rpm: Ecosystem = {
  id: "rpm",
  class: "os",
  analyzers: [...databases, writeAheadLog, marinerManifest, contentSets, packageFile, ...distroAnalyzers],
  versions: rpmVersions,
  purl: (pkg, distro) => {
    const [, epoch, version] = /^(?:(\d+):)?(.*)$/s.exec(pkg.version) ?? [];
    return formatPurl({
      type: "rpm",
      namespace: distro === undefined ? undefined : purlNamespace(distro.id),
      name: pkg.name,
      version,
      qualifiers: {
        arch: pkg.architecture,
        distro: distroQualifier(distro),
        epoch,
        rpmmod: pkg.module,
        upstream: pkg.facts?.["sourcerpm"],
      },
    });
  },
  advisoryKeys: (pkg, distro) => (distro === undefined ? [] : keysOf(pkg, distro)),
  lookupGap: (pkg, distro) => {
    if (distro === undefined) return unknownDistro;
    return namespacesOf(distro).length === 0 ? unsupportedDistro(distro) : thirdPartyGap(pkg, distro);
  },
  applicability: { rejects, uncertain, settles },
};

/** Vendors, where purls name them otherwise than os-release. */
function purlNamespace(id: string): string {
  if (id === "rhel") return "redhat";
  if (id.startsWith("opensuse")) return "opensuse";
  return /^sl(?:es|ed|e[-_]|-)/.test(id) ? "suse" : id;
}
