import { formatPurl } from "@plimsoll/formats";
import type { Ecosystem } from "@plimsoll/model";
import { distroQualifier, unknownDistro, unsupportedDistro } from "../shared/distro/distro-support.ts";
import { dpkgVersions } from "../shared/versions/dpkg-versions.ts";
import { distroAnalyzers } from "../shared/distro/os-release.ts";
import { keysOf, namespacesOf, settles } from "./advisory-keys.ts";
import { chisel } from "./chisel.ts";
import { fileLists } from "./file-lists.ts";
import { licenses } from "./licenses.ts";
import { packageFile } from "./package-file.ts";
import { snapBase } from "./snap-base.ts";
import { snapManifest } from "./snap-manifest.ts";
import { status } from "./status.ts";
import { thirdPartyGap } from "./vendors.ts";
import { ubuntuPro, ubuntuSupport } from "./ubuntu-pro.ts";

/** Debian, Ubuntu and the other distributions that install with dpkg. */
export const deb: Ecosystem = {
  id: "deb",
  class: "os",
  analyzers: [
    status,
    fileLists,
    licenses,
    chisel,
    snapBase,
    snapManifest,
    ubuntuPro,
    ubuntuSupport,
    packageFile,
    ...distroAnalyzers,
  ],
  versions: dpkgVersions,
  purl: (pkg, distro) => {
    const [, epoch, version] = /^(?:(\d+):)?(.*)$/s.exec(pkg.version) ?? [];
    return formatPurl({
      type: "deb",
      namespace: distro?.id ?? "debian",
      name: pkg.name,
      version,
      qualifiers: { arch: pkg.architecture, distro: distroQualifier(distro), epoch, upstream: upstreamOf(pkg) },
    });
  },
  advisoryKeys: (pkg, distro) => (distro === undefined ? [] : keysOf(pkg, distro)),
  applicability: { settles },
  lookupGap: (pkg, distro) => {
    if (distro === undefined) return unknownDistro;
    return namespacesOf(distro).length === 0 ? unsupportedDistro(distro) : thirdPartyGap(pkg, distro);
  },
};

/** `source@version`, as Syft spells it: what differs from the binary package. */
function upstreamOf({
  name,
  version,
  source,
}: {
  readonly name: string;
  readonly version: string;
  readonly source?: { readonly name: string; readonly version: string };
}): string | undefined {
  if (source === undefined || (source.name === name && source.version === version)) return undefined;
  return source.version === version ? source.name : `${source.name}@${source.version}`;
}
