import { formatPurl, xmlSteps, xmlChild } from "@plimsoll/formats";
import type { XmlElement } from "@plimsoll/formats";
import type { Ecosystem, FileAnalyzer, FoundPackage, Observation } from "@plimsoll/model";
import { defineEcosystem } from "../define-ecosystem.ts";
import { distroQualifier, unknownDistro, unsupportedDistro } from "../shared/distro/distro-support.ts";
import { malformedFile } from "../shared/reading/malformed-file.ts";
import { distroAnalyzers } from "../shared/distro/os-release.ts";
import { parsedFile } from "../shared/reading/parsed-file.ts";

/** The database of installed packages, a property list: package name to a dictionary of its properties. */
const database: FileAnalyzer = parsedFile({
  id: "xbps/database",
  revision: 2,
  matches: [{ path: "var/db/xbps/pkgdb-0.38.plist" }],
  steps: (text) => xmlSteps(text),
  *read({ root, problem }, file): Generator<Observation> {
    if (problem !== undefined) yield malformedFile(file, problem);
    for (const [name, properties] of pairsOf(xmlChild(root, "dict"))) {
      // Names that begin so hold what is not a package, such as alternatives.
      if (name.startsWith("_")) continue;
      const found = toPackage(name, new Map(pairsOf(properties)));
      if (found === undefined) yield malformedFile(file, `the package ${name} has no version`, properties.line);
      else yield { kind: "package", package: found, line: properties.line };
    }
  },
});

/** Keys and the elements that follow them. */
function pairsOf(dictionary: XmlElement | undefined): readonly (readonly [string, XmlElement])[] {
  const pairs: (readonly [string, XmlElement])[] = [];
  let key: string | undefined;
  for (const child of dictionary?.children ?? []) {
    if (child.name === "key") key = child.text.trim();
    else if (key !== undefined) {
      pairs.push([key, child]);
      key = undefined;
    }
  }
  return pairs;
}

/** `pkgver` is name, hyphen, version with revision: `openssl-3.3.2_1`. */
function toPackage(name: string, properties: ReadonlyMap<string, XmlElement>): FoundPackage | undefined {
  const text = (key: string): string | undefined => properties.get(key)?.text.trim() || undefined;
  const full = text("pkgver") ?? "";
  const version = full.startsWith(`${name}-`) ? full.slice(name.length + 1) : "";
  if (name === "" || version === "" || text("state") === "unpacked") return undefined;
  const architecture = text("architecture");
  const license = text("license");
  const supplier = text("maintainer");
  const dependsOn = (properties.get("run_depends")?.children ?? []).flatMap(
    (dependency) => /^[^<>=?*[]+/.exec(dependency.text.trim())?.[0].replace(/-$/, "") ?? [],
  );
  return {
    name,
    version,
    source: { name: text("source-revisions")?.split(":", 1)[0] ?? name, version },
    ...(architecture === undefined ? {} : { architecture }),
    ...(license === undefined ? {} : { licenses: [license] }),
    ...(supplier === undefined ? {} : { supplier }),
    ...(dependsOn.length === 0 ? {} : { dependsOn }),
  };
}

/** Void Linux, which installs with xbps. Nobody publishes advisories for its packages. */
export const xbps: Ecosystem = defineEcosystem({
  id: "xbps",
  class: "os",
  analyzers: [database, ...distroAnalyzers],
  purl: (pkg, distro) =>
    formatPurl({
      type: "generic",
      namespace: distro?.id ?? "void",
      name: pkg.name,
      version: pkg.version,
      qualifiers: { arch: pkg.architecture, distro: distroQualifier(distro) },
    }),
  lookupGap: (_, distro) => (distro === undefined ? unknownDistro : unsupportedDistro(distro)),
});
