import { formatPurl } from "@plimsoll/formats";
import type { Ecosystem, FileAnalyzer } from "@plimsoll/model";
import { distroQualifier, unknownDistro, unsupportedDistro } from "../shared/distro/distro-support.ts";
import { parseStatus } from "../shared/reading/dpkg-status.ts";
import { maxTextDatabaseBytes } from "../shared/reading/package-limit.ts";
import { dpkgVersions } from "../shared/versions/dpkg-versions.ts";
import { distroAnalyzers } from "../shared/distro/os-release.ts";

const statusFiles = ["usr/lib/opkg/status", "var/lib/opkg/status", "lib/opkg/status", "opt/lib/opkg/status"];

const status: FileAnalyzer = {
  kind: "file",
  id: "opkg/status",
  revision: 2,
  matches: statusFiles.map((path) => ({ path })),
  maxBytes: maxTextDatabaseBytes,
  async *analyze(file) {
    yield* parseStatus(file, await file.text(), true);
  },
};

const directories = ["usr/lib/opkg/info", "var/lib/opkg/info", "lib/opkg/info", "opt/lib/opkg/info"];

const fileLists: FileAnalyzer = {
  kind: "file",
  id: "opkg/file-lists",
  revision: 1,
  matches: directories.map((directory) => ({ directory })),
  async *analyze(file) {
    const [, owner] = /([^/]+)\.list$/.exec(file.path) ?? [];
    if (owner === undefined) return;
    const paths = (await file.text()).split("\n").flatMap((line) => /^\/+([^/\s].*)$/s.exec(line.trim())?.[1] ?? []);
    if (paths.length > 0) yield { kind: "ownership", owner, paths };
  },
};

/** What each package says of itself, for images whose status file was removed to save space. */
const controls: FileAnalyzer = {
  kind: "file",
  id: "opkg/controls",
  revision: 1,
  matches: directories.map((directory) => ({ directory })),
  yieldsTo: { files: statusFiles },
  maxBytes: 1024 * 1024,
  async *analyze(file) {
    if (file.path.endsWith(".control")) yield* parseStatus(file, await file.text(), false);
  },
};

/** OpenWrt, Yocto and other small systems that install with opkg. Nobody publishes advisories for its packages. */
export const opkg: Ecosystem = {
  id: "opkg",
  class: "os",
  analyzers: [status, fileLists, controls, ...distroAnalyzers],
  versions: dpkgVersions,
  purl: (pkg, distro) =>
    formatPurl({
      type: "opkg",
      name: pkg.name,
      version: pkg.version,
      qualifiers: { arch: pkg.architecture, distro: distroQualifier(distro) },
    }),
  advisoryKeys: () => [],
  lookupGap: (_, distro) => (distro === undefined ? unknownDistro : unsupportedDistro(distro)),
};
