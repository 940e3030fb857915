import { formatPurl } from "@plimsoll/formats";
import type { Ecosystem, FileAnalyzer, Observation } from "@plimsoll/model";
import { defineEcosystem } from "../define-ecosystem.ts";
import { distroQualifier, unknownDistro, unsupportedDistro } from "../shared/distro/distro-support.ts";
import { malformedFile } from "../shared/reading/malformed-file.ts";
import { distroAnalyzers } from "../shared/distro/os-release.ts";

const directories = ["var/lib/pkgtools/packages", "var/log/packages"];

/** One file per package, named `name-version-architecture-build`, with a list of its files. */
const records: FileAnalyzer = {
  kind: "file",
  id: "slackware/records",
  revision: 1,
  matches: directories.map((directory) => ({ directory })),
  async *analyze(file): AsyncGenerator<Observation> {
    const entry = file.path.slice(file.path.lastIndexOf("/") + 1);
    const parts = entry.split("-");
    const [version, architecture, build] = parts.slice(-3);
    const name = parts.slice(0, -3).join("-");
    if (name === "" || !version || !architecture || !build) {
      yield malformedFile(file, `${entry} is not of the form name-version-architecture-build`);
      return;
    }
    yield { kind: "package", package: { name, version: `${version}-${build}`, architecture, key: entry } };
    const paths = parseFileList(await file.text());
    if (paths.length > 0) yield { kind: "ownership", owner: entry, paths };
  },
};

/** What follows `FILE LIST:`; directories end in a slash. */
function parseFileList(text: string): readonly string[] {
  const start = text.indexOf("FILE LIST:");
  if (start === -1) return [];
  return text
    .slice(start)
    .split("\n")
    .slice(1)
    .map((line) => line.trim().replace(/^\/+/, ""))
    .filter((path) => path !== "" && !path.endsWith("/"));
}

/** Slackware. Nobody publishes its advisories in a form that can be matched. */
export const slackware: Ecosystem = defineEcosystem({
  id: "slackware",
  class: "os",
  analyzers: [records, ...distroAnalyzers],
  purl: (pkg, distro) =>
    formatPurl({
      type: "generic",
      namespace: distro?.id ?? "slackware",
      name: pkg.name,
      version: pkg.version,
      qualifiers: { arch: pkg.architecture, distro: distroQualifier(distro) },
    }),
  lookupGap: (_, distro) => (distro === undefined ? unknownDistro : unsupportedDistro(distro)),
});
